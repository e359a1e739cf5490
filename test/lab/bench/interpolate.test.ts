import { expect, test } from 'vitest'
import { akima, cubic } from '../../../src/lab/bench/interpolate.js'

// The literals: scipy's Akima1DInterpolator.
test("Akima's", () => {
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
