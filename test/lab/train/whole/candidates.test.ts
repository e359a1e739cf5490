import { expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../../src/lab/train/backend.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { chosen, distancesOf, errorOf, pictureOf } from '../../../../src/lab/train/whole/candidates.js'
import { expectGradients, numbers } from '../gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)
const whole = (...values: number[]): Tensor => tf.tensor1d(values, 'int32')

test('candidates of one pixel, by hand', () => {
  // Features 2 and 1: candidate 0 is 2·1 + 0.5, clamped to 2, candidate 1 is −1·2 + 1·1 + 0 = −1.
  const heads = {
    weights: tf.tensor3d([1, 0, 9, 9, -1, 1, 9, 9], [2, 2, 2]),
    bias: tf.tensor2d([0.5, 9, 0, 9], [2, 2]),
  }
  const features = tf.tensor4d([2, 1], [1, 1, 1, 2])
  const target = tf.tensor4d([0.5, 0], [1, 2, 1, 1])
  const mask = tf.tensor4d([1, 0], [1, 2, 1, 1])
  const of = (picture: Tensor | null): number[] => [
    ...distancesOf(ops, heads, features, { target, mask, components: 1, picture }).dataSync(),
  ]
  expect(of(null)).toEqual([1.5 ** 2, 1.5 ** 2])
  // Learning Residual: on top of the picture, 1; leaks are not.
  const before = pictureOf(ops, tf.tensor4d([1, 7], [1, 2, 1, 1]), mask)
  expect([...before.dataSync()]).toEqual([1, 0])
  expect(of(before)).toEqual([1.5 ** 2, 0.5 ** 2])
  expect([...chosen(ops, heads, features, before, whole(1)).dataSync()]).toEqual([0, 2])
  expect([...chosen(ops, heads, features, null, whole(0)).dataSync()]).toEqual([2, 2])
})

test('distances are those of the chosen pictures, whichever is chosen', () => {
  const [batch, height, width, channels, K, components, leak] = [2, 2, 3, 3, 4, 3, 2]
  const outputs = components + leak
  const heads = {
    weights: tf.tensor3d(numbers([K, outputs, channels], 1), [K, outputs, channels]),
    bias: tf.tensor2d(numbers([K, outputs], 2), [K, outputs]),
  }
  const features = tf.tensor4d(numbers([batch * height * width * channels], 3).map(Math.abs), [
    batch,
    height,
    width,
    channels,
  ])
  const grid = (seed: number): Tensor =>
    tf.tensor4d(numbers([batch * height * width * outputs], seed), [batch, outputs, height, width])
  const isPicture = Array.from({ length: outputs }, (_, i) => (i < components ? 1 : 0))
  const mask = tf.tensor4d(isPicture, [1, outputs, 1, 1])
  const target = pictureOf(ops, grid(4), mask)
  const picture = pictureOf(ops, grid(5), mask)
  const distances = distancesOf(ops, heads, features, { target, mask, components, picture }).arraySync() as number[][]
  for (let k = 0; k < K; k++) {
    const x = chosen(ops, heads, features, picture, whole(k, K - 1 - k))
    const [first, second] = errorOf(ops, x, { target, mask }).dataSync()
    expect(distances[0][k]).toBeCloseTo(first, 4)
    expect(distances[1][K - 1 - k]).toBeCloseTo(second, 4)
  }
})

test('gradients', () => {
  const shapes = [[2, 1, 2, 3], [3, 2, 3], [3, 2], [2, 2, 1, 2]] // prettier-ignore
  const run =
    (...index: number[]) =>
    (features: Tensor, weights: Tensor, bias: Tensor, before: Tensor) =>
      // Small: a clamp's gradient is not its slope.
      chosen(ops, { weights, bias }, tf.mul(features, 0.2), before, whole(...index))
  expectGradients(backend, run(2, 0), shapes)
  expectGradients(backend, run(1, 1), shapes) // both pictures take the same candidate: its gradients add up
  expectGradients(backend, (f, weights, bias) => chosen(ops, { weights, bias }, tf.mul(f, 0.2), null, whole(2, 1)), shapes.slice(0, 3)) // prettier-ignore
  const mask = tf.tensor4d([1, 0], [1, 2, 1, 1])
  const target = tf.tensor4d([0.3, 0.7, 0, 0, 1, 2, 0, 0], [2, 2, 1, 2])
  expectGradients(backend, (x) => errorOf(ops, x, { target, mask }), [[2, 2, 1, 2]])
  expectGradients(backend, (x) => pictureOf(ops, x, mask), [[2, 2, 1, 2]])
})

test('a clamped pixel has a gradient that leads back, and none that leads on', () => {
  const slope = (value: number, towards: number): number =>
    tf
      .grad((bias) => {
        const weights = tf.zeros([1, 1, 1])
        const x = chosen(ops, { weights, bias: tf.reshape(bias, [1, 1]) }, tf.zeros([1, 1, 1, 1]), null, whole(0))
        return tf.sum(tf.mul(x, towards))
      })(tf.scalar(value))
      .dataSync()[0]
  // A loss that grows with x, and one that falls.
  expect([slope(1, 1), slope(1, -1)]).toEqual([1, -1])
  expect([slope(3, 1), Math.abs(slope(3, -1))]).toEqual([1, 0])
  expect([Math.abs(slope(-3, 1)), slope(-3, -1)]).toEqual([0, -1])
})
