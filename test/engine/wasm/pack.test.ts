import { expect, test } from 'vitest'
import type { Convolution } from '../../../src/engine/engine.js'
import { instantiate } from '../../../src/engine/wasm/module.js'
import { packConvolution, packedBytes, packTables } from '../../../src/engine/wasm/pack.js'
import { pair, zeros } from '../both.js'
import { cellTables } from '../layers.js'

/** What the kernel makes of a convolution's weights. */
async function packedWeights(convolution: Convolution): Promise<number[]> {
  const memory = new WebAssembly.Memory({ initial: 2 })
  const { packWeights } = await instantiate(memory)
  const { weights } = packConvolution(convolution)
  const { side, inputs, outputs } = convolution
  const bytes = packedBytes(convolution)
  new (weights.constructor as Int8ArrayConstructor)(memory.buffer, 65536).set(weights)
  packWeights(65536, weights.BYTES_PER_ELEMENT, side, side * inputs, outputs, 65536 + 32768)
  return [...new Int16Array(memory.buffer, 65536 + 32768, bytes / 2)]
}

test('pairs of inputs stand side by side for eight outputs', async () => {
  // One pair of inputs, one more of zeros: the kernel takes two a step.
  expect(await packedWeights(pair)).toEqual([1, 2, -3, 4, ...zeros(12), ...zeros(16)])
  expect([...packConvolution(pair).constants]).toEqual([10, -20 + 1, ...zeros(6), 2 ** 30, 2 ** 29, ...zeros(6)])
})

test.each([Int8Array, Int16Array])('%o: nine outputs of three runs of fifteen', async (Weights) => {
  const weights = new Weights(Array.from({ length: 9 * 3 * 15 }, (_, i) => (i % 255) - 127))
  const convolution = { ...pair, side: 3, inputs: 5, outputs: 9, weights, shift: new Uint8Array(9) } as const
  const packed = await packedWeights(convolution)
  // [2 groups][3 runs][8 pairs][8 outputs][2 inputs]
  const expected = Array.from({ length: 2 * 3 * 8 * 8 * 2 }, (_, at) => {
    const input = ((at >> 4) % 8) * 2 + (at & 1)
    const output = Math.floor(at / 384) * 8 + ((at >> 1) & 7)
    return output < 9 && input < 15 ? weights[(output * 3 + (Math.floor(at / 128) % 3)) * 15 + input] : 0
  })
  expect(packed).toEqual(expected)
})

test.each([
  ['weights that nine times fit in 16 bits', 3640, 0, true],
  ['one more', 3641, 0, false],
  ['a sum below 2^29', 3640, 2 ** 29 - 1 - 8191 * 3640 - 1, true],
  ['a sum of 2^29', 3640, 2 ** 29 - 8191 * 3640 - 1, false],
])('Winograd is for %s', (_, weight, bias, winograd) => {
  const weights = Int16Array.from({ length: 36 }, (_, i) => (i === 5 ? -weight : 0))
  const one = { ...pair, side: 3, inputs: 4, outputs: 1, weights, bias: Int32Array.of(bias), shift: Uint8Array.of(1) }
  expect(packConvolution(one as Convolution).winograd).toBe(winograd)
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
