/** Intervals that are collected are those that are coded, however many. */
import { expect, test } from 'vitest'
import { intervalList } from '../../src/format/intervals.js'
import { encodeRans } from '../../src/format/rans.js'

test('a stream is that of the intervals since the last one', () => {
  const intervals = intervalList()
  intervals.put(0, 2 ** 14)
  intervals.put(2 ** 14, 100)
  expect([...intervals.frequencies()]).toEqual([2 ** 14, 100])
  expect(intervals.stream()).toEqual(encodeRans(Uint16Array.of(0, 2 ** 14), Uint16Array.of(2 ** 14, 100), 2))
  expect(intervals.frequencies()).toHaveLength(0)
  expect(intervals.stream()).toEqual(encodeRans(new Uint16Array(0), new Uint16Array(0), 0))
})

test('there is room for more than it begins with', () => {
  const count = 2 ** 16 + 3
  const intervals = intervalList()
  const starts = Uint16Array.from({ length: count }, (_, i) => i % 1000)
  const frequencies = Uint16Array.from({ length: count }, (_, i) => 1 + (i % 77))
  for (let i = 0; i < count; i++) intervals.put(starts[i], frequencies[i])
  expect(Buffer.compare(intervals.stream(), encodeRans(starts, frequencies, count))).toBe(0)
})
