import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAncillary, readChunk, writeChunk } from '../../src/format/chunks.js'
import { hex } from './samples.js'

test('the bytes of a chunk', () => {
  expect(hex(writeChunk(1, Uint8Array.of(5, 6)))).toBe('010205060e683d67')
  expect(hex(writeChunk(2, new Uint8Array(0)))).toBe('020073ef707d')
})

test('bit 7 of the type tells what may be skipped', () => {
  expect([1, 2, 127, 128, 255].map(isAncillary)).toEqual([false, false, false, true, true])
})

test('any chunk returns, and the reader stands behind it', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 300 }), fc.boolean(), (type, data, partial) => {
      const bytes = writeChunk(type, data)
      const reader = { bytes: Uint8Array.of(9, ...bytes, 9), offset: 1 }
      expect(readChunk(reader, partial)).toEqual({ type, data, complete: true })
      expect(reader.offset).toBe(1 + bytes.length)
    }),
  )
})

test('a cut chunk is Truncated, or in part what is there', () => {
  const data = Uint8Array.from({ length: 200 }, (_, i) => i) // the length takes two bytes
  const bytes = writeChunk(1, data)
  for (let end = 1; end < bytes.length; end++) {
    const cut = bytes.subarray(0, end)
    expect(() => readChunk({ bytes: cut, offset: 0 }, false)).toThrow(/cut short: the chunk at byte 0/)
    const reader = { bytes: cut, offset: 0 }
    expect(readChunk(reader, true)).toEqual({ type: 1, data: data.subarray(0, Math.max(0, end - 3)), complete: false })
    expect(reader.offset).toBe(end)
  }
})

test('a flipped bit of a whole chunk is an error, in part too', () => {
  const bytes = writeChunk(1, Uint8Array.of(5, 6))
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice()
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => readChunk({ bytes: damaged, offset: 0 }, false)).toThrow(/damaged|cut short/)
    if (bit >> 3 !== 1) expect(() => readChunk({ bytes: damaged, offset: 0 }, true)).toThrow(/damaged: the CRC/)
  }
})

test('a length that is no LEB128 is Corrupt, in part too', () => {
  const bytes = Uint8Array.of(1, 0x80, 0x80, 0x80, 0x80, 0x80)
  expect(() => readChunk({ bytes, offset: 0 }, true)).toThrow(/damaged: the chunk at byte 0/)
})

test('a length of 2^32 - 1 allocates nothing', () => {
  const bytes = Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 7)
  expect(() => readChunk({ bytes, offset: 0 }, false)).toThrow('needs 4294967295 bytes, 1 are there')
  expect(readChunk({ bytes, offset: 0 }, true)).toEqual({ type: 1, data: Uint8Array.of(7), complete: false })
})
