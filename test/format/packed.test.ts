import fc from 'fast-check'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { MAX_METADATA, packBytes, unpackBytes } from '../../src/format/packed.js'
import { faultOf } from './samples.js'

test('any bytes return', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(unpackBytes(packBytes(bytes, 'the XMP'), 'the XMP')).toEqual(bytes)
    }),
  )
})

test('the length comes first, then the stream', () => {
  expect(unpackBytes(Uint8Array.of(3, ...deflateRawSync(Uint8Array.of(7, 8, 9))), 'it')).toEqual(Uint8Array.of(7, 8, 9))
})

test.each<[string, Uint8Array, object]>([
  ['no data', new Uint8Array(0), { tag: 'Truncated', where: 'the length of the XMP' }],
  ['a length that the stream has not', Uint8Array.of(4, ...deflateRawSync(new Uint8Array(3))), { tag: 'Corrupt' }],
  ['an overlong length', Uint8Array.of(0x83, 0, 1), { tag: 'Corrupt' }],
  // 2^24 + 1
  ['more than a chunk may hold', Uint8Array.of(0x81, 0x80, 0x80, 0x08, 1), { tag: 'LimitExceeded' }],
])('%s', (_, data, fault) => {
  expect(faultOf(() => unpackBytes(data, 'the XMP'))).toMatchObject(fault)
})

test('a writer keeps to the limit', () => {
  const fault = faultOf(() => packBytes(new Uint8Array(MAX_METADATA + 1), 'the XMP'))
  expect(fault).toMatchObject({ tag: 'LimitExceeded', limit: 2 ** 24, what: 'the bytes of the XMP' })
})
