/** What of EXIF changes with the picture: orientation, size, and the place if nobody shall know it. */
import { childOf, fieldOf, openTiff, readIfd, setNumber, Tag, type Ifd, type Tiff } from './ifd.js'

type Sides = Readonly<{ width: number; height: number }>

/**
 * EXIF of a picture whose pixels have been turned upright.
 * @param exif a TIFF structure; damaged or foreign bytes come back as they are
 * @returns a copy with orientation 1 and, where it tells a size, this one
 * @example uprightExif(exif, { width: 768, height: 512 })
 */
export function uprightExif(exif: Uint8Array, { width, height }: Sides): Uint8Array {
  const copy = Uint8Array.from(exif)
  const tiff = openTiff(copy)
  if (tiff === null) return copy
  const main = readIfd(tiff, tiff.first)
  setNumber(tiff, fieldOf(main, Tag.orientation), 1)
  const details = childOf(tiff, main, Tag.exif)
  setNumber(tiff, fieldOf(details, Tag.pixelWidth), width)
  setNumber(tiff, fieldOf(details, Tag.pixelHeight), height)
  return copy
}

/**
 * EXIF without its GPS fields: their values are overwritten and the field that leads to them is taken out.
 * @returns a copy; null if the structure is damaged, so that nobody can tell where the place stands
 * @example withoutGps(exif) ?? new Uint8Array(0)
 */
export function withoutGps(exif: Uint8Array): Uint8Array | null {
  const copy = Uint8Array.from(exif)
  const tiff = openTiff(copy)
  const main = tiff && readIfd(tiff, tiff.first)
  if (tiff === null || main === null) return null
  // The pointer belongs to the main list; some programs put it beside the camera's details, or the thumbnail's.
  const thumbnail = main.next === 0 ? null : readIfd(tiff, main.next)
  const details = childOf(tiff, main, Tag.exif)
  if (details === null && [...main.damaged, ...main.fields.map(({ tag }) => tag)].includes(Tag.exif)) return null
  for (const list of [main, details, thumbnail]) if (list && !eraseGps(tiff, list, copy)) return null
  return isPlaceless(copy) ? copy : null
}

/** Lists and values that overlap may have been overwritten with what was to go, or have brought it back. */
function isPlaceless(exif: Uint8Array): boolean {
  const tiff = openTiff(exif)
  const main = tiff && readIfd(tiff, tiff.first)
  if (tiff === null || main === null) return false
  return [main, childOf(tiff, main, Tag.exif)].every((list) => childOf(tiff, list, Tag.gps) === null)
}

/** False if the list has a GPS pointer that leads nowhere. */
function eraseGps(tiff: Tiff, list: Ifd, bytes: Uint8Array): boolean {
  const pointer = fieldOf(list, Tag.gps)
  if (pointer === undefined) return !list.damaged.includes(Tag.gps)
  const gps = childOf(tiff, list, Tag.gps)
  if (gps === null) return false
  // Values that overlap are none of a camera: each would be overwritten whole, thousands of times.
  if (gps.fields.reduce((sum, { size }) => sum + size, 0) > bytes.length) return false
  const { view, little } = tiff
  for (const { valueAt, size } of gps.fields) bytes.fill(0, valueAt, valueAt + size)
  const count = view.getUint16(gps.at, little)
  bytes.fill(0, gps.at, gps.at + 2 + count * 12 + 4)
  // The fields behind it move up; the offset of the next list moves with them.
  const end = list.at + 2 + view.getUint16(list.at, little) * 12
  bytes.copyWithin(pointer.at, pointer.at + 12, Math.min(end + 4, bytes.length))
  bytes.fill(0, end - 8, Math.min(end + 4, bytes.length))
  view.setUint16(list.at, view.getUint16(list.at, little) - 1, little)
  return true
}
