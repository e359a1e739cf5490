/** TIFF structures (TIFF 6.0, section 2): what EXIF is made of, and TIFF files. */

/** A field of 12 bytes. */
export type Field = Readonly<{
  tag: number
  type: number
  count: number
  /** Offset of the field itself. */
  at: number
  /** Offset and length of its value, which lies within the bytes. */
  valueAt: number
  size: number
}>

export type Tiff = Readonly<{ view: DataView; little: boolean; first: number }>

/** A list of fields. `damaged`: tags of those whose value is not there. `next`: offset of the next list, 0: none. */
export type Ifd = Readonly<{ at: number; fields: readonly Field[]; damaged: readonly number[]; next: number }>

export const Tag = {
  orientation: 0x0112,
  xmp: 0x02bc,
  icc: 0x8773,
  exif: 0x8769,
  gps: 0x8825,
  interoperability: 0xa005,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
} as const

export const SHORT = 3
export const LONG = 4

/** Bytes of a value, by its type; types that are none take no room. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]
/** Bytes that are one number, for those who change their order. */
export const NUMBER_BYTES = [1, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4]

/**
 * @returns null if the bytes do not begin with the signature of a TIFF, classic not big
 * @example openTiff(Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0)) // { little: true, first: 8, … }
 */
export function openTiff(bytes: Uint8Array): Tiff | null {
  if (bytes.length < 8) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const order = view.getUint16(0)
  const little = order === 0x4949
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return null
  return { view, little, first: view.getUint32(4, little) }
}

/**
 * The fields of a list. One whose value lies outside the bytes is damaged and left out.
 * @returns null if the list itself lies outside, or is where the header is
 */
export function readIfd({ view, little }: Tiff, at: number): Ifd | null {
  if (at < 8 || at + 2 > view.byteLength) return null
  const count = view.getUint16(at, little)
  const end = at + 2 + count * 12
  if (end > view.byteLength) return null
  const fields: Field[] = []
  const damaged: number[] = []
  for (let field = at + 2; field < end; field += 12) {
    const type = view.getUint16(field + 2, little)
    const values = view.getUint32(field + 4, little)
    const size = (SIZES[type] ?? 0) * values
    const valueAt = size <= 4 ? field + 8 : view.getUint32(field + 8, little)
    const tag = view.getUint16(field, little)
    if (size === 0 || valueAt + size > view.byteLength) damaged.push(tag)
    else fields.push({ tag, type, count: values, at: field, valueAt, size })
  }
  return { at, fields, damaged, next: end + 4 <= view.byteLength ? view.getUint32(end, little) : 0 }
}

export const fieldOf = (ifd: Ifd | null, tag: number): Field | undefined => ifd?.fields.find((one) => one.tag === tag)

/** The list that a field points to, or null. */
export function childOf(tiff: Tiff, ifd: Ifd | null, tag: number): Ifd | null {
  const field = fieldOf(ifd, tag)
  return field?.size === 4 ? readIfd(tiff, tiff.view.getUint32(field.valueAt, tiff.little)) : null
}

/** Sets a field of one whole number, be it SHORT or LONG; others are left as they are. */
export function setNumber({ view, little }: Tiff, field: Field | undefined, value: number): void {
  if (field?.count !== 1) return
  if (field.type === SHORT && value < 2 ** 16) view.setUint16(field.valueAt, value, little)
  if (field.type === LONG) view.setUint32(field.valueAt, value, little)
}
