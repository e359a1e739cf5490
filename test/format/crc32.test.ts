import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32 } from '../../src/format/crc32.js'

test('the check value of the standard', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
})

test('no bytes are 0, the end of a PNG is 0xae426082', () => {
  expect(crc32(new Uint8Array(0))).toBe(0)
  expect(crc32(new TextEncoder().encode('IEND'))).toBe(0xae426082)
})

test('agrees with the division of polynomials, bit by bit', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      let rest = 0xffffffff
      for (const byte of bytes) {
        for (let bit = 0; bit < 8; bit++) {
          const odd = (rest ^ (byte >> bit)) & 1
          rest = (rest >>> 1) ^ (odd ? 0xedb88320 : 0)
        }
      }
      expect(crc32(bytes)).toBe(~rest >>> 0)
    }),
  )
})

test('changes with any one bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, place) => {
      const bit = place % (8 * bytes.length)
      const other = bytes.slice()
      other[bit >> 3]! ^= 1 << (bit & 7)
      expect(crc32(other)).not.toBe(crc32(bytes))
    }),
  )
})
