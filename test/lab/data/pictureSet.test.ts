import { expect, test } from 'vitest'
import { joined, pictureAt, setOf, sizeText } from '../../../src/lab/data/pictureSet.js'
import type { Picture } from '../../../src/network/picture.js'

const picture = (...data: number[]): Picture => ({ width: 2, height: 1, components: 1, data: Uint8Array.from(data) })

test('pictures as a set, and out of it, in memory that threads share', () => {
  const set = setOf([picture(1, 2), picture(3, 4)], [7, 8])
  expect(set).toMatchObject({ width: 2, height: 1, components: 1, count: 2, labels: Uint8Array.of(7, 8) })
  expect(set.data.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect([...pictureAt(set, 1).data]).toEqual([3, 4])
})

test('several sizes, and none, are named', () => {
  expect(() => setOf([], null)).toThrow('the pictures is none')
  const other: Picture = { width: 1, height: 1, components: 3, data: new Uint8Array(3) }
  expect(sizeText(other)).toBe('1×1 in RGB')
  expect(() => setOf([picture(1, 2), other], null)).toThrow('of 2×1 in grey and of 1×1 in RGB')
})

test('sets are joined in order, with labels where all have them', () => {
  const [a, b] = [setOf([picture(1, 2)], [5]), setOf([picture(3, 4)], [6])]
  expect(joined([a])).toBe(a)
  expect([...joined([a, b]).data]).toEqual([1, 2, 3, 4])
  expect(joined([a, b]).labels).toEqual(Uint8Array.of(5, 6))
  expect(joined([a, setOf([picture(3, 4)], null)]).labels).toBeNull()
})
