import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDrawn, placing, type Axis } from '../../../src/lab/draw/axes.js'

const linear: Axis = { label: '', scale: 'linear' }
const log: Axis = { label: '', scale: 'log' }
const rounded = (marks: readonly number[]): number[] => marks.map((mark) => Number(mark.toPrecision(9)))

test('an axis reaches a thirtieth beyond its values, or as it is told', () => {
  const free = placing(linear, [30, 33])
  expect(free.share(30)).toBeCloseTo(1 / 32, 12)
  expect(rounded(free.marks)).toEqual([30, 30.5, 31, 31.5, 32, 32.5, 33])
  const shares = placing({ ...linear, range: [0, 1] }, [5])
  expect(shares.share(0.25)).toBe(0.25)
  expect(rounded(shares.marks)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
})

test('marks of decades: the fewer a decade the more there are', () => {
  expect(rounded(placing(log, [0.0001, 10]).marks)).toEqual([0.0001, 0.001, 0.01, 0.1, 1, 10])
  expect(rounded(placing(log, [0.1, 4]).marks)).toEqual([0.1, 0.2, 0.5, 1, 2])
  expect(rounded(placing(log, [0.25, 0.5]).marks)).toEqual([0.3, 0.4, 0.5])
})

test('what has a place', () => {
  expect([null, NaN, Infinity, 0, -1, 2].map((value) => isDrawn(value, linear))).toEqual([
    ...[false, false, false],
    ...[true, true, true],
  ])
  expect([0, -1, 2].map((value) => isDrawn(value, log))).toEqual([false, false, true])
})

test('any values are inside, in their order, with a few marks beside them', () => {
  const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.constantFrom(linear, log), fc.array(value, { maxLength: 30 }), (axis, values) => {
      const { share, marks } = placing(axis, values)
      for (const each of [...values, ...marks]) {
        expect(share(each)).toBeGreaterThan(-1e-9)
        expect(share(each)).toBeLessThan(1 + 1e-9)
      }
      expect([...marks].sort((a, b) => a - b)).toEqual(marks)
      expect(marks.length).toBeLessThanOrEqual(14)
    }),
  )
})
