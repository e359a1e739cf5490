/** A whole `.ddn` (SPEC 3): the header, one coarse stream, then one stream per tile in raster order. */
import { DdncError } from '../errors.js'
import { joinBytes, type ByteReader } from './bytes.js'
import { ChunkType, isAncillary, readChunk, writeChunk } from './chunks.js'
import { readHeader, tileGrid, writeHeader, type Header } from './header.js'

/** `data` is a view into the file; with `complete` false the file ends within or before it. */
export type Stream = Readonly<{ data: Uint8Array; complete: boolean }>

export type DdnFile = Readonly<{ header: Header; coarse: Stream; tiles: readonly Stream[] }>

const ABSENT: Stream = { data: new Uint8Array(0), complete: false }

/**
 * @param coarse the stream of the coarse grid
 * @param tiles one stream per tile, in raster order: tileGrid(header) says how many
 * @throws {DdncError} BadOption for a field or a number of tiles that is not allowed, LimitExceeded for the sizes
 * @example writeFile(header, new Uint8Array(0), [Uint8Array.of(1, 2)])
 */
export function writeFile(header: Header, coarse: Uint8Array, tiles: readonly Uint8Array[]): Uint8Array {
  const start = writeHeader(header)
  const count = tileCount(header)
  if (tiles.length !== count) {
    throw new DdncError({ tag: 'BadOption', option: 'tiles', found: `${tiles.length}`, allowed: `${count}` })
  }
  return joinBytes([
    start,
    writeChunk(ChunkType.coarse, coarse),
    ...tiles.map((tile) => writeChunk(ChunkType.tile, tile)),
  ])
}

/**
 * Reads a file whole, or with `partial` as far as it goes: then a stream that is cut is handed out incomplete, and one
 * that is absent is empty and incomplete. The header must be whole either way. Streams are views: nothing is copied.
 * @throws {DdncError} BadSignature, UnsupportedVersion, Truncated, Corrupt, LimitExceeded
 * @example readFile(bytes.subarray(0, 2000), { partial: true }).tiles[0].complete // false
 */
export function readFile(bytes: Uint8Array, { partial = false }: { partial?: boolean } = {}): DdnFile {
  const { header, length } = readHeader(bytes)
  const count = tileCount(header)
  const reader: ByteReader = { bytes, offset: length }
  const streams: Stream[] = [] // the coarse one, then the tiles
  while (reader.offset < bytes.length) {
    checkOrder(bytes[reader.offset], reader.offset, streams.length, count)
    const { type, data, complete } = readChunk(reader, partial)
    if (!isAncillary(type)) streams.push({ data, complete })
  }
  if (!partial && streams.length < 1 + count) {
    const where = streams.length === 0 ? 'the coarse stream' : `the stream of tile ${streams.length - 1}`
    throw new DdncError({ tag: 'Truncated', where, needed: 6, have: 0 }) // 6: the framing of an empty chunk
  }
  const [coarse = ABSENT, ...tiles] = streams
  while (tiles.length < count) tiles.push(ABSENT)
  return { header, coarse, tiles }
}

/** At most 2^15, by the limits of the header. */
function tileCount(header: Header): number {
  const { across, down } = tileGrid(header)
  return across * down
}

/** SPEC 3.3: ancillary chunks anywhere, else coarse, then `count` tiles, then nothing. */
function checkOrder(type: number, offset: number, streams: number, count: number): void {
  if (isAncillary(type)) return
  const expected = streams === 0 ? ChunkType.coarse : streams <= count ? ChunkType.tile : undefined
  if (type === expected) return
  const allowed = expected === undefined ? 'the end of the file' : `${expected}`
  throw new DdncError({ tag: 'Corrupt', where: `the chunk type at byte ${offset}`, found: `${type}`, allowed })
}
