import { expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { pointwise, residualBlock, saturatedSum, shiftedRelu } from '../../../src/lab/train/blocks.js'
import { operations } from '../../../src/lab/train/operations.js'
import { expectGradients } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

/** Positions, then weights; short differences, since corners of ReLU lie close. */
const expectSlopes = (f: (...inputs: Tensor[]) => Tensor, shapes: number[][]): void =>
  expectGradients(backend, f, shapes, 0.001, 6e-3)

test('a residual block of one channel, by hand', () => {
  const values: Record<string, Tensor> = {
    'b.a.weight': tf.tensor4d([0, 0, 0, 0, 2, 0, 0, 0, 0], [1, 1, 3, 3]),
    'b.a.bias': tf.tensor1d([1]),
    'b.b.weight': tf.tensor4d([10], [1, 1, 1, 1]),
    'b.b.bias': tf.tensor1d([-5]),
  }
  const run = (h: number, shift: number): number =>
    residualBlock(
      ops,
      (name) => values[name],
      'b',
      tf.tensor4d([h], [1, 1, 1, 1]),
      tf.tensor4d([shift], [1, 1, 1, 1]),
    ).dataSync()[0]
  expect(run(1, 0.5)).toBe(1 + 10 * (2 * 1.5 + 1) - 5)
  // ReLU(h + shift) is 0: the bias is left.
  expect(run(1, -3)).toBe(1 + 10 - 5)
  expect(run(100, 0)).toBe(127)
})

test('gradients of a residual block', () => {
  const names = ['a.weight', 'a.bias', 'b.weight', 'b.bias']
  expectSlopes(
    (h, shift, ...weights) =>
      residualBlock(ops, (name) => weights[names.indexOf(name.slice(2))], 'b', h, shift),
    [[2, 2, 3, 3], [2, 1, 1, 3], [2, 3, 3, 3], [2], [3, 2, 1, 1], [3]],
  ) // prettier-ignore
})

test('gradients of a shifted ReLU and of the trunk’s sum', () => {
  expectSlopes((h, shift) => shiftedRelu(ops, h, shift), [[2, 2, 1, 3], [2, 1, 1, 3]]) // prettier-ignore
  expectSlopes((h, x) => saturatedSum(ops, h, x), [[1, 2, 2, 3], [4, 3]]) // prettier-ignore
})

test('the trunk saturates at ±127, and has no slope beyond', () => {
  const h = tf.tensor4d([126, -126, 5], [1, 1, 1, 3])
  const sum = (x: Tensor): Tensor => saturatedSum(ops, h, x)
  const more = tf.tensor2d([[5, -5, 5]])
  expect([...sum(more).dataSync()]).toEqual([127, -127, 10])
  expect([...tf.grad(sum)(more).dataSync()].map(Math.abs)).toEqual([0, 0, 1])
})

test('a 1×1 convolution of a grid', () => {
  const values: Record<string, Tensor> = { 'p.weight': tf.tensor4d([1, 10], [1, 2, 1, 1]), 'p.bias': tf.tensor1d([5]) }
  const y = pointwise(ops, (name) => values[name], 'p', tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]))
  expect([...y.shape, ...y.dataSync()]).toEqual([1, 1, 2, 1, 26, 48])
})
