import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBits, readBits, writeBits } from '../../src/format/bits.js'

test('the first bit is the most significant of the first byte', () => {
  const bits = openBits(Uint8Array.of(0xb2, 0xff))
  expect([readBits(bits, 3), readBits(bits, 5), readBits(bits, 1)]).toEqual([0b101, 0b10010, 1])
})

test('fields cross bytes, and a hex dump reads from left to right', () => {
  const bytes = new Uint8Array(3)
  const bits = openBits(bytes)
  writeBits(bits, 0xabc, 12)
  writeBits(bits, 0xdef, 12)
  expect(bytes).toEqual(Uint8Array.of(0xab, 0xcd, 0xef))
})

test('views stay within their own bytes', () => {
  const whole = Uint8Array.of(1, 2, 3, 4)
  expect(readBits(openBits(whole.subarray(2, 3)), 8)).toBe(3)
  expect(readBits(openBits(Buffer.from(whole).subarray(1, 2)), 8)).toBe(2)
  expect(openBits(whole.subarray(2, 2)).bitsLeft).toBe(0)
})

test('shared memory can be read', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(4))
  shared.set([1, 2, 3, 4])
  expect(readBits(openBits(shared.subarray(2)), 16)).toBe(0x0304)
})

const anyField = fc.integer({ min: 1, max: 16 }).chain((width) => fc.tuple(fc.constant(width), fc.nat(2 ** width - 1)))

test('any fields are one number in BigInt, and return', () => {
  fc.assert(
    fc.property(fc.array(anyField), fc.nat(5), (fields, offset) => {
      const total = fields.reduce((sum, [width]) => sum + width, 0)
      const size = Math.ceil(total / 8)
      const whole = new Uint8Array(offset + size + 1)
      const bytes = whole.subarray(offset, offset + size)
      const bits = openBits(bytes)
      for (const [width, value] of fields) writeBits(bits, value, width)

      const number = fields.reduce((sum, [width, value]) => (sum << BigInt(width)) | BigInt(value), 0n)
      const padded = number << BigInt(8 * size - total)
      const expected = padded.toString(16).padStart(2 * size, '0')
      expect(size === 0 ? '0' : Buffer.from(bytes).toString('hex')).toBe(expected)

      const reader = openBits(bytes)
      for (const [width, value] of fields) expect(readBits(reader, width)).toBe(value)
    }),
  )
})
