/** Bytes of the metadata chunks (SPEC 3.7): their length, then a deflate stream. XMP is half padding. */
import { DdncError } from '../errors.js'
import { joinBytes, type ByteReader } from './bytes.js'
import { deflate, inflate } from './deflate.js'
import { leb128Bytes, readLeb128 } from './leb128.js'

/** Bytes that one chunk of metadata may unpack to. */
export const MAX_METADATA = 2 ** 24

/**
 * @param what the bytes, for the error
 * @throws {DdncError} LimitExceeded: over 2^24 bytes
 * @example packBytes(new Uint8Array(300), 'the XMP') // 2 bytes of length, then the stream
 */
export function packBytes(bytes: Uint8Array, what: string): Uint8Array {
  checkLength(bytes.length, what)
  return joinBytes([leb128Bytes(bytes.length), deflate(bytes)])
}

/**
 * @param data of the chunk
 * @throws {DdncError} Truncated, Corrupt, LimitExceeded; nothing is allocated before the length is judged
 * @example unpackBytes(packBytes(bytes, 'the XMP'), 'the XMP') // bytes
 */
export function unpackBytes(data: Uint8Array, what: string): Uint8Array {
  const reader: ByteReader = { bytes: data, offset: 0 }
  const length = readLeb128(reader, `the length of ${what}`)
  checkLength(length, what)
  return inflate(data.subarray(reader.offset), length, what)
}

function checkLength(value: number, what: string): void {
  if (value <= MAX_METADATA) return
  throw new DdncError({ tag: 'LimitExceeded', what: `the bytes of ${what}`, value, limit: MAX_METADATA })
}
