import { expect, test } from 'vitest'
import { loadBackend } from '../../../../src/lab/train/backend.js'
import { weightsOf } from '../../../../src/lab/train/from.js'
import { kindOf } from '../../../../src/lab/train/kind.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { readRecipe } from '../../../../src/lab/train/recipe.js'
import { beginRun, saveRun } from '../../../../src/lab/train/run.js'
import { pooled } from '../../../../src/lab/train/whole/kind.js'
import { blobs, UNET_STAGES, wholeRecipe } from './tiny.js'

const kind = (changes: object, training: object = {}) => kindOf(readRecipe(wholeRecipe(changes, training)))

test('a choice is named by its number and resolution; layers have counts of their own, a recurrent one for all steps', () => {
  expect(kind({}).layers).toEqual(['1: 4×2', '2: 4×2', '3: 8×4', '4: 8×4'])
  expect(kind({}).distributions.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['stage.0.layer.0', 1, 3],
    ['stage.0.layer.1', 1, 3],
    ['stage.1.layer.0', 1, 3],
    ['stage.1.layer.1', 1, 3],
  ])
  expect(kind({ stages: UNET_STAGES }).distributions.map(({ name }) => name)).toEqual(['stage.0.layer.0'])
  expect(kind({ stages: UNET_STAGES }).layers).toHaveLength(3)
  expect(kind({}).choices).toBe(12)
  expect(pooled([Uint32Array.of(1, 2), Uint32Array.of(3, 4), Uint32Array.of(5, 6)], [0, 1, 1])).toEqual([
    Uint32Array.of(1, 2),
    Uint32Array.of(8, 10),
  ])
})

test('work is counted in pictures, losses by choices', () => {
  const { sizes, score } = kind({}, { batch: 7 })
  expect(sizes).toEqual([{ from: 0, batch: 7, crop: 1 }])
  expect([score.work, score.places, score.placeName(2)]).toEqual(['pictures', [1, 2, 3, 4], '3'])
  expect(score.of({ at: 1, loss: 650.25 })).toBeCloseTo(20, 12)
})

test('a new run begins with the weights of a checkpoint that it has, too', async () => {
  const ops = operations(await loadBackend('cpu'))
  const begin = (changes: object, given?: ReadonlyMap<string, Float32Array>) =>
    beginRun(ops, wholeRecipe(changes), blobs(4), { steps: 1, minutes: null }, given)
  const saved = weightsOf(await saveRun(begin({}), 0))
  const { weights, taken, all } = kind({ K: 4 }).matching(saved)
  expect(taken).toBeLessThan(all)
  expect(weights.has('stage.0.layers.candidates.bias')).toBe(false)
  const run = begin({ K: 4 }, weights)
  expect([...run.weights.get('stage.1.up.weight')!.dataSync()]).toEqual([
    ...saved.weights.get('stage.1.up.weight')!.data,
  ])
  expect(() => kind({ stages: UNET_STAGES, width: 4 }).matching({ ...saved, weights: new Map() })).toThrow(
    'the weights to begin with is of another network',
  )
})
