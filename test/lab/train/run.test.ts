/** All parts of training together, on a network that plain JavaScript can train: does a checkpoint hold all of it? */
import { beforeAll, expect, test } from 'vitest'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../../../src/lab/train/checkpoint.js'
import type { Photographs as Data } from '../../../src/lab/train/data.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { beginRun, floatModelOfCheckpoint, resumeRun, saveRun, type Run } from '../../../src/lab/train/run.js'
import { trainStep } from '../../../src/lab/train/step.js'
import { tinyRecipe } from './tiny.js'

const RECIPE = await tinyRecipe({
  sizes: [
    { from: 0, batch: 2, crop: 16 },
    { from: 0.5, batch: 1, crop: 24 },
  ],
})
const STEPS = 12
const DATA: Data = { photographs: [drawScreen(1, 192), drawScreen(2, 192)], drawings: [drawScreen(3, 192)] }

let ops: Operations
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})

/** @returns how often the last fine layer was left out */
async function trainTo(run: Run, end: number): Promise<number> {
  let leftOut = 0
  while (run.step < end) if ((await trainStep(ops, run, DATA)).bits[2] === null) leftOut++
  return leftOut
}

test('training that goes on from a checkpoint is the same, to the bit', async () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  await trainTo(run, 5)
  const halfway = await saveRun(run, 0)
  const leftOut = await trainTo(run, STEPS)
  expect(leftOut).toBeGreaterThan(0)
  expect(leftOut).toBeLessThan(STEPS - 5)
  const whole = await saveRun(run, 0)

  const other = resumeRun(ops, halfway)
  expect([other.step, other.steps]).toEqual([5, STEPS])
  await trainTo(other, STEPS)
  expect(await saveRun(other, 0)).toEqual(whole)
  expect(readCheckpoint(whole).trained.get('ac.1.nodes')!.updates).toBeLessThan(STEPS)
})

test('a row of the log has every layer: bits and usage where it was coded', async () => {
  const { step, loss, bits, usage } = await trainStep(
    ops,
    beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null }),
    DATA,
  )
  expect(step).toBe(1)
  expect(loss.filter((x) => x !== null).length).toBeGreaterThan(0)
  expect([bits.length, usage.length]).toEqual([3, 3])
  expect(bits[0]).toBeGreaterThan(0)
  expect(usage[0]).toBeGreaterThanOrEqual(0)
  expect(usage[0]).toBeLessThanOrEqual(1)
})

test('the averaged weights of a checkpoint are a float model', async () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  await trainStep(ops, run, DATA)
  const { structure, model } = floatModelOfCheckpoint(await saveRun(run, 0))
  expect(structure.name).toBe('tiny')
  expect(floatModelOfCheckpoint(await saveRun(run, 0), 'mine').structure.name).toBe('mine')
  expect(model.fine.layers.map(({ K, n }) => [K, n])).toEqual([
    [2, 2],
    [3, 1],
  ])
})

test('a run stopped within its warm-up still has its minutes, and no number of steps', async () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: null, minutes: 5 })
  await trainStep(ops, run, DATA)
  expect(resumeRun(ops, await saveRun(run, 7))).toMatchObject({ step: 1, steps: null, minutes: 5, secondsBefore: 7 })
})

type Change = (saved: Checkpoint & { constants: Map<string, object>; trained: Map<string, object> }) => void
test.each<[string, Change, string]>([
  ['a constant', ({ constants }) => constants.delete('ac_ids'), 'weight ac_ids is missing'],
  ['a weight', ({ trained }) => trained.delete('ac.0.nodes'), 'weight ac.0.nodes is missing'],
  [
    'a shape',
    ({ constants }) => constants.set('dc_ids', { shape: [3], data: new Float32Array(3) }),
    'weight dc_ids is of shape [3]',
  ],
])('a checkpoint that lacks %s is damaged', async (_, change, message) => {
  const saved = readCheckpoint(await saveRun(beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null }), 0))
  const other = { ...saved, constants: new Map(saved.constants), trained: new Map(saved.trained) }
  change(other as never)
  expect(() => resumeRun(ops, writeCheckpoint(other))).toThrow(`damaged: the checkpoint's ${message}`)
})

test('a run keeps nothing but its variables, their slots and constants', () => {
  const { tf } = ops
  tf.disposeVariables()
  const before = tf.memory().numTensors
  const { adam, weights } = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  adam.dispose()
  tf.disposeVariables()
  expect(tf.memory().numTensors - before).toBe(weights.size - adam.variables.size)
})

test('a run goes on to a number of steps or minutes in all', async () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  await trainTo(run, 3)
  const saved = await saveRun(run, 60)
  const lengthAt = (steps: number | null, minutes: number | null) => {
    const { step, ...resumed } = resumeRun(ops, saved, { steps, minutes })
    return [step, resumed.steps, resumed.minutes]
  }
  expect(lengthAt(3, null)).toEqual([3, 3, null])
  expect(lengthAt(20, null)).toEqual([3, 20, null])
  // 3 steps of 512 pixels a minute: 9 minutes more are 13,824 pixels, 15.4 · 512 + 18.4 · 576 of them where half is done
  const [, steps] = lengthAt(null, 10)
  expect(steps).toBeGreaterThan(3 + 13_824 / 576)
  expect(steps).toBeLessThanOrEqual(3 + 13_824 / 512)
})

test('less than what is done is refused', async () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  await trainTo(run, 3)
  const saved = await saveRun(run, 60)
  expect(() => resumeRun(ops, saved, { steps: 2, minutes: null })).toThrow('steps is 2, allowed is at least the 3')
  expect(() => resumeRun(ops, saved, { steps: null, minutes: 1 })).toThrow('minutes is 1, allowed is at least the 1.0')
})

test('a stopped warm-up that goes on with other minutes is still a warm-up', async () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: null, minutes: 5 })
  await trainStep(ops, run, DATA)
  expect(resumeRun(ops, await saveRun(run, 7), { steps: null, minutes: 6 })).toMatchObject({ steps: null, minutes: 6 })
})

test('a run begins with the weights that it is given, and with random ones else', async () => {
  const length = { steps: STEPS, minutes: null }
  const given = new Map([['closing.bias', new Float32Array(192).fill(0.25)]])
  const begun = readCheckpoint(await saveRun(beginRun(ops, RECIPE, DATA, length, given), 0))
  const random = readCheckpoint(await saveRun(beginRun(ops, RECIPE, DATA, length), 0))
  expect(begun.trained.get('closing.bias')).toMatchObject({ weight: given.get('closing.bias'), updates: 0 })
  expect(begun.trained.get('closing.bias')!.average).toEqual(given.get('closing.bias'))
  expect(begun.trained.get('up.weight')).toEqual(random.trained.get('up.weight'))
  expect(begun.random).toBe(random.random)
})
