import { expect, test } from 'vitest'
import { divergence, FLOOR, histogram, missing, strayShare } from '../../../../src/lab/paper/toy2d/divergence.js'

/** In the middles of the bins of a row of two by two. */
const points = (...bins: readonly number[]) => ({
  x: Float64Array.from(bins, (bin) => (bin % 2) - 0.5),
  y: Float64Array.from(bins, (bin) => Math.floor(bin / 2) - 0.5),
})
const density = (...masses: readonly number[]) => ({ side: 2, masses: Float64Array.from(masses) })

test('points fall into bins, those at the edges of the plane into the outermost', () => {
  expect([...histogram(points(0, 3, 3, 2), 2)]).toEqual([1, 0, 1, 2])
  expect([...histogram({ x: Float64Array.of(-1, 1), y: Float64Array.of(-1, 1) }, 2)]).toEqual([1, 0, 0, 1])
})

test('points as the density has its mass are at no distance', () => {
  expect(divergence(points(0, 1, 2, 3), density(0.25, 0.25, 0.25, 0.25))).toBe(0)
})

test('all points in a bin of half the mass: ln 2', () => {
  expect(divergence(points(1, 1), density(0, 0.5, 0.5, 0))).toBeCloseTo(Math.LN2, 12)
})

test('a stray costs its share times what the floor says', () => {
  const expected = 0.5 * Math.log(0.5 / FLOOR) + 0.5 * Math.log(0.5)
  expect(divergence(points(0, 1), density(0, 1, 0, 0))).toBeCloseTo(expected, 10)
  expect(strayShare(points(0, 1), density(0, 1, 0, 0))).toBe(0.5)
})

test('the other direction: what has no point is missing, half a point in every bin', () => {
  // Shares (2 + ½)/4, and ½/4 three times.
  const expected = 0.5 * Math.log(0.5 / 0.625) + 0.5 * Math.log(0.5 / 0.125)
  expect(missing(points(1, 1), density(0, 0.5, 0.5, 0))).toBeCloseTo(expected, 12)
})
