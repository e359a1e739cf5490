import { beforeAll, describe, expect, test } from 'vitest'
import { loadBackend, type Backend } from '../../../src/lab/train/backend.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { analysed, shuffle, synthesised, toOpponent, toRgb, unshuffle } from '../../../src/lab/train/transforms.js'
import { analyse } from '../../../src/network/lapped.js'
import { expectGradients, numbers } from './gradient.js'

let backend: Backend
let ops: Operations
beforeAll(async () => {
  backend = await loadBackend('cpu')
  ops = operations(backend)
})

test('four channels become a 2×2 square, row by row, and back', () => {
  const { tf } = ops
  const x = tf.tensor4d([0, 1, 2, 3, 10, 11, 12, 13], [1, 1, 2, 4])
  const squares = shuffle(ops, x, 2)
  expect(squares.shape).toEqual([1, 2, 4, 1])
  expect([...squares.dataSync()]).toEqual([0, 1, 10, 11, 2, 3, 12, 13])
  expect([...unshuffle(ops, squares, 2).dataSync()]).toEqual([...x.dataSync()])
})

test('grey has no chroma; colours come back', () => {
  const { tf } = ops
  const planes = toOpponent(ops, tf.tensor4d([129, 129, 129, 255, 0, 7], [1, 1, 2, 3]))
  const [luma, ...chroma] = planes.dataSync()
  expect(luma).toBeCloseTo(Math.sqrt(3), 5)
  expect(chroma.slice(0, 2).every((x) => Math.abs(x) < 1e-6)).toBe(true)
  const back = toRgb(ops, planes).dataSync()
  for (const [i, x] of [129, 129, 129, 255, 0, 7].entries()) expect(back[i]).toBeCloseTo(x, 3)
})

test('the lapped transform is the codec’s, both ways', () => {
  const { tf } = ops
  const [batch, height, width] = [2, 16, 24]
  const samples = numbers([batch, height, width, 3], 4).map((x) => 100 * x)
  const planes = tf.tensor4d(samples, [batch, height, width, 3])
  const coefficients = analysed(ops, planes)
  expect(coefficients.shape).toEqual([192, 12])
  const all = coefficients.dataSync()
  for (let i = 0; i < 6; i++) {
    const [picture, plane] = [Math.floor(i / 3), i % 3]
    const one = Float64Array.from(
      { length: height * width },
      (_, p) => samples[(picture * height * width + p) * 3 + plane],
    )
    const theirs = analyse(one, width, height)
    theirs.forEach((x, j) => expect(all[(plane * 64 + (j & 63)) * 12 + picture * 6 + (j >> 6)]).toBeCloseTo(x, 3))
  }
  synthesised(ops, coefficients, { batch, down: 2, across: 3 })
    .dataSync()
    .forEach((x, i) => expect(x).toBeCloseTo(samples[i], 3))
})

describe('gradients are those of finite differences', () => {
  test('shuffle', () => expectGradients(backend, (x) => shuffle(ops, x, 2), [[1, 2, 1, 8]]))
  test('unshuffle', () => expectGradients(backend, (x) => unshuffle(ops, x, 2), [[1, 2, 4, 2]]))
  test('analysed', () => expectGradients(backend, (x) => analysed(ops, x), [[1, 8, 16, 3]]))
  test('synthesised', () =>
    expectGradients(backend, (x) => synthesised(ops, x, { batch: 1, down: 1, across: 2 }), [[192, 2]]))
  test('toOpponent', () => expectGradients(backend, (x) => toOpponent(ops, x), [[1, 2, 1, 3]], 1))
})
