/** What the experiments on models show, on the smallest network that shows it: trained, exported and coded here. */
import { beforeAll, expect, test } from 'vitest'
import { engineParts } from '../../../src/codec/engineParts.js'
import { loadEngine } from '../../../src/engine/loadEngine.js'
import { pictureAt, setOf, type PictureSet } from '../../../src/lab/data/pictureSet.js'
import { codePictures, meanSquaredError, pictureOfPath } from '../../../src/lab/paper/coding.js'
import { pointsOf } from '../../../src/lab/paper/compression.js'
import { mean } from '../../../src/lab/bench/metrics.js'
import { accuracies } from '../../../src/lab/paper/latents.js'
import { figuresOf, type UsageFigures } from '../../../src/lab/paper/splitprune.js'
import type { CodedModel } from '../../../src/lab/paper/judged.js'
import { exportWholeModel } from '../../../src/lab/quantise/wholeExport.js'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { beginRun, floatWholeModelOfCheckpoint, saveRun } from '../../../src/lab/train/run.js'
import { trainStep } from '../../../src/lab/train/step.js'
import type { Picture } from '../../../src/network/picture.js'
import { uniformFrom } from '../../../src/network/uniform.js'
import { wholeRecipe } from '../train/whole/tiny.js'

const SIDE = 6
const K = 32
const LENGTH = 2
const STEPS = 150

/** Soft discs: four of five of them, class 0, in one corner; the others, class 1, anywhere. */
function discs(count: number, seed: number): PictureSet {
  const uniform = uniformFrom(seed)
  const labels: number[] = []
  const pictures = Array.from({ length: count }, (): Picture => {
    const isCorner = uniform() < 0.8
    const [reach, from] = isCorner ? [2, 2] : [SIDE, 0]
    const [x, y, radius] = [from + reach * uniform(), from + reach * uniform(), 1 + uniform()]
    labels.push(isCorner ? 0 : 1)
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, p) => {
      const squared = ((p % SIDE) - x) ** 2 + (Math.floor(p / SIDE) - y) ** 2
      return Math.round(255 * Math.exp(-squared / (2 * radius ** 2)))
    })
    return { width: SIDE, height: SIDE, components: 1, data }
  })
  return setOf(pictures, labels)
}

const TRAINING = {
  batch: 32,
  learningRate: { start: 0.01, warmUp: 10, hold: 0.5, lowest: 0.05 },
  average: 0.95,
}
const METHODS = {
  split: { splitAndPrune: { interval: 1, split: 2, prune: 0.5, until: 0.9 } },
  balance: { balancing: { step: 0.01, until: 0.9 } },
  neither: {},
}
const SEEDS = [1, 2]

const learned = discs(2000, 1)
const judged = discs(1000, 2)

async function trained(ops: Operations, method: keyof typeof METHODS, seed: number): Promise<CodedModel> {
  const stage = { scale: 1, steps: LENGTH, recurrent: false, levels: [{ channels: 8, down: [4], up: [] }] }
  const size = { width: SIDE, height: SIDE, components: 1 }
  const training = { ...TRAINING, seed, ...METHODS[method] }
  const recipe = wholeRecipe({ ...size, K, stages: [stage] }, training)
  const run = beginRun(ops, recipe, learned, { steps: STEPS, minutes: null })
  while (run.step < STEPS) await trainStep(ops, run, learned)
  const float = floatWholeModelOfCheckpoint(await saveRun(run, 0))
  run.adam.dispose()
  const calibration = Array.from({ length: 16 }, (_, i) => ({ picture: pictureAt(learned, i), label: 0 }))
  const { model } = await exportWholeModel(float, calibration, {})
  const engine = await loadEngine('wasm', engineParts(model))
  return { model, variant: method, seed, coded: codePictures(engine, model, judged, 0, judged.count) }
}

const all: CodedModel[] = []
beforeAll(async () => {
  const ops = operations(await loadBackend('wasm', { threads: 1 }))
  for (const seed of SEEDS) {
    for (const method of Object.keys(METHODS) as (keyof typeof METHODS)[]) all.push(await trained(ops, method, seed))
  }
})

const found = (method: keyof typeof METHODS, seed: number): CodedModel =>
  all.find((one) => one.variant === method && one.seed === seed)!
const figures = (method: keyof typeof METHODS, seed: number): UsageFigures =>
  figuresOf(pointsOf(found(method, seed).coded), K)

test.each(SEEDS)(
  'splitprune, seed %i: candidates live and are used with Split-and-Prune and with balancing',
  (seed) => {
    const [split, balance, neither] = [figures('split', seed), figures('balance', seed), figures('neither', seed)]
    expect(neither.dead).toBeGreaterThan(0.1)
    for (const { dead, entropy } of [split, balance]) {
      expect(dead).toBeLessThan(neither.dead / 2)
      expect(entropy).toBeGreaterThan(neither.entropy + 0.05)
    }
  },
)

test.each(SEEDS)(
  'compression, seed %i: each choice takes some of the error away and carries most of log2 K',
  (seed) => {
    const [first, second] = pointsOf(found('split', seed).coded)
    const mean = judged.data.reduce((a, b) => a + b, 0) / judged.data.length
    const variance = judged.data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / judged.data.length
    expect(first.mse).toBeLessThan(variance / 2)
    expect(second.mse).toBeLessThan(first.mse / 1.5)
    for (const { entropy } of [first, second]) expect(entropy).toBeGreaterThan(0.8 * Math.log2(K))
  },
)

test('latents: some labels tell the class better than always saying the commonest', async () => {
  const { model } = found('split', 1)
  const engine = await loadEngine('wasm', engineParts(model))
  const { paths } = codePictures(engine, model, learned, 0, learned.count)
  const pool = { paths, labels: learned.labels! }
  const [few, many] = accuracies(pool, { paths: found('split', 1).coded.paths, labels: judged.labels! }, 2, 1)
  const commonest = judged.labels!.filter((label) => label === 0).length / judged.count
  expect(mean(few.values)).toBeGreaterThan(commonest + 0.03)
  expect(mean(many.values)).toBeGreaterThan(mean(few.values) + 0.01)
})

test('tree: children of one parent are more alike than those of several', async () => {
  const { model } = found('split', 1)
  const engine = await loadEngine('wasm', engineParts(model))
  const leaves = Array.from({ length: K ** LENGTH }, (_, leaf) => ({
    parent: Math.floor(leaf / K),
    data: pictureOfPath(engine, model, [Math.floor(leaf / K), leaf % K], 0).data,
  }))
  let [within, between, siblings, others] = [0, 0, 0, 0]
  for (const a of leaves) {
    for (const b of leaves) {
      if (a === b) continue
      const distance = meanSquaredError(a.data, b.data)
      if (a.parent === b.parent) [within, siblings] = [within + distance, siblings + 1]
      else [between, others] = [between + distance, others + 1]
    }
  }
  expect(within / siblings).toBeLessThan(0.7 * (between / others))
})
