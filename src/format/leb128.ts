/** Unsigned LEB128 (SPEC 2.2): 7 bits a byte, least significant first, bit 7 set on all but the last byte. */
import { corrupt, DdncError } from '../errors.js'
import { readByte, type ByteReader } from './bytes.js'

/** Values are below 2^32, so an encoding has 1 to 5 bytes. */
const MAX_BYTES = 5

/**
 * The shortest encoding, the only one that a reader accepts.
 * @param value 0…2^32 − 1
 * @throws {DdncError} BadOption for anything else
 * @example leb128Bytes(300) // [0xac, 0x02]
 */
export function leb128Bytes(value: number): number[] {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new DdncError({ tag: 'BadOption', option: 'LEB128 value', found: `${value}`, allowed: '0…4294967295' })
  }
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return bytes
}

/**
 * Reads one value, 0…2^32 − 1, and moves the reader past it.
 * @param where name of the field, for the errors
 * @throws {DdncError} Truncated; Corrupt for an encoding that is not the shortest, or 2^32 and more
 * @example readLeb128({ bytes: Uint8Array.of(0xac, 0x02), offset: 0 }, 'width') // 300
 */
export function readLeb128(reader: ByteReader, where: string): number {
  let value = 0
  for (let index = 0; index < MAX_BYTES; index++) {
    const byte = readByte(reader, where)
    value += (byte & 127) * 128 ** index // a product, since 35 bits overflow a shift
    if (byte & 128) continue
    if (byte === 0 && index > 0) throw corrupt(where, 'an overlong LEB128', 'the shortest one')
    if (value > 0xffffffff) break
    return value
  }
  throw corrupt(where, 'a LEB128 of 2^32 or more', '0…4294967295')
}
