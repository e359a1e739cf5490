import fc from 'fast-check'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { deflate, inflate } from '../../src/format/deflate.js'
import { faultOf, unhex } from './samples.js'

/** One stored block: 01, its length, the complement of that, the bytes. */
const stored = unhex('01 0300 fcff 070809')

test('the bytes of a stored block', () => {
  expect(inflate(stored, 3, 'it')).toEqual(Uint8Array.of(7, 8, 9))
})

test('any bytes return, and zlib understands both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      const packed = deflate(bytes)
      expect(inflate(packed, bytes.length, 'it')).toEqual(bytes)
      expect(Uint8Array.from(inflateRawSync(packed))).toEqual(bytes)
      expect(inflate(deflateRawSync(bytes), bytes.length, 'it')).toEqual(bytes)
    }),
  )
})

describe('Corrupt is', () => {
  const cases: [string, Uint8Array, number, string][] = [
    ['nothing at all', new Uint8Array(0), 0, 'damaged'],
    ['nothing where bytes are wanted', new Uint8Array(0), 1, 'a shorter one'],
    ['fewer bytes than wanted', stored, 4, 'a shorter one'],
    ['more bytes than wanted', stored, 2, 'a longer one'],
    ['a stream that is cut', stored.subarray(0, -1), 3, 'damaged'],
    ['a byte behind its end', unhex('01 0300 fcff 070809 00'), 3, 'one with bytes behind its end'],
    ['a block of a kind that is none', Uint8Array.of(7), 3, 'damaged'],
    ['a complement that is none', unhex('01 0300 fcfe 070809'), 3, 'damaged'],
  ]
  test.each(cases)('%s', (_, bytes, length, found) => {
    const fault = faultOf(() => inflate(bytes, length, 'it'))
    expect(fault).toMatchObject({ tag: 'Corrupt', where: 'it', found })
  })

  test('a length that no stream of these bytes reaches, before it is allocated', () => {
    const fault = faultOf(() => inflate(deflate(new Uint8Array(1000)), 2 ** 40, 'it'))
    expect(fault).toMatchObject({ tag: 'Corrupt', found: 'a shorter one' })
  })

  test('a bomb, of which no more is inflated than was asked for', () => {
    const bomb = deflate(new Uint8Array(2 ** 24))
    expect(bomb.length).toBeLessThan(2 ** 15)
    expect(faultOf(() => inflate(bomb, 100, 'it'))).toMatchObject({ tag: 'Corrupt', found: 'a longer one' })
  })
})
