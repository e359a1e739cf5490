/** The header of a `.ddn`, version 0 (SPEC 3.1). */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import { corrupt, DdncError, hexOf } from '../errors.js'
import { openBits, readBits, writeBits } from './bits.js'
import { joinBytes, readByte, readBytes, type ByteReader } from './bytes.js'
import { readCrc, withCrc } from './crc32.js'
import { leb128Bytes, readLeb128 } from './leb128.js'

/** What both kinds of file state. */
type Common = Readonly<{
  /** Pixels, 1…MAX_SIDE; width · height ≤ MAX_PIXELS. */
  width: number
  height: number
  /** 1: grey, 3: RGB. 8 bits each. */
  components: 1 | 3
  /** First 8 bytes of the SHA-256 of the model file. */
  modelHash: Uint8Array
  /** 1 to 8 characters of ASCII, '!'…'~'. */
  modelName: string
}>

/** A picture of any size, by a model with grids. */
export type GridHeader = Common &
  Readonly<{
    kind: 'grid'
    profile: 'entropy' | 'plain'
    /** s, 0…73: ln λ = 1 + s/10. */
    lambdaStep: number
    /** Fine layers coded, 0…255. */
    fineLayers: number
    /** Pixels, a multiple of 64; 0: the picture is one tile. */
    tileSide: number
  }>

/** A picture whose candidates are whole pictures. */
export type WholeHeader = Common &
  Readonly<{
    kind: 'whole'
    profile: 'plain'
    /** Class, 0…255; 0 for a model without classes. */
    label: number
    /** Choices coded, 0…255. */
    choices: number
  }>

export type Header = GridHeader | WholeHeader

export const MAX_SIDE = 2 ** 20
export const MAX_PIXELS = 2 ** 28
/** Pixels of one tile, and of an untiled picture: what a walk holds in memory at once. */
export const MAX_TILE_PIXELS = 2 ** 22
/** Tile sides are multiples of this. */
const TILE_UNIT = 64
const HASH_BYTES = 8
const VERSION = 0

/** 0xDD is no ASCII and 0xDD 'N' no UTF-8; CR LF does not survive a conversion of line ends, in either direction. */
const SIGNATURE = Uint8Array.of(0xdd, 0x4e, 0x0d, 0x0a)

/** Widths of the fields in the flags byte: kind, bit depth, components, profile, tiled, length of the name − 1. */
const FLAGS = [1, 1, 1, 1, 1, 3] as const

/**
 * Checks a header that is to be written, before anything is allocated for the picture.
 * @throws {DdncError} BadOption for a field out of range, LimitExceeded for the sizes
 * @example checkHeader(header)
 */
export function checkHeader(header: Header): void {
  checkFields(header, (option, found, allowed) => new DdncError({ tag: 'BadOption', option, found, allowed }))
}

/**
 * @returns 23 to 36 bytes, CRC included
 * @throws {DdncError} BadOption for a field out of range, LimitExceeded for the sizes
 * @example writeHeader({ kind: 'grid', width: 768, height: 512, components: 3, profile: 'entropy', lambdaStep: 40,
 *   fineLayers: 9, tileSide: 0, modelHash: new Uint8Array(8), modelName: 'photo-1' }).length // 31
 */
export function writeHeader(header: Header): Uint8Array {
  checkHeader(header)
  const { kind, width, height, components, profile, modelName } = header
  const flags = new Uint8Array(1)
  const bits = openBits(flags)
  const [step, coded, tileSide] =
    kind === 'whole' ? [header.label, header.choices, 0] : [header.lambdaStep, header.fineLayers, header.tileSide]
  const [whole, colour, plain, tiled] = [kind === 'whole', components === 3, profile === 'plain', tileSide > 0]
  const fields = [whole, false, colour, plain, tiled, modelName.length - 1]
  fields.forEach((field, index) => writeBits(bits, Number(field), FLAGS[index]))
  const checked = joinBytes([
    SIGNATURE, // 3.1.1
    [VERSION, flags[0], step, coded], // 3.1.2 to 3.1.5
    header.modelHash, // 3.1.6
    Array.from(modelName, (character) => character.charCodeAt(0)), // 3.1.7
    leb128Bytes(width), // 3.1.8
    leb128Bytes(height), // 3.1.9
    tiled ? leb128Bytes(tileSide / TILE_UNIT) : [], // 3.1.10
  ])
  return withCrc(checked) // 3.1.11
}

/**
 * Reads the header at the start of `bytes`. Once its extent is known its CRC is checked, and only then its fields.
 * @returns the header, and the offset of what follows it
 * @throws {DdncError} BadSignature, UnsupportedVersion, Truncated, Corrupt, LimitExceeded
 * @example readHeader(file).header.width
 */
export function readHeader(bytes: Uint8Array): { header: Header; length: number } {
  const reader: ByteReader = { bytes, offset: 0 }
  readSignature(reader) // 3.1.1
  const version = readByte(reader, 'the header') // 3.1.2
  if (version !== VERSION) {
    throw new DdncError({ tag: 'UnsupportedVersion', what: 'this .ddn', version, supported: VERSION })
  }
  const flags = openBits(readBytes(reader, 1, 'the header')) // 3.1.3
  const [whole, depth, colour, plain, tiled, nameLength] = FLAGS.map((width) => readBits(flags, width))
  const step = readByte(reader, 'the header') // 3.1.4
  const coded = readByte(reader, 'the header') // 3.1.5
  const modelHash = readBytes(reader, HASH_BYTES, 'the header') // 3.1.6
  const modelName = String.fromCharCode(...readBytes(reader, nameLength + 1, 'the header')) // 3.1.7, 1 to 8 bytes
  const width = readLeb128(reader, 'width') // 3.1.8
  const height = readLeb128(reader, 'height') // 3.1.9
  const tileSide = tiled ? readLeb128(reader, 'tile side') * TILE_UNIT : 0 // 3.1.10
  readCrc(reader, 0, 'the header') // 3.1.11
  if (depth !== 0) throw corrupt('the bit depth code', `${depth}`, '0')
  if (tiled && tileSide === 0) throw corrupt('the tile side of a tiled picture', '0', `a multiple of ${TILE_UNIT}`)
  if (whole && !plain) throw corrupt('the profile of a whole-image file', 'entropy', 'plain')
  if (whole && tiled) throw corrupt('the tile side of a whole-image file', `${tileSide}`, 'none')
  const common = { width, height, components: colour ? 3 : 1, modelHash: modelHash.slice(), modelName } as const
  const header: Header = whole
    ? { kind: 'whole', ...common, profile: 'plain', label: step, choices: coded }
    : {
        kind: 'grid',
        ...common,
        profile: plain ? 'plain' : 'entropy',
        lambdaStep: step,
        fineLayers: coded,
        tileSide,
      }
  checkFields(header, corrupt)
  return { header, length: reader.offset }
}

/**
 * How many tiles the picture has (SPEC 3.4). At most 81,605 in all, by the limits of the sizes.
 * @example tileGrid({ width: 130, height: 64, tileSide: 64 }) // { across: 3, down: 1 }
 */
export function tileGrid(header: Pick<GridHeader, 'width' | 'height' | 'tileSide'>): { across: number; down: number } {
  const { width, height, tileSide } = header
  if (tileSide === 0) return { across: 1, down: 1 }
  return { across: Math.ceil(width / tileSide), down: Math.ceil(height / tileSide) }
}

/** A prefix of the signature is a cut file, anything else is no .ddn. */
function readSignature(reader: ByteReader): void {
  const found = reader.bytes.subarray(0, SIGNATURE.length)
  if (found.some((byte, index) => byte !== SIGNATURE[index])) {
    throw new DdncError({ tag: 'BadSignature', what: 'a .ddn file', found: hexOf(found, ' ') })
  }
  readBytes(reader, SIGNATURE.length, 'the signature')
}

/** The ranges of SPEC 3.1, for both directions: only the tag of the error differs. */
function checkFields(header: Header, refuse: (where: string, found: string, allowed: string) => DdncError): void {
  const check = (ok: boolean, where: string, found: unknown, allowed: string) => {
    if (!ok) throw refuse(where, `${found}`, allowed)
  }
  const integer = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value <= high
  const { width, height, modelName, modelHash } = header
  for (const [where, side] of [
    ['width', width],
    ['height', height],
  ] as const) {
    if (side > MAX_SIDE) throw new DdncError({ tag: 'LimitExceeded', what: where, value: side, limit: MAX_SIDE })
    check(integer(side, 1, MAX_SIDE), where, side, `1…${MAX_SIDE}`)
  }
  const pixels = width * height // ≤ 2^40, exact
  if (pixels > MAX_PIXELS) {
    throw new DdncError({ tag: 'LimitExceeded', what: 'width · height', value: pixels, limit: MAX_PIXELS })
  }
  check(header.components === 1 || header.components === 3, 'components', header.components, '1 or 3')
  check(modelHash.length === HASH_BYTES, 'model hash', `${modelHash.length} bytes`, `${HASH_BYTES} bytes`)
  check(/^[!-~]{1,8}$/.test(modelName), 'model name', JSON.stringify(modelName), '1 to 8 characters, ! to ~')
  if (header.kind === 'whole') {
    check(header.profile === 'plain', 'profile', header.profile, 'plain')
    check(integer(header.label, 0, 255), 'label', header.label, '0…255')
    check(integer(header.choices, 0, 255), 'choices coded', header.choices, '0…255')
    checkTilePixels(width, height, 0)
    return
  }
  const { profile, lambdaStep, fineLayers, tileSide } = header
  check(profile === 'entropy' || profile === 'plain', 'profile', profile, 'entropy or plain')
  check(integer(lambdaStep, 0, MAX_LAMBDA_STEP), 's', lambdaStep, `0…${MAX_LAMBDA_STEP}`)
  check(integer(fineLayers, 0, 255), 'fine layers coded', fineLayers, '0…255')
  const tiled = integer(tileSide, 0, MAX_SIDE) && tileSide % TILE_UNIT === 0
  check(tiled, 'tile side', tileSide, `a multiple of ${TILE_UNIT}, 0…${MAX_SIDE}`)
  checkTilePixels(width, height, tileSide)
}

function checkTilePixels(width: number, height: number, tileSide: number): void {
  const side = tileSide === 0 ? MAX_SIDE : tileSide
  const value = Math.min(width, side) * Math.min(height, side)
  if (value > MAX_TILE_PIXELS) {
    throw new DdncError({ tag: 'LimitExceeded', what: 'pixels of a tile', value, limit: MAX_TILE_PIXELS })
  }
}
