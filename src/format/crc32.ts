/** CRC-32 as in PNG, zlib and IEEE 802.3 (SPEC 2.3): polynomial 0xEDB88320 reflected, all ones first and last. */
import { corrupt } from '../errors.js'
import { joinBytes, readUint32, uint32Bytes, type ByteReader } from './bytes.js'

/** CRC of each byte alone. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/**
 * @returns 0…2^32 − 1
 * @example crc32(new TextEncoder().encode('123456789')) // 0xcbf43926
 */
export function crc32(bytes: Uint8Array): number {
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}

/**
 * Bytes followed by their CRC.
 * @example withCrc(Uint8Array.of(0)) // Uint8Array [0, 0xd2, 0x02, 0xef, 0x8d]
 */
export const withCrc = (bytes: Uint8Array): Uint8Array => joinBytes([bytes, uint32Bytes(crc32(bytes))])

/**
 * Reads the CRC of the bytes from `start` up to the reader.
 * @param where what the bytes are, for the errors
 * @throws {DdncError} Truncated; Corrupt if it is another
 * @example readCrc({ bytes: withCrc(Uint8Array.of(0)), offset: 1 }, 0, 'a byte')
 */
export function readCrc(reader: ByteReader, start: number, where: string): void {
  const computed = crc32(reader.bytes.subarray(start, reader.offset))
  const stored = readUint32(reader, where)
  if (stored !== computed) throw corrupt(`the CRC of ${where}`, hex(stored), hex(computed))
}

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`
