/** Encoding: the walk with the rate-distortion guide, its choices told to a stream (DESIGN section 1). */
import type { Beside } from '../format/file.js'
import type { CellGridModel } from '../network/model.js'
import { checkPicture, type Metadata, type Picture } from '../network/picture.js'
import { keptBesides, packBesides } from './beside.js'
import { compressOnGrids } from './compressGrid.js'
import { checkProfile, refuse, type CompressOptions } from './compressOptions.js'
import type { Compressed } from './encode.js'
import { fillHidden } from './fill.js'
import { exactBeside, LOSSLESS_QUALITY, withResidual } from './lossless.js'
import type { PixelSource } from './pixels.js'
import { wantedOf } from './seek.js'
import { defaultProfile, type Profile } from './streams.js'
import { compressWhole } from './wholeImage.js'

export type { Compressed, CompressOptions }

/**
 * Compresses a picture and tells what became of it.
 * @param picture interleaved 8-bit sRGB or grey. Its alpha and metadata are kept without loss, the colours that alpha
 *   hides are not
 * @throws {DdncError} BadOption (picture or options; a picture of another size than a whole-image model's),
 *   LimitExceeded (sides, pixels, metadata over 2^24 bytes)
 * @example const { file, psnr } = await compressWithReport(picture, { model, quality: 50 })
 */
export async function compressWithReport(picture: Picture, options: CompressOptions): Promise<Compressed> {
  checkPicture(picture)
  const { model } = options
  const profile = options.profile ?? defaultProfile(model)
  checkProfile(model, profile)
  const besides = keptBesides(picture)
  const { width, height, components, data } = picture
  const pixels = fillHidden({ width, height, components, data, alpha: besides.alpha })
  const packed = packBesides(besides, width)
  if (!options.lossless) {
    const coded = await compressPixels(pixels, profile, options, packed)
    return { ...coded, reconstruction: { ...coded.reconstruction, ...besides } }
  }
  const original = { width, height, components, data, alpha: besides.alpha }
  const coded = await compressPixels(pixels, profile, lossyPart(options), { ...packed, ...exactBeside(original) })
  const { file, exact } = withResidual(coded.file, original, coded.reconstruction)
  return { ...coded, file, psnr: Infinity, reconstruction: { ...coded.reconstruction, ...besides, data: exact } }
}

/** Of a whole-image model the default stays all choices. */
function lossyPart(options: CompressOptions): CompressOptions {
  const isChosen = options.quality !== undefined || options.lambda !== undefined || wantedOf(options) !== undefined
  return isChosen || options.model.kind === 'whole' ? options : { ...options, quality: LOSSLESS_QUALITY }
}

async function compressPixels(
  picture: Picture,
  profile: Profile,
  options: CompressOptions,
  beside: Beside,
): Promise<Compressed> {
  const { model } = options
  if (model.kind === 'grid') {
    const { file, reconstruction, psnr, bits } = await compressOnGrids(picture, model, profile, options, beside)
    return { file, reconstruction, psnr, bits }
  }
  refuse(options, model, ['lambda', 'tileSide', 'tune'])
  return compressWhole(picture, model, options, beside)
}

/**
 * Compresses a picture that is read in parts, never all of it in memory.
 * @param source opaque
 * @param metadata kept as of `compress`
 * @param options of a model with grids; an effort of 1, which has no whole picture before it
 * @throws {DdncError} as `compressWithReport`; what the source throws
 * @example const { file, psnr } = await compressSource(source, undefined, { model, quality: 50 })
 */
export async function compressSource(
  source: PixelSource,
  metadata: Metadata | undefined,
  options: CompressOptions & { model: CellGridModel },
): Promise<Omit<Compressed, 'reconstruction'>> {
  const { model } = options
  const profile = options.profile ?? defaultProfile(model)
  checkProfile(model, profile)
  const beside = packBesides(keptBesides({ metadata }), source.width)
  const { file, psnr, bits } = await compressOnGrids(source, model, profile, options, beside)
  return { file, psnr, bits }
}
