import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bjontegaard, type Sample } from '../../../src/lab/bench/bjontegaard.js'
import { akima, cubic } from '../../../src/lab/bench/interpolate.js'

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
