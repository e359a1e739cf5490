/** EXIF out of a TIFF file and into one. The file is a TIFF structure itself: its fields are EXIF's and the picture's. */
import { MAX_METADATA } from '../../format/packed.js'
import type { Metadata } from '../../index.js'
import { childOf, LONG, NUMBER_BYTES, openTiff, readIfd, Tag, type Ifd, type Tiff } from './ifd.js'

/** A value in the byte order of its file, or a list of its own. */
type Value = Readonly<{ tag: number; type: number; count: number; bytes: Uint8Array | readonly Value[] }>

/** Fields that say how the pixels of a TIFF are stored, and what has another place in ddnc (XMP, ICC) or none (IPTC). */
const OF_THE_PIXELS: ReadonlySet<number> = new Set([
  ...[254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 284, 288, 289, 290, 291],
  ...[292, 293, 301, 317, 318, 319, 320, 322, 323, 324, 325, 330, 332, 333, 334, 336, 338, 339, 340, 341, 342, 343],
  ...[347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559, 33723, 34377, 37724, 50341],
  ...[Tag.xmp, Tag.icc],
])
/** Of these a picture that is written has none of its own. */
const RESOLUTION: ReadonlySet<number> = new Set([Tag.orientation, 282, 283, 296])
const LISTS: ReadonlySet<number> = new Set([Tag.exif, Tag.gps, Tag.interoperability])
const STRIP_OFFSETS = 273
const UNDEFINED = 7
const BYTE = 1

/**
 * What a TIFF file says of its picture, as a structure of its own.
 * @param file any bytes
 * @returns null if there is nothing but how the pixels are stored
 * @example exifOfTiff(await readFile('scan.tif'))
 */
export function exifOfTiff(file: Uint8Array): Uint8Array | null {
  const tiff = openTiff(file)
  const main = tiff && readIfd(tiff, tiff.first)
  if (tiff === null || main === null) return null
  const values = valuesOf(tiff, main).filter(({ tag }) => !OF_THE_PIXELS.has(tag))
  // A resolution and an orientation are in every TIFF: alone they tell nothing.
  if (values.every(({ tag }) => RESOLUTION.has(tag)) || roomOf(values) > MAX_METADATA) return null
  return assemble(values, tiff.little)
}

/** Bytes of values, which may overlap in the file they come from. */
const roomOf = (values: readonly Value[]): number =>
  values.reduce((sum, { bytes }) => sum + (bytes instanceof Uint8Array ? bytes.length : roomOf(bytes)), 0)

/** The fields of a list with the lists they point to; bytes are views. @param depth lists above it: a ring ends */
function valuesOf(tiff: Tiff, list: Ifd, depth = 0): Value[] {
  const bytes = new Uint8Array(tiff.view.buffer, tiff.view.byteOffset, tiff.view.byteLength)
  const first = new Map([...list.fields].reverse().map((field) => [field.tag, field])) // a tag stands once
  return [...first.values()].flatMap(({ tag, type, count, valueAt, size }): Value[] => {
    if (!LISTS.has(tag)) return [{ tag, type, count, bytes: bytes.subarray(valueAt, valueAt + size) }]
    const child = depth < 2 ? childOf(tiff, list, tag) : null
    return child === null ? [] : [{ tag, type: LONG, count: 1, bytes: valuesOf(tiff, child, depth + 1) }]
  })
}

/** A structure of these fields alone. */
function assemble(values: readonly Value[], little: boolean): Uint8Array {
  const pieces: Uint8Array[] = []
  let length = 0
  /** Appends at an even offset, which it returns. */
  const append = (bytes: Uint8Array): number => {
    const at = length
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])
    pieces.push(padded)
    length += padded.length
    return at
  }
  const header = Buffer.from(little ? 'II*\0\0\0\0\0' : 'MM\0*\0\0\0\0', 'latin1')
  append(header)
  const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const appendList = (list: readonly Value[]): number => {
    const fields = new Uint8Array(2 + list.length * 12 + 4)
    const at = append(fields)
    view(fields).setUint16(0, list.length, little)
    for (const [i, { tag, type, count, bytes }] of [...list].sort((a, b) => a.tag - b.tag).entries()) {
      const field = 2 + i * 12
      view(fields).setUint16(field, tag, little)
      view(fields).setUint16(field + 2, type, little)
      view(fields).setUint32(field + 4, count, little)
      if (!(bytes instanceof Uint8Array)) view(fields).setUint32(field + 8, appendList(bytes), little)
      else if (bytes.length <= 4) fields.set(bytes, field + 8)
      else view(fields).setUint32(field + 8, append(bytes), little)
    }
    return at
  }
  view(header).setUint32(4, appendList(values), little)
  return Buffer.concat(pieces)
}

/**
 * A TIFF file with metadata. The EXIF stands first, as it is: so all its offsets hold, those within a maker's notes too.
 * Its thumbnail would be a second picture and is left out, as is a structure that is damaged.
 * @param file one picture in strips, as `writePicture` has it from sharp
 * @example tiffWith(file, { exif, xmp })
 */
export function tiffWith(file: Uint8Array, { exif, xmp, icc }: Metadata): Uint8Array {
  const picture = openTiff(file)!
  const read = exif && openTiff(exif)
  const about = read && readIfd(read, read.first)
  const start = about && exif ? Buffer.from(exif) : Buffer.from(file.subarray(0, 8))
  const little = about && read ? read.little : picture.little
  const shift = even(start.length)
  const ofPicture = valuesOf(picture, readIfd(picture, picture.first)!).map((value) =>
    reordered(value, picture.little, little, value.tag === STRIP_OFFSETS ? shift : 0),
  )
  const own = about && read ? aboutFields(read, about) : []
  const taken = new Set(own.map(({ tag }) => tag))
  const extra: Value[] = [
    ...(xmp ? [{ tag: Tag.xmp, type: BYTE, count: xmp.length, bytes: xmp }] : []),
    ...(icc ? [{ tag: Tag.icc, type: UNDEFINED, count: icc.length, bytes: icc }] : []),
  ]
  const values = [...own, ...ofPicture.filter(({ tag }) => !taken.has(tag)), ...extra]
  return joined(start, file, values, little)
}

const even = (length: number): number => length + (length % 2)

/** Fields as they stand: 4 bytes of value or offset, which holds. */
function aboutFields(tiff: Tiff, list: Ifd): Value[] {
  const bytes = new Uint8Array(tiff.view.buffer, tiff.view.byteOffset, tiff.view.byteLength)
  return list.fields
    .filter(({ tag }) => !OF_THE_PIXELS.has(tag))
    .map(({ tag, type, count, at }) => ({ tag, type, count, bytes: bytes.subarray(at + 8, at + 12) }))
}

/** A value in another byte order, every number of it a little more. */
function reordered(value: Value, from: boolean, to: boolean, more: number): Value {
  const bytes = Uint8Array.from(value.bytes as Uint8Array)
  const view = new DataView(bytes.buffer)
  const size = NUMBER_BYTES[value.type]
  if (value.type === LONG) {
    for (let at = 0; at < bytes.length; at += 4) view.setUint32(at, view.getUint32(at, from) + more, to)
  } else if (from !== to && size > 1) {
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse()
  }
  return { ...value, bytes }
}

/** EXIF, the old file, then the values that need room, then the list of all fields. */
function joined(start: Buffer, file: Uint8Array, values: readonly Value[], little: boolean): Uint8Array {
  const pieces: Uint8Array[] = [start, Buffer.alloc(start.length % 2), file, Buffer.alloc(file.length % 2)]
  let length = even(start.length) + even(file.length)
  const list = Buffer.alloc(2 + values.length * 12 + 4)
  const view = new DataView(list.buffer, list.byteOffset, list.length)
  view.setUint16(0, values.length, little)
  for (const [i, { tag, type, count, bytes }] of [...values].sort((a, b) => a.tag - b.tag).entries()) {
    const field = 2 + i * 12
    const value = bytes as Uint8Array
    view.setUint16(field, tag, little)
    view.setUint16(field + 2, type, little)
    view.setUint32(field + 4, count, little)
    if (value.length <= 4) list.set(value, field + 8)
    else {
      view.setUint32(field + 8, length, little)
      pieces.push(value, Buffer.alloc(value.length % 2))
      length += even(value.length)
    }
  }
  const whole = Buffer.concat([...pieces, list])
  new DataView(whole.buffer, whole.byteOffset).setUint32(4, length, little)
  return whole
}
