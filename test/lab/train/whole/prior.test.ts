import { expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../../src/lab/train/backend.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { crossEntropy, priorBits } from '../../../../src/lab/train/whole/prior.js'
import { readRecipe, wholeImageRecipe } from '../../../../src/lab/train/recipe.js'
import { expectGradients, numbers } from '../gradient.js'
import { UNET_STAGES, wholeRecipe } from './tiny.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

test('bits of one choice, by hand', () => {
  // z = 2·3 + 1 = 7; logits 0, 7·ln 3 / 7 = ln 3: probabilities 1/4 and 3/4.
  const tables = {
    weight: tf.tensor3d([2], [1, 1, 1]),
    bias: tf.tensor2d([1], [1, 1]),
    table: tf.tensor3d([0, Math.log(3) / 7], [1, 2, 1]),
    rows: tf.tensor2d([0, 0], [1, 2]),
  }
  const features = tf.tensor3d([3, 3], [1, 2, 1])
  const [first, second] = crossEntropy(ops, tables, features, tf.tensor2d([0, 1], [1, 2], 'int32')).dataSync()
  expect(first).toBeCloseTo(2, 5)
  expect(second).toBeCloseTo(Math.log2(4 / 3), 5)
})

test('gradients', () => {
  const features = tf.tensor3d(numbers([2 * 3 * 4], 1), [2, 3, 4])
  const leaf = tf.tensor2d([0, 2, 1, 1, 1, 0], [2, 3], 'int32')
  expectGradients(
    backend,
    (weight, bias, table, rows) => crossEntropy(ops, { weight, bias, table, rows }, features, leaf),
    [[2, 2, 4], [2, 2], [2, 3, 2], [2, 3]],
  ) // prettier-ignore
})

test.each([
  ['layers of two stages', {}],
  ['one layer, three times', { stages: UNET_STAGES }],
])('all choices of %s are as one by one', (_, changes) => {
  const { whole } = wholeImageRecipe(readRecipe(wholeRecipe({ ...changes, rank: 2 }))).structure
  const weights = new Map<string, Tensor>()
  whole.stages.forEach(({ channels, layers }, j) => {
    const shapes = { 'z.weight': [2, channels], 'z.bias': [2], priorTable: [3, 2], priorBias: [3] }
    Object.entries(shapes).forEach(([name, shape], i) => {
      const all = [layers.length, ...shape]
      weights.set(`stage.${j}.layers.${name}`, tf.tensor(numbers(all, 10 * j + i), all))
    })
  })
  const pooled = whole.stages.flatMap(({ channels, steps }, j) =>
    Array.from({ length: steps }, (_, i) => tf.tensor2d(numbers([2 * channels], 50 + 10 * j + i), [2, channels])),
  )
  const taken = pooled.map((_, c) => tf.tensor1d([c % 3, (c + 1) % 3], 'int32'))
  const all = priorBits(ops, whole, weights, { pooled, taken })
  expect(all.shape).toEqual([pooled.length, 2])
  let c = 0
  whole.stages.forEach(({ channels, steps, layers }, j) => {
    for (let step = 0; step < steps; step++, c++) {
      const layer = Math.min(step, layers.length - 1)
      const of = (name: string): Tensor => {
        const tensor = weights.get(`stage.${j}.layers.${name}`)!
        return tf.slice(tensor, [layer, ...tensor.shape.slice(1).map(() => 0)], [1, ...tensor.shape.slice(1)])
      }
      const tables = { weight: of('z.weight'), bias: of('z.bias'), table: of('priorTable'), rows: of('priorBias') }
      const features = tf.reshape(pooled[c], [1, 2, channels])
      const one = crossEntropy(ops, tables, features, tf.reshape(taken[c], [1, 2])).dataSync()
      const ours = tf.slice(all, [c, 0], [1, 2]).dataSync()
      one.forEach((x, i) => expect(ours[i]).toBeCloseTo(x, 5))
    }
  })
})
