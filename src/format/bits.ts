/**
 * Fields of n bits (SPEC 2.4), most significant bit first, so that a hex dump reads from left to right.
 * The one place that imports bit-buffer 0.2.5, whose default is the other order. What is avoided here:
 * it ignores the offset of a Buffer, takes a length of 0 for the whole buffer, and its offsets are int32.
 */
import { BitStream } from 'bit-buffer'
import { DdncError } from '../errors.js'

export type Bits = BitStream

/** bit-buffer's bit offsets are int32. */
const MAX_BITS = 2 ** 31 - 1

/**
 * A stream over the bytes themselves, at their first bit: what is written to it is in `bytes`.
 * @throws {DdncError} LimitExceeded over 2^31 − 1 bits
 * @example readBits(openBits(Uint8Array.of(0xb2)), 3) // 0b101
 */
export function openBits(bytes: Uint8Array): Bits {
  if (bytes.length * 8 > MAX_BITS) {
    throw new DdncError({ tag: 'LimitExceeded', what: 'packed bits', value: bytes.length * 8, limit: MAX_BITS })
  }
  const whole = bytes.buffer
  const owned = whole instanceof ArrayBuffer ? whole : new Uint8Array(bytes).buffer // shared memory is copied
  const stream =
    bytes.length === 0
      ? new BitStream(new ArrayBuffer(0))
      : new BitStream(owned, owned === whole ? bytes.byteOffset : 0, bytes.length)
  stream.bigEndian = true
  return stream
}

/**
 * The next field. Callers check the length once, before a loop; bit-buffer itself throws a plain Error beyond it.
 * @param width 1…16
 * @returns 0…2^width − 1
 * @example readBits(openBits(Uint8Array.of(0xab, 0xcd)), 12) // 0xabc
 */
export const readBits = (bits: Bits, width: number): number => bits.readBits(width)

/**
 * @param value 0…2^width − 1
 * @param width 1…16
 * @example writeBits(openBits(new Uint8Array(1)), 5, 3) // the byte is 0xa0
 */
export const writeBits = (bits: Bits, value: number, width: number): void => bits.writeBits(value, width)
