/** `.ddn` files that no encoder writes: any field, any chunk, but lengths and checksums that hold. */
import { packAlpha } from '../../format/alpha.js'
import { joinBytes } from '../../format/bytes.js'
import { ChunkType } from '../../format/chunks.js'
import { withCrc } from '../../format/crc32.js'
import { leb128Bytes } from '../../format/leb128.js'
import { packBytes } from '../../format/packed.js'
import { anyNumber, bytesOf, changed, once, pick, type Draw } from './draw.js'

/** Fields as bytes have them. */
export type RawHeader = {
  version: number
  whole: boolean
  depth: number
  components: 1 | 3
  plain: boolean
  /** s, or the class. */
  step: number
  /** Fine layers, or choices. */
  coded: number
  hash: Uint8Array
  name: Uint8Array
  width: number
  height: number
  /** In units of 64 pixels; null: not tiled. */
  tileSide: number | null
}

export type RawChunk = { type: number; data: Uint8Array }

/** Now and then of a form that is not the shortest, or has no end. */
function number(draw: Draw, value: number): number[] {
  const bytes = leb128Bytes(value)
  if (!once(draw, 60)) return bytes
  bytes[bytes.length - 1] |= 128
  return [...bytes, ...pick(draw, [[0], [128, 0], [1], [127], [255, 255, 255, 255, 15]])]
}

/**
 * Header and chunks, with their CRCs.
 * @example rawFile(draw, header, chunks)
 */
export function rawFile(draw: Draw, header: RawHeader, chunks: readonly RawChunk[]): Uint8Array {
  const { whole, depth, components, plain, tileSide, name } = header
  const flags = [whole, depth > 0, components === 3, plain, tileSide !== null].reduce(
    (bits, flag) => 2 * bits + Number(flag),
    0,
  )
  const start = joinBytes([
    [0xdd, 0x4e, 0x0d, 0x0a, header.version, 8 * flags + name.length - 1, header.step, header.coded],
    header.hash,
    name,
    number(draw, header.width),
    number(draw, header.height),
    tileSide === null ? [] : number(draw, tileSide),
  ])
  const framed = chunks.map(({ type, data }) => withCrc(joinBytes([[type], number(draw, data.length), data])))
  return joinBytes([withCrc(start), ...framed])
}

/** A side of a picture: mostly a few pixels. */
const side = (draw: Draw): number => (once(draw, 20) ? anyNumber(draw) : 1 + draw(pick(draw, [8, 70, 300])))

/** A header of which nearly every field is sound. */
export function anyHeader(draw: Draw): RawHeader {
  const whole = once(draw, 4)
  return {
    version: once(draw, 50) ? draw(255) : 0,
    whole,
    depth: once(draw, 50) ? 1 : 0,
    components: pick(draw, [1, 3]),
    plain: whole !== once(draw, 30),
    step: once(draw, 20) ? draw(255) : draw(73),
    coded: draw(once(draw, 9) ? 255 : 4),
    hash: Uint8Array.from({ length: 8 }, () => draw(255)),
    name: Uint8Array.from({ length: 1 + draw(7) }, () => (once(draw, 99) ? draw(255) : 0x21 + draw(0x5d))),
    width: side(draw),
    height: side(draw),
    tileSide: whole !== once(draw, 3) ? null : once(draw, 20) ? anyNumber(draw) : 1 + draw(2),
  }
}

/** Planes of alpha, packed once: deflate costs more than all the rest. */
const PLANES = [
  [1, 1],
  [3, 2],
  [8, 8],
  [70, 66],
  [300, 1],
].map(([width, height]) => {
  const plane = Uint8Array.from({ length: width * height }, (_, i) => (i % 7 === 0 ? 0 : (i * 37) & 255))
  return { width, height, packed: packAlpha(plane, width) }
})
const METADATA = [0, 1, 40, 3000].map((length) =>
  packBytes(
    Uint8Array.from({ length }, (_, i) => (i * i) & 255),
    'metadata',
  ),
)

/** What may stand beside the streams: alpha of the header's size as a rule, metadata, unknown chunks. */
function beside(draw: Draw, header: RawHeader): RawChunk {
  const damaged = (data: Uint8Array): Uint8Array => (once(draw, 2) ? changed(draw, data) : data)
  if (once(draw, 2)) {
    const { width, height, packed } = pick(draw, PLANES)
    if (!once(draw, 8)) Object.assign(header, { width, height })
    return { type: ChunkType.alpha, data: damaged(packed) }
  }
  if (once(draw, 4)) return { type: 131 + draw(124), data: bytesOf(draw, 20) }
  return { type: pick(draw, [ChunkType.exif, ChunkType.xmp, ChunkType.icc]), data: damaged(pick(draw, METADATA)) }
}

/** What the header asks for, at most 40 tiles. */
export function chunkTypes({ width, height, whole, tileSide }: RawHeader): number[] {
  if (whole) return [ChunkType.path]
  const pixels = (tileSide ?? 2 ** 14) * 64
  // No pixels in tiles of none: not a number.
  const tiles = Math.min(40, Math.ceil(width / pixels) * Math.ceil(height / pixels)) || 0
  return [ChunkType.coarse, ...Array<number>(tiles).fill(ChunkType.tile)]
}

/** The chunks of a header, with something beside them now and then. */
export function anyChunks(draw: Draw, header: RawHeader): RawChunk[] {
  const around = once(draw, 4) ? Array.from({ length: 1 + draw(2) }, () => beside(draw, header)) : []
  const chunks = chunkTypes(header).map((type): RawChunk => ({ type, data: bytesOf(draw, once(draw, 9) ? 200 : 12) }))
  for (const chunk of around) chunks.splice(chunk.type < 128 ? 0 : draw(chunks.length), 0, chunk)
  return once(draw, 4) ? disordered(draw, chunks) : chunks
}

/** One chunk too many, too few, elsewhere, or of another type. */
function disordered(draw: Draw, chunks: readonly RawChunk[]): RawChunk[] {
  const out = [...chunks]
  const at = draw(out.length - 1)
  const type = pick(draw, [0, 1, 2, 3, 4, 5, 127, 128, 129, 130, 131, 255])
  const [taken] = pick(draw, [true, false]) ? out.splice(at, 1) : [{ type, data: out[at].data }]
  if (once(draw, 3)) return out
  out.splice(draw(out.length), 0, taken)
  return out
}
