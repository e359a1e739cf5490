import { describe, expect, test } from 'vitest'
import { byPsnr, bytesAt, psnrAt, rising, type Point } from '../../../src/lab/bench/curves.js'

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

test('PSNR as a quality', () => {
  expect(byPsnr([{ bytes: 3, psnr: 31 }])).toEqual([{ bytes: 3, quality: 31 }])
})
