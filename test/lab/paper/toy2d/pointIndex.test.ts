import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PointIndex, type Biases } from '../../../../src/lab/paper/toy2d/pointIndex.js'

const pointsOf = (...places: readonly (readonly [x: number, y: number])[]) => ({
  x: Float64Array.from(places, ([x]) => x),
  y: Float64Array.from(places, ([, y]) => y),
})

test('the nearest of three, and the first of two that are equally near', () => {
  const index = new PointIndex(pointsOf([-1, 0], [1, 0], [1, 0]))
  expect(index.nearest(-0.1, 0)).toBe(0)
  expect(index.nearest(0.1, 0)).toBe(1)
  expect(index.nearest(0, 0)).toBe(0)
})

test('a bias is added to the squared distance', () => {
  const index = new PointIndex(pointsOf([0, 0], [1, 0]))
  const biases = (first: number): Biases => ({ of: Float64Array.of(first, 0), least: 0 })
  expect(index.nearest(0, 0, biases(0.9))).toBe(0)
  expect(index.nearest(0, 0, biases(1.1))).toBe(1)
})

test('a point goes a part of the way, and to where another one is', () => {
  const index = new PointIndex(pointsOf([0, 0], [1, 1]))
  index.approach(0, 0.5, -1, 0.5)
  expect(index.points()).toEqual(pointsOf([0.25, -0.5], [1, 1]))
  index.moveTo(1, 0)
  expect(index.points()).toEqual(pointsOf([0.25, -0.5], [0.25, -0.5]))
})

/** Eighths: many equal distances, and points on the borders of cells. */
const coordinate = fc.integer({ min: -8, max: 8 }).map((eighths) => eighths / 8)
const place = fc.tuple(coordinate, coordinate)
const anyCase = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record({
    start: fc.array(place, { minLength: count, maxLength: count }),
    moves: fc.array(fc.tuple(fc.nat(count - 1), place), { maxLength: 40 }),
    biases: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: count, maxLength: count }),
    queries: fc.array(place, { minLength: 1, maxLength: 20 }),
  }),
)

test('the same as looking at all points, whatever was moved and however costs are raised', () => {
  fc.assert(
    fc.property(anyCase, ({ start, moves, biases, queries }) => {
      const index = new PointIndex(pointsOf(...start))
      const places = [...start]
      for (const [k, to] of moves) {
        index.move(k, ...to)
        places[k] = to
      }
      const of = Float64Array.from(biases, (bias) => bias / 8)
      for (const [x, y] of queries) {
        const squared = places.map(([a, b]) => (a - x) ** 2 + (b - y) ** 2)
        const costs = squared.map((distance, k) => distance + of[k])
        expect(index.nearest(x, y)).toBe(squared.indexOf(Math.min(...squared)))
        expect(index.nearest(x, y, { of, least: Math.min(...of) })).toBe(costs.indexOf(Math.min(...costs)))
      }
    }),
  )
})
