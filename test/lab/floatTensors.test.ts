import { expect, test } from 'vitest'
import { putConvolution } from '../../src/lab/quantise/floatTensors.js'

test('inputs become the innermost of a convolution, weights and bias are scaled, no output is shifted', () => {
  const tensors = new Map<string, Float32Array>()
  // Weight 100·output + 10·input + tap.
  const weights = Float32Array.from({ length: 2 * 2 * 9 }, (_, at) => {
    return 100 * Math.floor(at / 18) + 10 * (Math.floor(at / 9) % 2) + (at % 9)
  })
  putConvolution(tensors, 'a', 3, weights, 2, Float32Array.of(1, -1), [2, 256])
  const taps = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const expected = [0, 100].flatMap((output) => taps.flatMap((tap) => [output + tap, output + 10 + tap]))
  expect([...tensors.get('a.weights')!]).toEqual(expected.map((w) => 2 * w))
  expect([...tensors.get('a.bias')!]).toEqual([256, -256])
  expect([...tensors.get('a.shift')!]).toEqual([0, 0])
})
