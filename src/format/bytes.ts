/** A cursor over bytes and the fixed-width reads of the format (SPEC 2.1). Integers are big-endian. */
import { DdncError } from '../errors.js'

/** Readers advance `offset`; they never look beyond `bytes`. */
export type ByteReader = { readonly bytes: Uint8Array; offset: number }

/**
 * The next `count` bytes, as a view: nothing is allocated, whatever `count` claims.
 * @param where name of the field, for the error
 * @throws {DdncError} Truncated
 * @example readBytes({ bytes: Uint8Array.of(7, 8, 9), offset: 1 }, 2, 'hash') // [8, 9]
 */
export function readBytes(reader: ByteReader, count: number, where: string): Uint8Array {
  const have = reader.bytes.length - reader.offset
  if (count > have) throw new DdncError({ tag: 'Truncated', where, needed: count, have })
  const start = reader.offset
  reader.offset += count
  return reader.bytes.subarray(start, reader.offset)
}

/**
 * One byte, 0…255.
 * @throws {DdncError} Truncated
 * @example readByte({ bytes: Uint8Array.of(7), offset: 0 }, 's') // 7
 */
export function readByte(reader: ByteReader, where: string): number {
  return readBytes(reader, 1, where)[0]
}

/**
 * Four bytes, most significant first: 0…2^32 − 1.
 * @throws {DdncError} Truncated
 * @example readUint32({ bytes: Uint8Array.of(0, 0, 1, 2), offset: 0 }, 'CRC') // 258
 */
export function readUint32(reader: ByteReader, where: string): number {
  const [a, b, c, d] = readBytes(reader, 4, where)
  return ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0
}

/**
 * @param value 0…2^32 − 1
 * @example uint32Bytes(258) // [0, 0, 1, 2]
 */
export function uint32Bytes(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

/**
 * All parts in one array.
 * @example joinBytes([Uint8Array.of(1), [2, 3]]) // Uint8Array [1, 2, 3]
 */
export function joinBytes(parts: readonly ArrayLike<number>[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
