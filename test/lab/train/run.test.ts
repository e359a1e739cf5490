/** All parts of training together, on a network that plain JavaScript can train: does a checkpoint hold all of it? */
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { readCheckpoint } from '../../../src/lab/train/checkpoint.js'
import type { Data } from '../../../src/lab/train/data.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import {
  beginRun,
  floatModelOfCheckpoint,
  resumeRun,
  saveRun,
  trainStep,
  type Run,
} from '../../../src/lab/train/run.js'

const photo = JSON.parse(await readFile(new URL('../../../recipes/photo.json', import.meta.url), 'utf8')) as {
  training: object
}
const RECIPE = JSON.stringify({
  name: 'tiny',
  structure: {
    profiles: ['entropy'],
    escape: true,
    coarse: { channels: 4, layers: [{ band: [0, 4], K: 3, rank: 2, scale: 0.6, power: 0.3 }] },
    fine: {
      channels: 4,
      layers: [
        { band: [0, 3], K: 2, n: 2, rank: 2, scale: 0.3, power: 0.5 },
        { band: [0, 3], K: 3, rank: 1, until: 40, scale: 0, power: 1 },
      ],
    },
    upChannels: 1,
    cleanUp: 2,
  },
  training: {
    ...photo.training,
    sizes: [
      { from: 0, batch: 2, crop: 16 },
      { from: 0.5, batch: 1, crop: 24 },
    ],
  },
})
const STEPS = 12
const DATA: Data = { photographs: [drawScreen(1, 192), drawScreen(2, 192)], drawings: [drawScreen(3, 192)] }

let ops: Operations
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})

/** @returns how often the last fine layer was left out */
function trainTo(run: Run, end: number): number {
  let leftOut = 0
  while (run.step < end) if (trainStep(ops, run, DATA).bits[2] === null) leftOut++
  return leftOut
}

test('training that goes on from a checkpoint is the same, to the bit', () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  trainTo(run, 5)
  const halfway = saveRun(run, 0)
  const leftOut = trainTo(run, STEPS)
  expect(leftOut).toBeGreaterThan(0)
  expect(leftOut).toBeLessThan(STEPS - 5)
  const whole = saveRun(run, 0)

  const other = resumeRun(ops, halfway)
  expect([other.step, other.steps]).toEqual([5, STEPS])
  trainTo(other, STEPS)
  expect(saveRun(other, 0)).toEqual(whole)
  expect(readCheckpoint(whole).trained.get('ac.1.nodes')!.updates).toBeLessThan(STEPS)
})

test('a row of the log has every layer: bits and usage where it was coded', () => {
  const { step, loss, bits, usage } = trainStep(ops, beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null }), DATA)
  expect(step).toBe(1)
  expect(loss.filter((x) => x !== null).length).toBeGreaterThan(0)
  expect([bits.length, usage.length]).toEqual([3, 3])
  expect(bits[0]).toBeGreaterThan(0)
  expect(usage[0]).toBeGreaterThanOrEqual(0)
  expect(usage[0]).toBeLessThanOrEqual(1)
})

test('the averaged weights of a checkpoint are a float model', () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })
  trainStep(ops, run, DATA)
  const { structure, model } = floatModelOfCheckpoint(saveRun(run, 0))
  expect(structure.name).toBe('tiny')
  expect(model.fine.layers.map(({ K, n }) => [K, n])).toEqual([
    [2, 2],
    [3, 1],
  ])
})

test('a run stopped within its warm-up still has its minutes, and no number of steps', () => {
  const run = beginRun(ops, RECIPE, DATA, { steps: null, minutes: 5 })
  trainStep(ops, run, DATA)
  expect(resumeRun(ops, saveRun(run, 7))).toMatchObject({ step: 1, steps: null, minutes: 5, secondsBefore: 7 })
})
