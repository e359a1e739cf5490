import { expect, test } from 'vitest'
import { joinBytes, readByte, readBytes, readUint32, uint32Bytes } from '../../src/format/bytes.js'

const reader = (bytes: number[]) => ({ bytes: Uint8Array.from(bytes), offset: 0 })

test('reads advance the offset', () => {
  const source = reader([7, 0xff, 0, 0, 1, 8, 9])
  expect(readByte(source, 's')).toBe(7)
  expect(readUint32(source, 'CRC')).toBe(0xff000001)
  expect(readBytes(source, 2, 'hash')).toEqual(Uint8Array.of(8, 9))
  expect(source.offset).toBe(7)
})

test('a short read says what is missing and moves nothing', () => {
  const source = reader([1, 2])
  expect(() => readUint32(source, 'CRC')).toThrow('cut short: CRC needs 4 bytes, 2 are there')
  expect(source.offset).toBe(0)
})

test('reads are views: a claimed size allocates nothing', () => {
  const source = reader([1, 2])
  expect(readBytes(source, 2, 'data').buffer).toBe(source.bytes.buffer)
})

test('writes big-endian words and joins parts', () => {
  expect(uint32Bytes(0xff000001)).toEqual([0xff, 0, 0, 1])
  expect(joinBytes([[1], Uint8Array.of(2, 3), []])).toEqual(Uint8Array.of(1, 2, 3))
})
