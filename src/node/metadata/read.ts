/** The metadata of a picture that is read, fit for its pixels as they are then. */
import type { Metadata as SharpMetadata } from 'sharp'
import type { Metadata } from '../../index.js'
import { uprightExif, withoutGps } from './exif.js'
import { exifOfTiff } from './tiff.js'
import { uprightXmp, withoutGpsProperties } from './xmp.js'

/** Begins the parts of an XMP that is too long for one segment of a JPEG: sharp does not put them together. */
const LONG_XMP = Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1')
/** What stands before the structure in a JPEG. */
const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1')

export type Found = Readonly<{
  /** No keys without a value, and none at all if there is nothing. */
  metadata: Metadata | null
  /** What was left out that should have been kept. */
  notes: string[]
}>

/**
 * @param file the picture, whole
 * @param meta what sharp found in it
 * @param sides of the upright picture
 * @param options `strip`: what is left out; `icc`: the profile is that of the pixels and kept
 */
export function metadataOf(
  file: Uint8Array,
  meta: SharpMetadata,
  sides: Readonly<{ width: number; height: number }>,
  { strip, icc }: Readonly<{ strip?: 'all' | 'location'; icc: boolean }>,
): Found {
  const notes: string[] = []
  const found: { exif?: Uint8Array; xmp?: Uint8Array; icc?: Uint8Array } = {}
  const without = (name: string, bytes: Uint8Array | null): Uint8Array | null => {
    if (bytes === null) notes.push(`${name} left out: it cannot be told where it has the location`)
    return bytes
  }
  if (strip !== 'all') {
    const exif = exifOf(file, meta)
    const placed = exif && (strip === 'location' ? without('EXIF', withoutGps(exif)) : exif)
    if (placed) found.exif = uprightExif(placed, sides)
    const xmp = meta.xmp ?? null
    const elsewhere = xmp && (strip === 'location' ? without('XMP', withoutGpsProperties(xmp)) : xmp)
    if (elsewhere) found.xmp = Uint8Array.from(uprightXmp(elsewhere))
    if (meta.format === 'jpeg' && Buffer.from(file.buffer, file.byteOffset, file.length).includes(LONG_XMP))
      notes.push('XMP in several parts left out')
  }
  if (icc && meta.icc) found.icc = Uint8Array.from(meta.icc)
  return { metadata: Object.keys(found).length > 0 ? found : null, notes }
}

/** sharp hands out the EXIF of all formats but TIFF, with or without the prefix of JPEG. */
function exifOf(file: Uint8Array, { exif, format }: SharpMetadata): Uint8Array | null {
  if (exif === undefined) return format === 'tiff' ? exifOfTiff(file) : null
  return exif.subarray(0, EXIF_PREFIX.length).equals(EXIF_PREFIX) ? exif.subarray(EXIF_PREFIX.length) : exif
}
