import { expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { candidate, features, spreadOf } from '../../../src/lab/train/candidates.js'
import { operations } from '../../../src/lab/train/operations.js'
import { expectGradients } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

const scale = tf.tensor2d([[2], [3]])
const t = tf.tensor1d([0.5, -0.5])

const valueOf = (heads: Tensor, power: Tensor, u: Tensor, limit = 1000): Tensor =>
  candidate(ops, { heads, power, u }, scale, spreadOf(ops, heads, power, scale, t), limit)

test('c = μ + σ·u, in units of the scale, σ ~ λ^(power/2)', () => {
  // μ of the two coefficients in rows 0 and 1, ln σ in 2 and 3; one position in each of two pictures.
  const heads = tf.tensor2d([[1, 1], [10, 10], [0, 0], [1, 1]]) // prettier-ignore
  const u = tf.tensor2d([[1, 1], [0, -1]]) // prettier-ignore
  const values = valueOf(heads, tf.tensor1d([2, 0]), u).dataSync()
  const expected = [2 + 2 * Math.exp(1), 2 + 2 * Math.exp(-1), 30, 30 - 3 * Math.exp(1)]
  expected.forEach((x, i) => expect(values[i]).toBeCloseTo(x, 4))
  const clamped = valueOf(heads, tf.tensor1d([2, 0]), u, 5).dataSync()
  expected.forEach((x, i) => expect(clamped[i]).toBeCloseTo(Math.min(5, x), 4))
})

test('gradients of candidates, free and clamped', () => {
  const shapes = [[4, 6], [2], [2, 6]] // prettier-ignore
  expectGradients(backend, (heads, power, u) => valueOf(heads, power, u), shapes, 0.003, 4e-3)
  expectGradients(backend, (heads, power, u) => valueOf(heads, power, u, 2.5), shapes, 0.0005, 2e-2)
})

test('σ has no slope beyond its clamp', () => {
  const heads = tf.tensor2d([[0], [0], [9], [-9]])
  const slope = tf.grad((x) => candidate(ops, { heads: x, power: tf.zeros([2]), u: tf.ones([2, 1]) }, scale, spreadOf(ops, x, tf.zeros([2]), scale, tf.tensor1d([0])), 1000))(heads) // prettier-ignore
  expect([...slope.dataSync()]).toEqual([2, 3, 0, 0])
})

test('what is fed back: the logarithm of the value, u and |u|', () => {
  const rows = features(ops, tf.tensor2d([[36, -36, 0]]), tf.tensor2d([[2, -3, 0]])).dataSync()
  const expected = [Math.LN2, -Math.LN2, 0, 2, -3, 0, 2, 3, 0]
  expected.forEach((x, i) => expect(rows[i]).toBeCloseTo(x, 6))
  expectGradients(backend, (value, u) => features(ops, tf.mul(value, 100), u), [[2, 3], [2, 3]]) // prettier-ignore
  const atZero = tf.grad((u) => features(ops, tf.zeros([1, 1]), u))(tf.zeros([1, 1]))
  expect([...atZero.dataSync()]).toEqual([1])
})
