import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { leb128Bytes, readLeb128 } from '../../src/format/leb128.js'

const read = (bytes: number[]) => readLeb128({ bytes: Uint8Array.from(bytes), offset: 0 }, 'width')

test.each([
  [0, [0]],
  [127, [0x7f]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [16383, [0xff, 0x7f]],
  [16384, [0x80, 0x80, 1]],
  [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
])('%i', (value, bytes) => {
  expect(leb128Bytes(value)).toEqual(bytes)
  expect(read(bytes)).toBe(value)
})

test.each([
  ['overlong zero', [0x80, 0]],
  ['overlong 1', [0x81, 0x80, 0]],
  ['2^32', [0x80, 0x80, 0x80, 0x80, 0x10]],
  ['six bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 1]],
])('%s is Corrupt', (_, bytes) => {
  expect(() => read(bytes)).toThrow(/damaged: width is a/)
})

test('a cut value is Truncated', () => {
  expect(() => read([])).toThrow(/cut short: width/)
  expect(() => read([0x80])).toThrow(/cut short: width/)
})

test.each([-1, 0.5, 2 ** 32, NaN])('%d has no encoding', (value) => {
  expect(() => leb128Bytes(value)).toThrow(DdncError)
})

/** The definition, in integers without bounds. */
function reference(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value % 128n) + 128, ...reference(value / 128n)]
}

test('agrees with BigInt and returns the value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 }), fc.nat(0xffffffff), (shift, number) => {
      const value = Number(BigInt(number) >> BigInt(shift)) // all lengths are likely
      const bytes = leb128Bytes(value)
      expect(bytes).toEqual(reference(BigInt(value)))
      const reader = { bytes: Uint8Array.from([...bytes, 255]), offset: 0 }
      expect(readLeb128(reader, 'width')).toBe(value)
      expect(reader.offset).toBe(bytes.length)
    }),
  )
})

test('arbitrary bytes are the shortest encoding of their value, or a tagged error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 7 }), (bytes) => {
      const reader = { bytes, offset: 0 }
      try {
        expect(leb128Bytes(readLeb128(reader, 'width'))).toEqual([...bytes.subarray(0, reader.offset)])
      } catch (error) {
        if (!(error instanceof DdncError)) throw error
      }
    }),
  )
})
