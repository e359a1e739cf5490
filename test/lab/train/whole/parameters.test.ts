import { expect, test } from 'vitest'
import { loadBackend } from '../../../../src/lab/train/backend.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { readRecipe, wholeImageRecipe } from '../../../../src/lab/train/recipe.js'
import { unstacked, wholeParametersOf, type Whole } from '../../../../src/lab/train/whole/parameters.js'
import { uniformFrom } from '../../../../src/network/uniform.js'
import { UNET_STAGES, wholeRecipe } from './tiny.js'

const ops = operations(await loadBackend('cpu'))
const wholeOf = (changes: object): Whole => wholeImageRecipe(readRecipe(wholeRecipe(changes))).structure.whole
const shapesOf = (whole: Whole) => new Map(wholeParametersOf(whole).map(({ name, shape }) => [name, shape]))

test('layers of a stage are the first axis of their weights', () => {
  const shapes = shapesOf(wholeOf({ classes: 5, rank: 2 }))
  expect(shapes.get('stage.0.start')).toEqual([8, 4])
  expect(shapes.get('stage.0.layers.level.0.down.0.a.weight')).toEqual([2, 3, 4, 3, 3])
  expect(shapes.get('stage.0.layers.candidates.weight')).toEqual([2, 3, 2, 4])
  expect(shapes.get('stage.0.layers.priorTable')).toEqual([2, 3, 2])
  expect(shapes.get('stage.1.up.weight')).toEqual([8, 4])
  expect(shapes.get('stage.1.layers.feedback.weight')).toEqual([2, 2, 2])
  expect(shapes.get('stage.1.class')).toEqual([5, 2])
  expect(shapes.has('stage.1.start')).toBe(false)
  const unet = shapesOf(wholeOf({ stages: UNET_STAGES }))
  expect(unet.get('stage.0.step')).toEqual([3, 3])
  expect(unet.get('stage.0.layers.level.0.downTo.weight')).toEqual([1, 4, 12])
  expect(unet.get('stage.0.layers.level.0.upFrom.weight')).toEqual([1, 12, 4])
  expect(unet.has('stage.0.layers.z.weight')).toBe(false)
})

test('candidates that are no increments begin around the mean of the pictures', () => {
  const biasOf = (changes: object, stage: number): number[] => {
    const parameters = wholeParametersOf(wholeOf(changes))
    const { first } = parameters.find(({ name }) => name === `stage.${stage}.layers.candidates.bias`)!
    return [...first({ uniform: uniformFrom(1), mean: [-50] })]
  }
  // [layers, K, components + leak]: the picture's of the first layer, no leak's, and in all layers without a residual.
  const isMoved = (bias: number[]): boolean[] => bias.map((x) => x < -40)
  const picture = [true, false, true, false, true, false]
  const none = picture.map(() => false)
  expect(isMoved(biasOf({}, 0))).toEqual([...picture, ...none])
  expect(isMoved(biasOf({}, 1))).toEqual([...none, ...none])
  expect(isMoved(biasOf({ residual: false }, 1))).toEqual([...picture, ...picture])
})

test('every layer has weights of its own name; the prior’s stay together', () => {
  const { tf } = ops
  const whole = wholeOf({ rank: 1 })
  const start = { uniform: uniformFrom(1), mean: [0] }
  const weights = new Map(
    wholeParametersOf(whole).map(({ name, shape, first }) => [name, tf.tensor(first(start), [...shape])]),
  )
  const of = unstacked(ops, whole, weights)
  const all = weights.get('stage.0.layers.candidates.weight')!.dataSync()
  expect([...of('stage.0.layer.1.candidates.weight').dataSync()]).toEqual([...all.slice(all.length / 2)])
  // Of the pictures alone: rows 0, 2 and 4 of K · (components + leak).
  expect(of('stage.0.layer.1.candidates.pictures').shape).toEqual([3, 4])
  expect([...of('stage.0.layer.1.candidates.pictures').dataSync().slice(4, 8)]).toEqual([...all.slice(24 + 8, 24 + 12)])
  expect(of('stage.0.start')).toBe(weights.get('stage.0.start'))
  expect(() => of('stage.0.layer.0.priorTable')).toThrow('no weight')
})
