import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Convolution } from '../../src/engine/engine.js'
import { inputShift, roundFixed, roundFree, scales, type Context } from '../../src/lab/quantise/roundConvolution.js'
import { largestSum } from '../../src/network/bounds.js'

const convolutionOf = (
  side: 1 | 3,
  inputs: number,
  weights: readonly number[],
  bias: readonly number[],
): Convolution => ({
  name: 'it',
  side,
  inputs,
  outputs: bias.length,
  weights: Float64Array.from(weights),
  bias: Float64Array.from(bias),
  shift: new Uint8Array(bias.length),
})

const contextOf = (bits: 8 | 16, output: readonly number[] = [], input = 0): Context => ({
  tensors: new Map(),
  ranges: { input: new Map([['it', input]]), output: new Map([['it', Float64Array.from(output)]]) },
  signed: new Set(),
  bits: () => bits,
})

/** The integer convolution that rounding has left in a context. */
function rounded({ tensors }: Context, convolution: Convolution): Convolution {
  const get = (part: string) => tensors.get(`it.${part}`)!.data
  return { ...convolution, weights: get('weights'), bias: get('bias'), shift: get('shift') }
}

test('a weight of a half has the largest shift that its bits allow', () => {
  const half = convolutionOf(1, 1, [0.5], [3])
  for (const [bits, shift] of [
    [8, 7], // 0.5 · 2^8 is over 127
    [16, 15],
  ] as const) {
    const context = contextOf(bits)
    roundFixed(context, half, scales(1, 1))
    const { weights, bias, shift: shifts } = rounded(context, half)
    expect([[...weights], [...bias], [...shifts]]).toEqual([[2 ** (shift - 1)], [3 * 2 ** shift], [shift]])
  }
})

test('a weight whose output fits no shift is refused', () => {
  expect(() => roundFixed(contextOf(8), convolutionOf(1, 1, [128], [0]), scales(1, 1))).toThrow(
    'too large for any shift',
  )
})

test('an input is shifted into the clip, with room above its calibrated range', () => {
  const it = convolutionOf(1, 1, [1], [0])
  expect([0, 6000, 8000, 8191 * 8].map((most) => inputShift(contextOf(8, [], most), it))).toEqual([0, 0, 1, 4])
})

const anyConvolution = fc
  .record({ side: fc.constantFrom(1 as const, 3 as const), inputs: fc.nat(3).map((n) => n + 1), outputs: fc.nat(2) })
  .chain(({ side, inputs, outputs }) => {
    // Weights of nearly 0 would want shifts over 30.
    const number = fc.double({ min: -50, max: 50, noNaN: true }).map((x) => x + (x < 0 ? -0.01 : 0.01))
    const count = (outputs + 1) * inputs * side * side
    return fc.record({
      convolution: fc
        .tuple(
          fc.array(number, { minLength: count, maxLength: count }),
          fc.array(number, { minLength: outputs + 1, maxLength: outputs + 1 }),
        )
        .map(([weights, bias]) => convolutionOf(side, inputs, weights, bias)),
      bits: fc.constantFrom(8 as const, 16 as const),
      inScale: fc.array(fc.double({ min: 0.5, max: 4, noNaN: true }), { minLength: inputs, maxLength: inputs }),
    })
  })

/** Every weight is rounded from its factor, and every sum is within its bound. */
function expectRounded(
  convolution: Convolution,
  integers: Convolution,
  inScale: readonly number[],
  outScale: Float64Array,
) {
  const taps = convolution.side ** 2 * convolution.inputs
  for (let o = 0; o < convolution.outputs; o++) {
    const factor = outScale[o] * 2 ** integers.shift[o]
    for (let i = o * taps; i < (o + 1) * taps; i++) {
      const exact = (convolution.weights[i] * factor) / inScale[i % convolution.inputs]
      expect(Math.abs(integers.weights[i] - exact)).toBeLessThan(0.5 + 1e-6)
    }
    expect(Math.abs(integers.bias[o] - convolution.bias[o] * factor)).toBeLessThan(0.5 + 1e-6)
    expect(largestSum(integers, 'rectified', o)).toBeLessThan(2 ** 30)
  }
}

test('outputs of a given scale: rounded weights within their bounds', () => {
  fc.assert(
    fc.property(anyConvolution, ({ convolution, bits, inScale }) => {
      const context = contextOf(bits)
      roundFixed(context, convolution, Float64Array.from(inScale))
      expectRounded(convolution, rounded(context, convolution), inScale, scales(convolution.outputs, 1))
    }),
  )
})

test('outputs of any scale: the same, and calibrated outputs come within the clip', () => {
  fc.assert(
    fc.property(
      anyConvolution,
      fc.double({ min: 1, max: 1e5, noNaN: true }),
      ({ convolution, bits, inScale }, most) => {
        const context = contextOf(bits, new Array<number>(convolution.outputs).fill(most))
        const outScale = roundFree(context, convolution, Float64Array.from(inScale))
        expectRounded(convolution, rounded(context, convolution), inScale, outScale)
        for (const scale of outScale) expect(scale * most).toBeLessThanOrEqual((8191 / 1.25) * (1 + 1e-9))
      },
    ),
  )
})
