import { expect, test } from 'vitest'
import { packConvolution, packTables } from '../../../src/engine/wasm/pack.js'
import { pair, zeros } from '../both.js'
import { cellTables } from '../layers.js'

test('pairs of inputs stand side by side for eight outputs', () => {
  const { weights, constants } = packConvolution(pair)
  // One pair of inputs, one more of zeros: the kernel takes two a step.
  expect([...weights]).toEqual([1, 2, -3, 4, ...zeros(12), ...zeros(16)])
  expect([...constants]).toEqual([10, -20 + 1, ...zeros(6), 2 ** 30, 2 ** 29, ...zeros(6)])
})

test('a model is packed once', () => {
  expect(packConvolution(pair)).toBe(packConvolution(pair))
})

test('the last candidate fills its group of four', () => {
  const layer = cellTables({ r: 1, K: 3, n: 1, rank: 1, priorShift: 1, priorTable: [7, 8, 9], priorBias: [10, 20, 30] })
  const { prior } = packTables(layer)
  expect([...prior.subarray(0, 4)]).toEqual([11, 21, 31, 31])
  expect([...new Int16Array(prior.buffer, 16)]).toEqual([7, 0, 8, 0, 9, 0, 9, 0])
})

test("layers beyond the kernels' buffers are refused", () => {
  const none = zeros(4094)
  const layer = cellTables({ r: 1, K: 2, n: 11, rank: 1, priorShift: 0, priorTable: none, priorBias: none })
  expect(() => packTables(layer)).toThrow('leaves of a layer is 2048, over the limit of 1024')
})
