/** Chunks (SPEC 3.2): type, LEB128 length, data, CRC-32 of the three. */
import { joinBytes, readByte, readBytes, type ByteReader } from './bytes.js'
import { readCrc, withCrc } from './crc32.js'
import { leb128Bytes, readLeb128 } from './leb128.js'

/** Types with bit 7 set are ancillary: a reader that does not know them skips them. */
export const ChunkType = {
  coarse: 1,
  tile: 2,
  path: 3,
  alpha: 4,
  exact: 5,
  residual: 6,
  exif: 128,
  xmp: 129,
  icc: 130,
} as const
const ANCILLARY = 128

export type Chunk = Readonly<{
  type: number
  /** A view into the file. Of a cut chunk: what is there. */
  data: Uint8Array
  /** False: the file ends within the chunk, and no CRC vouches for the data. */
  complete: boolean
}>

/**
 * @param type 0…255
 * @example writeChunk(1, Uint8Array.of(5)).length // 7: one byte of data, six of framing
 */
export function writeChunk(type: number, data: Uint8Array): Uint8Array {
  return withCrc(joinBytes([[type], leb128Bytes(data.length), data]))
}

/** Whether a reader may skip chunks of this type. */
export const isAncillary = (type: number): boolean => type >= ANCILLARY

/**
 * Reads one chunk and moves the reader past it.
 * @param reader not at the end of its bytes
 * @param partial a chunk that the end of the file cuts is handed out incomplete, instead of the error Truncated
 * @throws {DdncError} Truncated; Corrupt for a wrong CRC or length
 * @example const bytes = writeChunk(1, Uint8Array.of(5))
 *   readChunk({ bytes, offset: 0 }, false) // { type: 1, data: [5], complete: true }
 */
export function readChunk(reader: ByteReader, partial: boolean): Chunk {
  const { bytes, offset: start } = reader
  const where = `the chunk at byte ${start}`
  const type = readByte(reader, where)
  const cut = (data: Uint8Array): Chunk => {
    reader.offset = bytes.length
    return { type, data, complete: false }
  }
  if (partial && lengthIsCut(reader)) return cut(bytes.subarray(bytes.length))
  const length = readLeb128(reader, where)
  if (partial && bytes.length - reader.offset < length + 4) {
    return cut(bytes.subarray(reader.offset, reader.offset + length)) // subarray ends with the file
  }
  const data = readBytes(reader, length, where)
  readCrc(reader, start, where)
  return { type, data, complete: true }
}

/** The file ends before the last byte of the length. Five bytes and more never say so: they are whole or wrong. */
function lengthIsCut(reader: ByteReader): boolean {
  const rest = reader.bytes.subarray(reader.offset, reader.offset + 5)
  return rest.length < 5 && rest.every((byte) => byte >= 128)
}
