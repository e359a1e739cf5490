/** The alpha chunk (SPEC 3.6): how opaque each pixel is, without loss. */
import { DdncError } from '../errors.js'
import { joinBytes, readByte } from './bytes.js'
import { deflate, inflate } from './deflate.js'
import { filterRows, unfilterRows } from './rowFilters.js'

/** First byte of the chunk: filtered rows of 8-bit samples, deflated. */
const METHOD = 0
const WHERE = 'the alpha chunk'

/**
 * @param alpha Uint8Array[width · height], 0: transparent, 255: opaque
 * @example packAlpha(new Uint8Array(100), 10) // a dozen bytes
 */
export function packAlpha(alpha: Uint8Array, width: number): Uint8Array {
  // Filters help soft edges and harm hard ones, which deflate finds by itself.
  const [plain, filtered] = (['none', 'least'] as const).map((choose) => deflate(filterRows(alpha, width, choose)))
  return joinBytes([[METHOD], plain.length <= filtered.length ? plain : filtered])
}

/**
 * @param data of the chunk
 * @param width, height pixels, within the limits of the header
 * @returns Uint8Array[width · height]
 * @throws {DdncError} Truncated: no data; UnsupportedVersion: another method; Corrupt: not what a plane of this size is,
 *   judged before it is allocated where the data are too few
 * @example unpackAlpha(packAlpha(alpha, 10), 10, 10) // alpha
 */
export function unpackAlpha(data: Uint8Array, width: number, height: number): Uint8Array {
  const method = readByte({ bytes: data, offset: 0 }, WHERE)
  if (method !== METHOD) {
    throw new DdncError({ tag: 'UnsupportedVersion', what: WHERE, version: method, supported: METHOD })
  }
  return unfilterRows(inflate(data.subarray(1), height * (width + 1), WHERE), width, WHERE)
}
