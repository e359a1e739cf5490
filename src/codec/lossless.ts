/** What makes a file exact (SPEC 3.8): a chunk before the streams that says so, and one behind them with the residual. */
import { corrupt, DdncError } from '../errors.js'
import { crc32 } from '../format/crc32.js'
import { joinBytes, readByte, readUint32, uint32Bytes, type ByteReader } from '../format/bytes.js'
import { ChunkType, writeChunk } from '../format/chunks.js'
import type { Beside } from '../format/file.js'
import { packResidual, unpackResidual } from '../format/residual.js'
import type { Picture } from '../network/picture.js'

/** Quality of the lossy part: of those tried on photographs the one with the smallest files, docs/results.md. */
export const LOSSLESS_QUALITY = 60

/** First byte of the chunk: a residual as in SPEC 12. */
const METHOD = 0
const WHERE = 'the exact chunk'

/**
 * The chunk before the streams: by it a file that was cut is known to be, and that what is decoded is exact.
 * @example exactBeside(picture) // { exact: five bytes }
 */
export const exactBeside = (picture: Picture): Beside => ({
  exact: joinBytes([[METHOD], uint32Bytes(crcOf(picture.data, picture))]),
})

/**
 * The file with its last chunk, the residual, and the picture that it decodes to.
 * @param file coded of `picture` with `exactBeside`
 * @param lossy what its streams decode to
 */
export function withResidual(
  file: Uint8Array,
  picture: Picture,
  lossy: Picture,
): { file: Uint8Array; exact: Uint8Array } {
  const residual = packResidual(picture.data, lossy.data, picture, picture.alpha)
  const { components, alpha } = picture
  const hidden = (at: number): boolean => alpha?.[Math.floor(at / components)] === 0
  return {
    file: joinBytes([file, writeChunk(ChunkType.residual, residual)]),
    exact: alpha ? picture.data.map((value, at) => (hidden(at) ? lossy.data[at] : value)) : picture.data,
  }
}

/**
 * Judges the chunk that says that a file is exact; the residual is judged as it is decoded.
 * @throws {DdncError} Truncated, UnsupportedVersion, Corrupt
 */
export function checkExact({ exact }: Beside): void {
  if (exact === undefined) return
  const method = readByte({ bytes: exact, offset: 0 }, WHERE)
  if (method !== METHOD)
    throw new DdncError({ tag: 'UnsupportedVersion', what: WHERE, version: method, supported: METHOD })
  if (exact.length > 5) throw corrupt(WHERE, `${exact.length} bytes long`, '5 bytes')
  readUint32({ bytes: exact, offset: 1 }, WHERE)
}

/**
 * The exact samples of a file, if it has them; else those of its streams.
 * @param lossy what the streams decode to, with alpha
 * @throws {DdncError} Corrupt, Truncated: the residual, or samples that are not those that were encoded
 */
export function exactSamples({ exact, residual }: Beside, lossy: Picture): Uint8Array {
  if (exact === undefined || residual === undefined) return lossy.data
  const samples = unpackResidual(residual, lossy.data, lossy, lossy.alpha)
  const reader: ByteReader = { bytes: exact, offset: 1 }
  const [stored, found] = [readUint32(reader, WHERE), crcOf(samples, lossy)]
  if (stored !== found) throw corrupt('the CRC of the exact samples', `${found}`, `${stored}`)
  return samples
}

/** Of the samples, those that alpha hides as 0. */
function crcOf(samples: Uint8Array, { components, alpha }: Picture): number {
  if (alpha === undefined) return crc32(samples)
  return crc32(samples.map((value, at) => (alpha[Math.floor(at / components)] === 0 ? 0 : value)))
}
