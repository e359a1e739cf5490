import { expect, test } from 'vitest'
import { mean, median, percent } from '../../../src/lab/bench/metrics.js'

test('mean and median', () => {
  expect(mean([1, 2, 6])).toBe(3)
  expect(median([9, 1, 2])).toBe(2)
  expect(median([9, 1, 2, 4])).toBe(3)
  expect(median([5])).toBe(5)
  expect(mean([])).toBeNaN()
  expect(median([])).toBeNaN()
})

test('mean ratio in per cent: half and a quarter of the bytes are -64.6 %, twice and half are 0', () => {
  expect(percent([Math.log(1 / 2), Math.log(1 / 4)])).toBeCloseTo(100 * (Math.sqrt(1 / 8) - 1), 9)
  expect(percent([Math.log(2), Math.log(1 / 2)])).toBeCloseTo(0, 9)
})
