import { beforeAll, describe, expect, test } from 'vitest'
import { loadBackend, type Backend, type Tensor } from '../../../src/lab/train/backend.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { expectGradients, numbers } from './gradient.js'

describe.each(['cpu', 'wasm'] as const)('on %s', (name) => {
  let backend: Backend
  let tf: Backend['tf']
  let ops: Operations
  beforeAll(async () => {
    backend = await loadBackend(name)
    tf = backend.tf
    ops = operations(backend)
  })
  const whole = (...values: number[]): Tensor => tf.tensor1d(values, 'int32')

  describe('gradients are those of finite differences', () => {
    const cases: [string, (...inputs: Tensor[]) => Tensor, number[][]][] = [
    ['transform', (x) => ops.transform(x, tf.tensor2d([[1, 2, 3], [4, 5, 7]])), [[3, 2]]],
    ['linear', (x, w, b) => ops.linear(x, w, b), [[3, 2], [4, 2], [4]]],
    ['linear over a grid', (x, w, b) => ops.linear(x, w, b), [[2, 1, 3, 2], [4, 2, 1, 1], [4]]],
    ['linear of a constant', (w, b) => ops.linearOfConstant(tf.tensor2d([[1, 2], [3, 4]]), w, b), [[4, 2], [4]]],
    ['to rows', (x, w, b) => ops.toRows(x, w, b), [[1, 2, 3, 2], [4, 2, 1, 1], [4]]],
    ['from rows', (x, w) => ops.fromRows(x, w), [[2, 5], [4, 2, 1, 1]]],
    ['convolve', (x, w, b) => ops.convolve(x, w, b), [[2, 3, 4, 2], [3, 2, 3, 3], [3]]],
    ['clamp', (x) => ops.clamp(x, 0.5), [[9]]],
    ['take of numbers', (table) => ops.take(table, whole(2, 0, 2, 2)), [[4]]],
    ['take of rows', (table) => ops.take(table, whole(2, 0, 2)), [[3, 2]]],
    ['reorder', (x) => ops.reorder(x, [2, 0, 3, 1]), [[4, 2]]],
  ] // prettier-ignore
    test.each(cases)('%s', (_, f, shapes) => expectGradients(backend, f, shapes))
  })

  test('what is detached has a value and no gradient', () => {
    const slope = tf.grad((x) => tf.sum(tf.mul(x, ops.detached(() => [tf.mul(x, x)])[0])))(tf.tensor1d([3]))
    expect([...slope.dataSync()]).toEqual([9])
  })

  test('a guide may find the least off the tape: what it takes has a gradient', () => {
    const least = (x: Tensor): Tensor => ops.take(x, tf.reshape(ops.detached(() => [tf.argMin(x)])[0], [1])) // prettier-ignore
    expect([
      ...tf
        .grad(least)(tf.tensor1d([3, -1, 2]))
        .dataSync(),
    ]).toEqual([0, 1, 0])
  })

  test('3×3: zeros beyond the edges, the weights not mirrored', () => {
    const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])
    const weights = tf.tensor4d([0, 0, 0, 0, 0, 1, 0, 0, 0], [1, 1, 3, 3])
    // Each position sees its neighbour to the right.
    expect([...ops.convolve(x, weights, tf.tensor1d([10])).dataSync()]).toEqual([12, 10, 14, 10])
  })

  test('at its bound a clamp lets the gradient through', () => {
    const slope = tf.grad((x) => tf.sum(ops.clamp(x, 1)))(tf.tensor1d([-1, 1, 1.5]))
    expect([...slope.dataSync()]).toEqual([1, 1, 0])
  })

  test('nothing stays behind', () => {
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const w = tf.tensor(numbers([3, 2, 3, 3], 1), [3, 2, 3, 3])
      tf.grad((x) => tf.sum(ops.clamp(ops.convolve(x, w, tf.zeros([3])), 1)))(tf.ones([1, 3, 3, 2]))
    })
    expect(tf.memory().numTensors).toBe(before)
  })
})
