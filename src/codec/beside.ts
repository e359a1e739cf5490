/** Alpha and metadata: a picture's other half, between `Picture` and the chunks of a file. */
import { packAlpha, unpackAlpha } from '../format/alpha.js'
import type { Beside } from '../format/file.js'
import type { Header } from '../format/header.js'
import { packBytes, unpackBytes } from '../format/packed.js'
import type { Metadata, Picture } from '../network/picture.js'

const METADATA = ['exif', 'xmp', 'icc'] as const
const NAMES = { exif: 'the EXIF', xmp: 'the XMP', icc: 'the ICC profile' } as const

/** What a picture has beside its samples; a key is there only with its value. */
export type Besides = Pick<Picture, 'alpha' | 'metadata'>

/**
 * What of it a file keeps: alpha that is opaque throughout is none, metadata of no bytes neither.
 * @example keptBesides({ ...picture, alpha: new Uint8Array(9).fill(255) }) // {}
 */
export function keptBesides({ alpha, metadata = {} }: Besides): Besides {
  const kept = METADATA.filter((name) => (metadata[name]?.length ?? 0) > 0)
  return {
    ...(alpha?.some((value) => value !== 255) && { alpha }),
    ...(kept.length > 0 && { metadata: Object.fromEntries(kept.map((name) => [name, metadata[name]])) }),
  }
}

/**
 * The chunks of it.
 * @throws {DdncError} LimitExceeded: metadata over 2^24 bytes
 */
export function packBesides({ alpha, metadata = {} }: Besides, width: number): Beside {
  const packed = METADATA.flatMap((name) => {
    const bytes = metadata[name]
    return bytes === undefined ? [] : [[name, packBytes(bytes, NAMES[name])] as const]
  })
  return { ...(alpha && { alpha: packAlpha(alpha, width) }), ...Object.fromEntries(packed) }
}

/**
 * Reads the chunks of a file; its model is not asked.
 * @throws {DdncError} Corrupt, Truncated, LimitExceeded, UnsupportedVersion (of alpha)
 */
export function unpackBesides(beside: Beside, { width, height }: Header): Besides {
  const metadata: Metadata = Object.fromEntries(
    METADATA.flatMap((name) => {
      const data = beside[name]
      const bytes = data === undefined ? data : unpackBytes(data, NAMES[name])
      return bytes === undefined || bytes.length === 0 ? [] : [[name, bytes]]
    }),
  )
  return {
    ...(beside.alpha && { alpha: unpackAlpha(beside.alpha, width, height) }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}
