import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rising } from '../../../src/lab/bench/curves.js'
import { akima, bjontegaard, cubic, type Sample } from '../../../src/lab/bench/bjontegaard.js'

const samples = (rates: number[], qualities: number[]): Sample[] =>
  rates.map((rate, at) => ({ bytes: 1000 * rate, quality: qualities[at] }))

/** A pair of curves that implementations of BD-rate are commonly tried on. */
const FIRST = samples([686.76, 309.58, 157.11, 85.95], [40.28, 37.18, 34.24, 31.42])
const SECOND = samples([893.34, 407.8, 204.93, 112.75], [40.39, 37.21, 34.17, 31.24])
const ALL = [1, 1e9] as const

// The literals: numpy.polyfit and polyint of degree 3; scipy's Akima1DInterpolator.
test('the usual cubic', () => {
  const { rate, quality } = bjontegaard(SECOND, FIRST, ALL, cubic)!
  expect(rate).toBeCloseTo(0.2730559355, 8)
  expect(quality).toBeCloseTo(-1.1848979218, 7)
})

test("Akima's", () => {
  const { rate, quality } = bjontegaard(SECOND, FIRST, ALL, akima)!
  expect(rate).toBeCloseTo(0.2729540632, 6)
  expect(quality).toBeCloseTo(-1.1836589701, 5)
  const curve = akima([0, 1, 3, 4, 6, 7], [0, 2, 1, 1, 5, 4])
  const found = [0.5, 2, 3.5, 5, 6.5].map(curve)
  for (const [at, value] of [1.41666667, 1.53472222, 0.93650794, 2.87142857, 4.9125].entries())
    expect(found[at]).toBeCloseTo(value, 7)
})

test("Akima's, where slopes are equal but for rounding: their mean at the bend, whatever the rounding", () => {
  const curve = (offset: number) =>
    akima(
      [0, 1, 2, 3, 4].map((x) => x * 0.1),
      [0, 1, 2, 4, 6].map((y) => y * 0.7 + offset),
    )
  const middle = curve(0)(0.15)
  for (let at = 1; at < 50; at++) expect(curve(at / 7)(0.15) - at / 7).toBeCloseTo(middle, 6)
})

test('both go through a straight line, and the cubic through a cubic', () => {
  const xs = [1, 2, 4, 5, 8]
  for (const interpolate of [akima, cubic]) {
    const line = interpolate(
      xs,
      xs.map((x) => 3 * x - 2),
    )
    for (const x of [1, 1.5, 3, 7, 8]) expect(line(x)).toBeCloseTo(3 * x - 2, 9)
  }
  const f = (x: number): number => x ** 3 - 6 * x ** 2 + 2
  expect(cubic(xs, xs.map(f))(6)).toBeCloseTo(f(6), 8)
})

test('as good with a share of the bytes: that share, whatever the curve', () => {
  const steps = fc.array(fc.integer({ min: 50, max: 300 }), { minLength: 4, maxLength: 9 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 60, max: 160 }), (gaps, percent) => {
      const share = percent / 100
      let quality = 20
      const ours = gaps.map((gap, at) => ({ bytes: 1000 * 1.8 ** at, quality: (quality += gap / 100) }))
      const theirs = ours.map((sample) => ({ ...sample, bytes: sample.bytes / share }))
      for (const interpolate of [akima, cubic])
        expect(bjontegaard(ours, theirs, ALL, interpolate)!.rate).toBeCloseTo(Math.log(share), 6)
    }),
  )
})

test('the range is that of our files', () => {
  // Twice the bytes below 2,000, the same above.
  const ours = [500, 1000, 2000, 4000, 8000, 16000].map((bytes, at) => ({ bytes, quality: 30 + at }))
  const theirs = ours.map(({ bytes, quality }) => ({ bytes: bytes < 2000 ? bytes / 2 : bytes, quality }))
  expect(bjontegaard(ours, theirs, [4000, 16000], akima)!.rate).toBeCloseTo(0, 9)
  expect(bjontegaard(ours, theirs, [500, 1000], akima)!.rate).toBeGreaterThan(0.5)
})

test('nothing in common, or too few points, is no difference', () => {
  const better = FIRST.map(({ bytes, quality }) => ({ bytes, quality: quality + 20 }))
  expect(bjontegaard(FIRST, better, ALL, akima)).toBeNull()
  expect(bjontegaard(FIRST.slice(1), SECOND, ALL, akima)).toBeNull()
})

test('points that are no better than a smaller one do not count', () => {
  const points = [
    { bytes: 3, quality: 31 },
    { bytes: 1, quality: 30 },
    { bytes: 2, quality: 29 },
  ]
  expect(rising(points, ({ quality }) => quality)).toEqual([points[1], points[0]])
})
