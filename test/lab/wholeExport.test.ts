/** Whole-image networks from training to files: the float model is the trained network, and integers cost little. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { compressWhole } from '../../src/codec/wholeImage.js'
import { decompress, inspect } from '../../src/index.js'
import { pictureAt, type PictureSet } from '../../src/lab/data/pictureSet.js'
import { floatEngine } from '../../src/lab/quantise/floatEngine.js'
import { exportWholeModel, measureWholeCost, type Labelled } from '../../src/lab/quantise/wholeExport.js'
import { loadBackend } from '../../src/lab/train/backend.js'
import { operations, type Operations } from '../../src/lab/train/operations.js'
import { readRecipe, wholeImageRecipe } from '../../src/lab/train/recipe.js'
import {
  beginRun,
  floatWholeModelOfCheckpoint,
  recipeOfCheckpoint,
  saveRun,
  type Run,
} from '../../src/lab/train/run.js'
import { trainStep } from '../../src/lab/train/step.js'
import { wantedOf } from '../../src/lab/train/whole/batch.js'
import { unstacked } from '../../src/lab/train/whole/parameters.js'
import { priorBits } from '../../src/lab/train/whole/prior.js'
import { beginning, choicesOf, walk } from '../../src/lab/train/whole/walk.js'
import { nearest, recording } from '../../src/network/guides.js'
import { flattened } from '../../src/lab/train/whole/scales.js'
import { walk as codecsWalk } from '../../src/network/walk.js'
import { stepsOf } from '../../src/network/wholeModel.js'
import { targetOf } from '../../src/network/wholePicture.js'
import { insideOf } from '../../src/network/wholeStructure.js'
import { openWholeWalk } from '../../src/network/wholeWalk.js'
import { blobs, UNET_STAGES, wholeRecipe } from './train/whole/tiny.js'

let ops: Operations
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})

async function trained(recipe: string, set: PictureSet, steps: number): Promise<Run> {
  const run = beginRun(ops, recipe, set, { steps, minutes: null })
  for (let i = 0; i < steps; i++) await trainStep(ops, run, set)
  return run
}
const labelled = (set: PictureSet, classes: number): Labelled[] =>
  Array.from({ length: set.count }, (_, i) => ({
    picture: pictureAt(set, i),
    label: classes === 0 ? 0 : set.labels![i],
  }))

const KINDS: [string, object, 1 | 3][] = [
  ['single shot with a prior', { rank: 2 }, 1],
  ['single shot in colour, by class, not residual', { components: 3, classes: 3, residual: false }, 3],
  ['a UNet, over and over, without leaks', { stages: UNET_STAGES, leak: 0, K: 4, classes: 3, rank: 1 }, 1],
  ['a UNet of patches in colour', { stages: UNET_STAGES, patch: 2, components: 3, residual: false }, 3],
]

describe.each(KINDS)('%s', (_, whole, components) => {
  const classes = 'classes' in whole ? 3 : 0
  const set = blobs(12, { components })

  test('the float model chooses, and shows, what training saw', async () => {
    const run = await trained(wholeRecipe(whole, { prior: 0.1 }), set, 3)
    const { whole: outside } = wholeImageRecipe(run.recipe).structure
    const structure = insideOf(outside)
    const { model } = floatWholeModelOfCheckpoint(await saveRun(run, 0))
    const { tf } = ops
    await run.adam.withAverage(async () => {
      const still = Array.from({ length: set.count }, (_, index) => ({ index, mirrored: false, down: 0, across: 0 }))
      const all = choicesOf(structure)
      const { choices } = walk(ops, structure, unstacked(ops, structure, run.weights), beginning(ops, structure, set.count), { first: 0, end: all }, {
        ...wantedOf(ops, outside, set, still),
        given: Array.from({ length: all }, () => null),
      }) // prettier-ignore
      const bits = structure.rank > 0 ? priorBits(ops, structure, run.weights, choices).dataSync() : null
      const paths = choices.taken.map((taken) => taken.dataSync())
      const { width, height } = structure
      const planes = tf.slice(choices.x.at(-1)!, [0, 0, 0, 0], [set.count, structure.components, height, width])
      const shown = flattened(ops, tf.transpose(planes, [0, 2, 3, 1]), outside.patch).dataSync()
      labelled(set, classes).forEach(({ picture, label }, i) => {
        const state = openWholeWalk(floatEngine, model, label, stepsOf(model).length)
        let c = 0
        const guide = recording(nearest(targetOf(floatEngine, picture, model.patch)), (candidates, { leaves }) => {
          expect(leaves[0], `choice ${c} of picture ${i}`).toBe(paths[c][i])
          if (model.rank > 0) {
            const p = candidates.frequencies()[leaves[0]] / 32768
            expect(-Math.log2(p)).toBeCloseTo(bits![c * set.count + i], 2)
          }
          c++
        })
        for (const _ of codecsWalk(state, guide));
        const end = state.picture()
        end.forEach((x, at) => expect(x / 4096).toBeCloseTo(shown[i * end.length + at], 3))
      })
    })
  })

  test('integers cost little', async () => {
    const run = await trained(wholeRecipe(whole, { prior: 0.1 }), set, 10)
    const checkpoint = await saveRun(run, 0)
    expect(recipeOfCheckpoint(checkpoint)).toEqual(readRecipe(run.text))
    const float = floatWholeModelOfCheckpoint(checkpoint, 'mine')
    const pictures = labelled(set, classes)
    const { model } = await exportWholeModel(float, pictures, { weights: 'a test' })
    expect(model.name).toBe('mine')
    const costs = await measureWholeCost(float.model, model, pictures, [1, stepsOf(model).length])
    for (const { floatPsnr, psnr } of costs) expect(Math.abs(psnr - floatPsnr)).toBeLessThan(0.1)
  })
})

const anyWhole = fc
  .record({
    K: fc.integer({ min: 2, max: 5 }),
    leak: fc.nat(2),
    components: fc.constantFrom(1 as const, 3 as const),
    classes: fc.constantFrom(0, 3),
    residual: fc.boolean(),
    rank: fc.nat(2),
    recurrent: fc.boolean(),
    patch: fc.constantFrom(1, 2),
    steps: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 2, max: 5 }),
    hidden: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
    splits: fc.boolean(),
    chainDropout: fc.constantFrom(0, 0.5),
  })
  .map(({ recurrent, patch, steps, channels, hidden, splits, chainDropout, ...whole }) => {
    const level = { channels, down: hidden, up: [] }
    const stages = recurrent
      ? [{ scale: 1, steps, recurrent, levels: [{ ...level, up: hidden }, level] }]
      : (patch === 1 ? [2, 1] : [1]).map((scale) => ({ scale, steps, recurrent, levels: [level] }))
    const splitAndPrune = splits ? { splitAndPrune: { interval: 1, split: 2, prune: 0.5, until: 1 } } : {}
    return { whole: { ...whole, patch, stages }, training: { chainDropout, prior: 0.1, ...splitAndPrune } }
  })

test('any small recipe, trained 3 steps, is exported to a model whose files come back bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(anyWhole, async ({ whole, training }) => {
      const set = blobs(6, { components: whole.components })
      const run = await trained(wholeRecipe(whole, training), set, 3)
      const float = floatWholeModelOfCheckpoint(await saveRun(run, 0))
      const { model } = await exportWholeModel(float, labelled(set, whole.classes), {})
      const bits = stepsOf(model).length * Math.log2(whole.K)
      for (let i = 0; i < set.count; i++) {
        const { file, reconstruction } = await compressWhole(pictureAt(set, i), model, { engine: 'wasm' })
        expect(await decompress(file, { model, engine: 'reference' })).toEqual(reconstruction)
        const { streams } = await inspect(file)
        expect(streams.map(({ bytes }) => bytes)).toEqual([Math.ceil(Math.round(bits * 1e6) / 1e6 / 8)])
      }
    }),
    { numRuns: 20 },
  )
}, 120_000)
