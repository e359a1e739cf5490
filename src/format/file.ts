/**
 * A whole `.ddn` (SPEC 3): the header, then its streams, a chunk each. A file of grids has one coarse stream and one
 * stream per tile in raster order; one of a whole-image model has a path. Beside them: alpha and metadata.
 */
import { corrupt, DdncError } from '../errors.js'
import { joinBytes, type ByteReader } from './bytes.js'
import { ChunkType, isAncillary, readChunk, writeChunk } from './chunks.js'
import { readHeader, tileGrid, writeHeader, type Header } from './header.js'

/** `data` is a view into the file; with `complete` false the file ends within or before it. */
export type Stream = Readonly<{ data: Uint8Array; complete: boolean }>

/** Data of the chunks beside the streams, each there or not, as their own modules pack them (SPEC 3.6 to 3.8). */
export type Beside = Readonly<Partial<Record<BesideName, Uint8Array>>>
export type BesideName = (typeof BEFORE | typeof BEHIND)[number]

/** Alpha is of every pixel and small: a file that is cut keeps it. Metadata can wait. */
const BEFORE = ['alpha', 'exact', 'icc'] as const
const BEHIND = ['exif', 'xmp', 'residual'] as const
/** In the order of the file. */
export const BESIDE: readonly BesideName[] = [...BEFORE, ...BEHIND]

/** What the pixels of a file are made of. */
export type Coded<H extends Header = Header> = Readonly<{
  header: H
  /** The coarse one, then those of the tiles; or the path alone. */
  streams: readonly Stream[]
}>

/** `beside`: views into the file; a chunk that is cut is not there. */
export type DdnFile<H extends Header = Header> = Coded<H> & Readonly<{ beside: Beside }>

const ABSENT: Stream = { data: new Uint8Array(0), complete: false }

/**
 * @param streams as many as streamCount(header) says, in the file's order
 * @param beside data of the chunks beside them
 * @throws {DdncError} BadOption for a field or a number of streams that is not allowed, LimitExceeded for the sizes
 * @example writeFile(header, [new Uint8Array(0), Uint8Array.of(1, 2)]) // coarse, and one tile
 */
export function writeFile(header: Header, streams: readonly Uint8Array[], beside: Beside = {}): Uint8Array {
  const start = writeHeader(header)
  const count = streamCount(header)
  if (streams.length !== count) {
    throw new DdncError({ tag: 'BadOption', option: 'streams', found: `${streams.length}`, allowed: `${count}` })
  }
  const chunksOf = (names: readonly BesideName[]): Uint8Array[] =>
    names.flatMap((name) => (beside[name] === undefined ? [] : [writeChunk(ChunkType[name], beside[name])]))
  return joinBytes([
    start,
    ...chunksOf(BEFORE),
    ...streams.map((stream, i) => writeChunk(chunkType(header, i), stream)),
    ...chunksOf(BEHIND),
  ])
}

/**
 * Reads a file whole, or with `partial` as far as it goes: then a stream that is cut is handed out incomplete, and one
 * that is absent is empty and incomplete. The header must be whole either way. Streams are views: nothing is copied.
 * @throws {DdncError} BadSignature, UnsupportedVersion, Truncated, Corrupt, LimitExceeded
 * @example readFile(bytes.subarray(0, 2000), { partial: true }).streams[1].complete // false
 */
export function readFile(bytes: Uint8Array, { partial = false }: { partial?: boolean } = {}): DdnFile {
  const { header, length } = readHeader(bytes)
  const count = streamCount(header)
  const reader: ByteReader = { bytes, offset: length }
  const streams: Stream[] = []
  const beside: { -readonly [Name in BesideName]?: Uint8Array } = {}
  while (reader.offset < bytes.length) {
    const { offset } = reader
    const name = BESIDE.find((one) => ChunkType[one] === bytes[offset])
    if (name !== undefined && beside[name] !== undefined) throw wrongType(bytes[offset], offset, `one ${name} chunk`)
    if (!mayStand(name, streams.length, beside, count)) checkOrder(bytes[offset], offset, header, streams.length)
    const { type, data, complete } = readChunk(reader, partial)
    if (name === undefined && !isAncillary(type)) streams.push({ data, complete })
    if (name !== undefined && complete) beside[name] = data
  }
  if (!partial && streams.length < count) {
    const where = streamName(header, streams.length)
    throw new DdncError({ tag: 'Truncated', where, needed: 6, have: 0 }) // 6: the framing of an empty chunk
  }
  if (!partial && beside.exact !== undefined && beside.residual === undefined) {
    throw new DdncError({ tag: 'Truncated', where: 'the residual', needed: 6, have: 0 })
  }
  while (streams.length < count) streams.push(ABSENT)
  return { header, streams, beside }
}

/**
 * Streams of a file: at most 81,606, by the limits of the header.
 * @example streamCount(header) // 2: coarse, and one tile
 */
export function streamCount(header: Header): number {
  if (header.kind === 'whole') return 1
  const { across, down } = tileGrid(header)
  return 1 + across * down
}

/**
 * A stream for people.
 * @example streamName(header, 1) // 'the stream of tile 0'
 */
export function streamName({ kind }: Header, index: number): string {
  if (kind === 'whole') return 'the path'
  return index === 0 ? 'the coarse stream' : `the stream of tile ${index - 1}`
}

function chunkType({ kind }: Header, index: number): number {
  if (kind === 'whole') return ChunkType.path
  return index === 0 ? ChunkType.coarse : ChunkType.tile
}

/** Critical chunks beside the streams: alpha and the claim to be exact stand before them, the residual behind. */
function mayStand(name: BesideName | undefined, read: number, beside: Beside, count: number): boolean {
  if (name === 'alpha' || name === 'exact') return read === 0
  return name === 'residual' && read === count && beside.exact !== undefined
}

/** SPEC 3.3: ancillary chunks anywhere, else the streams in their order, then nothing. Of alpha the caller knows. */
function checkOrder(type: number, offset: number, header: Header, read: number): void {
  if (isAncillary(type)) return
  const expected = read < streamCount(header) ? chunkType(header, read) : undefined
  if (type === expected) return
  throw wrongType(type, offset, expected === undefined ? 'the end of the file' : `${expected}`)
}

const wrongType = (type: number, offset: number, allowed: string): DdncError =>
  corrupt(`the chunk type at byte ${offset}`, `${type}`, allowed)
