/** Balancing, and both switches in a run that plain JavaScript can train. */
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { readCheckpoint } from '../../../src/lab/train/checkpoint.js'
import { cheapest } from '../../../src/lab/train/choices.js'
import type { Photographs as Data } from '../../../src/lab/train/data.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { lossOf } from '../../../src/lab/train/loss.js'
import { forward } from '../../../src/lab/train/network.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { cellGridRecipe } from '../../../src/lab/train/recipe.js'
import { beginRun, floatModelOfCheckpoint, resumeRun, saveRun, type Run } from '../../../src/lab/train/run.js'
import { trainStep } from '../../../src/lab/train/step.js'
import { moveBiases } from '../../../src/lab/train/usage.js'

const photo = JSON.parse(await readFile(new URL('../../../recipes/photo.json', import.meta.url), 'utf8')) as {
  training: object
}
const LAYER = { rank: 1, scale: 0.6, power: 0 }
const SPLITS = { splitAndPrune: { interval: 2, split: 1.1, prune: 0.9, until: 0.9 } }
const BALANCING = { balancing: { step: 0.01, until: 0.8 } }
const recipe = (switches: object): string =>
  JSON.stringify({
    name: 'tiny',
    structure: {
      profiles: ['plain'],
      escape: false,
      coarse: { channels: 4, layers: [{ band: [0, 4], K: 4, ...LAYER }] },
      fine: {
        channels: 4,
        layers: [
          { band: [0, 3], K: 2, n: 2, ...LAYER },
          { band: [2, 4], K: 8, cells: 'odd', until: 40, ...LAYER },
        ],
      },
      upChannels: 1,
      cleanUp: 2,
    },
    training: { ...photo.training, sizes: [{ from: 0, batch: 2, crop: 32 }], ...switches },
  })
const DATA: Data = { photographs: [drawScreen(1, 192), drawScreen(2, 192)], drawings: [] }
const STEPS = 10

let ops: Operations
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})

const begin = (switches: object): Run => beginRun(ops, recipe(switches), DATA, { steps: STEPS, minutes: null })
const trainTo = async (run: Run, end: number): Promise<Run> => {
  while (run.step < end) await trainStep(ops, run, DATA)
  return run
}

describe('balancing', () => {
  test('what is chosen too often gets dearer, what is chosen too rarely cheaper', () => {
    const bias = Float32Array.of(0, 0, 0, 0, 1, 0)
    moveBiases(bias, Uint32Array.of(8, 4, 0, 4, 4, 4), 3, 0.25)
    expect([...bias]).toEqual([0.25, 0, -0.25, 0, 1, 0])
  })

  test('a bias moves the border between two candidates, in units of σ²', () => {
    const { tf } = ops
    const row = (...x: number[]): Tensor => tf.tensor2d([x])
    const layer = { first: 0, end: 1, K: 2, n: 1, rank: 1, cells: 'all' as const, escape: false, until: 73 }
    const structure = { ...layer, block: { hidden: 1, inputShift: 0 }, headShift: 0, priorShift: 1 }
    const rates = { logLambda: tf.tensor1d([5]), inputs: tf.zeros([1, 2]), t: tf.zeros([1]), isPlain: true }
    const chosen = (...bias: number[]): number[] => {
      const predicted = { mean: row(0, 0, 0), sigma: row(10, 10, 10) }
      const leaf = cheapest(ops, structure, predicted, null, row(-1, 1), row(-6, -4, 6), rates, row(...bias))
      return [...leaf.dataSync()]
    }
    expect(chosen(0, 0)).toEqual([0, 0, 1])
    // (x + 10)² + 200 < (x − 10)² below −5.
    expect(chosen(2, 0)).toEqual([0, 1, 1])
  })

  test('it changes choices in training, and no model has it', async () => {
    const run = await trainTo(begin(BALANCING), 3)
    const saved = readCheckpoint(await saveRun(run, 0))
    const bias = saved.constants.get('dc.0.balance')!
    expect(bias.shape).toEqual([4, 4])
    expect(bias.data.some((x) => x !== 0)).toBe(true)
    const { tensors } = floatModelOfCheckpoint(await saveRun(run, 0))
    expect([...tensors.keys()].filter((name) => /balance|counts/.test(name))).toEqual([])
    expect(run.usage.balance(ops.tf, 0.79)).toHaveLength(3)
    expect(run.usage.balance(ops.tf, 0.8)).toBeUndefined()
  })
})

describe('a run goes on from a checkpoint as if it had not stopped', () => {
  test.each([
    ['Split-and-Prune', SPLITS],
    ['balancing', BALANCING],
    ['both', { ...SPLITS, ...BALANCING }],
  ])('%s', async (_, switches) => {
    const run = await trainTo(begin(switches), 5)
    const halfway = await saveRun(run, 0)
    const whole = await saveRun(await trainTo(run, STEPS), 0)
    expect(await saveRun(await trainTo(resumeRun(ops, halfway), STEPS), 0)).toEqual(whole)
    // The switch does something.
    expect(await saveRun(await trainTo(begin({}), STEPS), 0)).not.toEqual(whole)
  })
})

test('the plain loss is the distortion; bits follow from the structure; the prior stays flat', async () => {
  const run = await trainTo(begin({}), 3)
  const { tf } = ops
  const rgb = tf.randomUniform([1, 64, 64, 3], 0, 255, 'float32', 1)
  const result = forward(ops, cellGridRecipe(run.recipe).structure, (name) => run.weights.get(name)!, rgb, [3])
  const error = tf.sum(tf.square(tf.sub(result.out, result.opponent))).dataSync()[0] / 64 ** 2
  expect(lossOf(ops, result).cost.dataSync()[0] / error).toBeCloseTo(1, 4)
  // One position of 4 choices among 4, 64 positions of 3 among 2·2, 32 of 2 among 8.
  expect(result.layerBits.map((bits) => bits.dataSync()[0])).toEqual([8, 64 * 6, 32 * 6])
  for (const [name, tensor] of run.weights) {
    if (/\.(z\.weight|z\.bias|table|bias)$/.test(name) && /^(dc|ac)\.\d+\.(z\.|table|bias)/.test(name)) {
      expect([...tensor.dataSync()].every((x) => x === 0)).toBe(true)
    }
  }
  expect(
    run.weights
      .get('ac.0.nodes')!
      .dataSync()
      .some((x) => x === 0),
  ).toBe(false)
})
