import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { analyse, synthesise } from '../../src/network/lapped.js'

type Matrix = number[][]

const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]))
const multiply = (...factors: Matrix[]): Matrix =>
  factors.reduce((a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0))))
const identity = (n: number): Matrix => range(n).map((i) => range(n).map((j) => Number(i === j)))

function dct2(m: number): Matrix {
  const scale = (k: number) => Math.sqrt((k === 0 ? 1 : 2) / m)
  return range(m).map((k) => range(m).map((n) => scale(k) * Math.cos((Math.PI * (n + 0.5) * k) / m)))
}

function dct4(m: number): Matrix {
  return range(m).map((k) => range(m).map((n) => Math.sqrt(2 / m) * Math.cos((Math.PI * (n + 0.5) * (k + 0.5)) / m)))
}

/** The transform as one matrix [width, width], built as the prototype's lot() builds it. */
function lappedMatrix(width: number): Matrix {
  const J = identity(4).reverse()
  const V = multiply(J, transpose(dct2(4)), dct4(4), J)
  const blocks = (a: Matrix, b: Matrix, c: Matrix, d: Matrix): Matrix => [
    ...a.map((row, i) => [...row, ...b[i]]),
    ...c.map((row, i) => [...row, ...d[i]]),
  ]
  const negative = identity(4).map((row) => row.map((x) => -x))
  const zero = identity(4).map((row) => row.map(() => 0))
  const butterfly = blocks(identity(4), J, J, negative).map((row) => row.map((x) => x / Math.sqrt(2)))
  const filter = multiply(butterfly, blocks(identity(4), zero, zero, V), butterfly)
  const filters = identity(width)
  for (let b = 8; b < width; b += 8) filters.splice(b - 4, 8, ...multiply(filter, filters.slice(b - 4, b + 4)))
  const dct = dct2(8)
  const cosines = identity(width).map((row, i) => row.map((_, j) => (i >> 3 === j >> 3 ? dct[i & 7][j & 7] : 0)))
  return multiply(cosines, filters)
}

/** [positions, 64] by two matrix products. */
function analyseByMatrix(plane: Float64Array, width: number, height: number): number[] {
  const samples = range(height).map((y) => [...plane.subarray(y * width, (y + 1) * width)])
  const both = multiply(lappedMatrix(height), samples, transpose(lappedMatrix(width)))
  return range(width * height).map((i) => {
    const position = i >> 6
    const across = width / 8
    return both[Math.floor(position / across) * 8 + ((i >> 3) & 7)][(position % across) * 8 + (i & 7)]
  })
}

const anyPlane = fc
  .record({ across: fc.integer({ min: 1, max: 5 }), down: fc.integer({ min: 1, max: 4 }) })
  .chain(({ across, down }) =>
    fc.record({
      across: fc.constant(across),
      down: fc.constant(down),
      plane: fc.float64Array({
        min: -1000,
        max: 1000,
        noNaN: true,
        minLength: across * down * 64,
        maxLength: across * down * 64,
      }),
    }),
  )

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  range(a.length).reduce((most, i) => Math.max(most, Math.abs(a[i] - b[i])), 0)
const sha256 = (a: Float64Array) => createHash('sha256').update(a).digest('hex')
const energy = (a: Float64Array) => a.reduce((sum, x) => sum + x * x, 0)

test('one block is the DCT: a cosine across is one coefficient', () => {
  // Row 3 of the DCT-II in every row of samples: coefficient 3 is √8, for 8 rows of energy 1.
  const plane = Float64Array.from({ length: 64 }, (_, i) => 0.5 * Math.cos((Math.PI * ((i & 7) + 0.5) * 3) / 8))
  const expected = new Float64Array(64)
  expected[3] = Math.sqrt(8)
  expect(largestDifference(analyse(plane, 8, 8), expected)).toBeLessThan(1e-15)
})

test('coefficients are row·8 + column: a change down the picture is in column 0', () => {
  const plane = Float64Array.from({ length: 128 }, (_, i) => i >> 4) // 16 wide, 8 high
  const coefficients = analyse(plane, 16, 8)
  coefficients.forEach((value, i) => expect(Math.abs(value) > 1e-14).toBe([0, 8, 24, 40, 56].includes(i & 63)))
})

test('a flat picture is exactly one coefficient a block, and comes back flat', () => {
  const coefficients = analyse(new Float64Array(24 * 16).fill(100), 24, 16)
  coefficients.forEach((value, i) => {
    if (i & 63) expect(value === 0).toBe(true)
    else expect(value).toBeCloseTo(800, 10)
  })
  const back = synthesise(coefficients, 3, 2)
  expect(largestDifference(back, new Float64Array(24 * 16).fill(100))).toBeLessThan(1e-12)
})

test('the check of SPEC 7.4: bits, not tolerances', () => {
  // The numbers come from a program written from the text of the specification, in another language.
  const plane = Float64Array.from({ length: 24 * 16 }, (_, i) => ((i * i * 7919) % 511) - 255)
  const coefficients = analyse(plane, 24, 16)
  expect([...coefficients.subarray(0, 3)]).toEqual([69.6292554834881, 158.55194487910322, -79.52188627769512])
  expect(sha256(coefficients)).toBe('56c957b5c72cc301776c16f60c1eafd604bff3a0202dcd51cbdbbd8af3748c88')
  const back = synthesise(
    coefficients.map((x) => Math.floor(x + 0.5)),
    3,
    2,
  )
  expect([...back.subarray(0, 3)]).toEqual([-255.18617429222425, -1.5836161269731974, 250.09193511359803])
  expect(sha256(back)).toBe('a487dfdf508c36d0dbb30c6d134d25db1f6c7650df59b2fc6d236c2bc5202e77')
})

test('the reach of one coefficient: its block and 4 samples around', () => {
  const coefficients = new Float64Array(9 * 64) // 3×3 blocks
  coefficients[4 * 64 + 9] = 1000
  const plane = synthesise(coefficients, 3, 3)
  const reached = [...plane.keys()].filter((i) => plane[i] !== 0)
  expect(Math.min(...reached.map((i) => i % 24))).toBe(4)
  expect(Math.max(...reached.map((i) => i % 24))).toBe(19)
  expect(Math.min(...reached.map((i) => Math.floor(i / 24)))).toBe(4)
  expect(Math.max(...reached.map((i) => Math.floor(i / 24)))).toBe(19)
})

test('equals the matrix of the prototype, to 1e-11 for samples within ±1000', () => {
  fc.assert(
    fc.property(anyPlane, ({ plane, across, down }) => {
      const byMatrix = analyseByMatrix(plane, across * 8, down * 8)
      expect(largestDifference(analyse(plane, across * 8, down * 8), byMatrix)).toBeLessThan(1e-11)
    }),
    { numRuns: 30 },
  )
})

test('synthesise inverts analyse to 3e-12 for samples within ±1000, and energy is kept', () => {
  fc.assert(
    fc.property(anyPlane, ({ plane, across, down }) => {
      const before = plane.slice()
      const coefficients = analyse(plane, across * 8, down * 8)
      expect(plane).toEqual(before)
      const kept = coefficients.slice()
      const back = synthesise(coefficients, across, down)
      expect(coefficients).toEqual(kept)
      expect(largestDifference(back, plane)).toBeLessThan(3e-12)
      expect(Math.abs(energy(coefficients) - energy(plane))).toBeLessThan(1e-13 * (1 + energy(plane)))
    }),
  )
})

test('analyse inverts synthesise: the basis is complete', () => {
  fc.assert(
    fc.property(anyPlane, ({ plane: coefficients, across, down }) => {
      const back = analyse(synthesise(coefficients, across, down), across * 8, down * 8)
      expect(largestDifference(back, coefficients)).toBeLessThan(1e-11)
    }),
  )
})

test('integers, any array-like and a given output make no difference', () => {
  const integers = Int32Array.from({ length: 4 * 64 }, (_, i) => ((i * 7919) % 401) - 200)
  const expected = synthesise(Float64Array.from(integers), 2, 2)
  const out = new Float64Array(256).fill(NaN)
  expect(synthesise(integers, 2, 2, 0, 64, out)).toBe(out)
  expect(out).toEqual(expected)
  expect(synthesise([...integers], 2, 2)).toEqual(expected)
  const between = Array.from({ length: 4 * 192 }, (_, i) =>
    i % 192 >= 128 ? integers[Math.floor(i / 192) * 64 + (i % 64)] : 7,
  )
  expect(synthesise(between, 2, 2, 128, 192)).toEqual(expected)
})

test.each([
  [() => analyse(new Float64Array(72), 9, 8), 'width'],
  [() => analyse(new Float64Array(0), 8, 0), 'height'],
  [() => analyse(new Float64Array(63), 8, 8), 'length of plane'],
  [() => synthesise(new Float64Array(64), 0, 1), 'width'],
  [() => synthesise(new Float64Array(64), 1, 1.5), 'height'],
  [() => synthesise(new Float64Array(64), 1, 2), 'length of coefficients'],
  [() => synthesise(new Float64Array(64), 1, 1, 0, 64, new Float64Array(65)), 'length of out'],
])('sizes that do not fit are a BadOption (%#)', (call, option) => {
  expect(call).toThrow(DdncError)
  expect(call).toThrow(expect.objectContaining({ fault: expect.objectContaining({ tag: 'BadOption', option }) }))
})
