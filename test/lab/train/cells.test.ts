import { expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { addedTo, bandOf, perPicture, perPosition, squaredError } from '../../../src/lab/train/cells.js'
import { operations } from '../../../src/lab/train/operations.js'
import { expectGradients } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)
const numbersOf = (x: Tensor): number[] => Array.from(x.dataSync())

test('a band is a run of rows', () => {
  const rows = tf.tensor2d([[1, 2], [3, 4], [5, 6]]) // prettier-ignore
  expect(numbersOf(bandOf(ops, rows, 1, 3))).toEqual([3, 4, 5, 6])
  expect(bandOf(ops, rows, 0, 3)).toBe(rows)
})

test('numbers of pictures at their positions, and sums over them', () => {
  expect(numbersOf(perPosition(ops, tf.tensor1d([1, 2]), 6))).toEqual([1, 1, 1, 2, 2, 2])
  expect(numbersOf(perPicture(ops, tf.tensor2d([[1, 2, 3, 4], [10, 20, 30, 40]]), 2))).toEqual([33, 77]) // prettier-ignore
  // In two stages.
  expect(numbersOf(perPicture(ops, tf.ones([3, 256]), 2))).toEqual([384, 384])
})

test('squared errors of pictures', () => {
  const [a, b] = [tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[1, 0], [1, 1]])] // prettier-ignore
  expect(numbersOf(squaredError(ops, a, b, 2))).toEqual([4, 13])
  expectGradients(backend, (a, b) => squaredError(ops, a, b, 2), [[3, 4], [3, 4]]) // prettier-ignore
})

test('values are added to a band, which is clamped; the rest stays', () => {
  const sum = tf.tensor2d([[1], [9], [-9], [100]])
  const added = addedTo(ops, sum, tf.tensor2d([[5], [-5]]), { first: 1, end: 3 }, 10)
  expect(numbersOf(added)).toEqual([1, 10, -10, 100])
})

test.each([
  [0, 2],
  [1, 3],
  [1, 2],
  [0, 3],
])('gradients of a sum to which rows %d to %d are added', (first, end) => {
  const shapes = [[3, 2], [end - first, 2]] // prettier-ignore
  expectGradients(backend, (sum, value) => addedTo(ops, sum, value, { first, end }, 0.7), shapes, 0.001)
})
