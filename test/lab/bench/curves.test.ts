import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bdRate, bytesAt, dense, monotoneCubic, psnrAt, rising, type Point } from '../../../src/lab/bench/curves.js'

/** Files whose bytes grow by `factor` every `decibel`. */
const exponential = (bytes: number, factor: number, decibel: number, count: number): Point[] =>
  Array.from({ length: count }, (_, at) => ({ bytes: bytes * factor ** at, psnr: 25 + at * decibel }))

describe('bytes at a PSNR', () => {
  const curve: Point[] = [
    { bytes: 100, psnr: 30 },
    { bytes: 400, psnr: 32 },
    { bytes: 500, psnr: 33 },
  ]

  test('between two settings the logarithm is linear', () => {
    expect(bytesAt(curve, 31)).toBeCloseTo(200, 9)
    expect(bytesAt(curve, 32)).toBeCloseTo(400, 9)
    expect(bytesAt(curve, 30)).toBeCloseTo(100, 9)
  })

  test('not reached is null, above and below', () => {
    expect(bytesAt(curve, 33.001)).toBeNull()
    expect(bytesAt(curve, 29.999)).toBeNull()
    expect(bytesAt([], 30)).toBeNull()
  })

  test('where PSNR turns back the cheapest crossing counts', () => {
    const [dear, cheap] = [200, 150].map((bytes) => [
      { bytes, psnr: 30 },
      { bytes, psnr: 34 },
    ])
    expect(bytesAt([...dear, ...cheap], 32)).toBeCloseTo(150, 9)
  })
})

describe('BD-rate', () => {
  test('a codec that always needs 40 % less has ln 0.6', () => {
    const ours = exponential(60, 1.5, 2, 7)
    const theirs = exponential(100, 1.05, 0.24065, 101) // finer, the same growth: ln 1.05 / 0.24065 = ln 1.5 / 2
    expect(bdRate(ours, theirs, [90, 500])).toBeCloseTo(Math.log(0.6), 3)
  })

  test('against itself it is 0', () => {
    const curve = exponential(100, 1.3, 1, 12)
    expect(bdRate(curve, curve, [120, 1000])).toBeCloseTo(0, 9)
  })

  test('without a PSNR in common it is null', () => {
    const high = exponential(100, 2, 1, 5).map(({ bytes, psnr }) => ({ bytes, psnr: psnr + 50 }))
    expect(bdRate(exponential(100, 2, 1, 5), high, [100, 1000])).toBeNull()
  })
})

describe('few points', () => {
  const points: Point[] = [
    { bytes: 400, psnr: 33 },
    { bytes: 100, psnr: 30 },
    { bytes: 200, psnr: 29 },
    { bytes: 300, psnr: 30 },
  ]

  test('those that are no better than a smaller one are left out', () => {
    expect(rising(points, ({ psnr }) => psnr)).toEqual([points[1], points[0]])
    expect(rising([], () => 0)).toEqual([])
  })

  test('made dense they meet their points and rise', () => {
    const curve = dense(exponential(100, 1.3, 1, 5))
    expect(curve[0]).toEqual({ bytes: expect.closeTo(100, 9), psnr: 25 })
    expect(curve.at(-1)).toEqual({ bytes: expect.closeTo(100 * 1.3 ** 4, 9), psnr: 29 })
    expect(rising(curve, ({ psnr }) => psnr)).toEqual(curve)
    expect(bytesAt(curve, 27)).toBeCloseTo(169, 9)
    expect(dense(points.slice(0, 1))).toEqual(points.slice(0, 1))
  })

  test('a single one has no BD-rate', () => {
    expect(bdRate(points.slice(0, 1), exponential(100, 1.3, 1, 12), [90, 500])).toBeNull()
  })
})

test('the cubic meets its points, follows a line exactly and stays at the ends', () => {
  const xs = [0, 1, 4, 6]
  for (const [at, x] of xs.entries()) expect(monotoneCubic(xs, [5, 2, 2, -9], x)).toBeCloseTo([5, 2, 2, -9][at], 12)
  expect(monotoneCubic(xs, [1, 3, 9, 13], 2.5)).toBeCloseTo(6, 12)
  expect(monotoneCubic(xs, [1, 3, 9, 13], -1)).toBe(1)
  expect(monotoneCubic(xs, [1, 3, 9, 13], 7)).toBe(13)
})

test('the cubic never leaves the two points around it', () => {
  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  const steps = fc.array(fc.tuple(between(0.1, 9), between(0, 9)), { minLength: 2, maxLength: 9 })
  fc.assert(
    fc.property(steps, between(0, 1), (pairs, share) => {
      let [x, y] = [0, 0]
      const points = pairs.map(([dx, dy]) => [(x += dx), (y += dy)])
      const [xs, ys] = [points.map(([px]) => px), points.map(([, py]) => py)]
      const wanted = xs[0] + share * (xs[xs.length - 1] - xs[0])
      const after = Math.max(
        1,
        xs.findIndex((next) => next >= wanted),
      )
      const value = monotoneCubic(xs, ys, wanted)
      expect(value).toBeGreaterThanOrEqual(ys[after - 1] - 1e-9)
      expect(value).toBeLessThanOrEqual(ys[after] + 1e-9)
    }),
  )
})

test('PSNR at a size: at files, halfway in the logarithm between two, not beyond', () => {
  const curve = [
    { bytes: 400, psnr: 32 },
    { bytes: 100, psnr: 30 },
  ]
  expect(psnrAt(curve, 200)).toBeCloseTo(31, 9)
  expect([100, 400].map((bytes) => psnrAt(curve, bytes))).toEqual([30, 32])
  expect([99, 401].map((bytes) => psnrAt(curve, bytes))).toEqual([null, null])
  expect(psnrAt(curve.slice(1), 100)).toBeNull()
})
