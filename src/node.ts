/**
 * `ddnc/node`: the library for encoded pictures and files. Everything of `ddnc`, and JPEG, PNG, WebP and TIFF in and
 * out through sharp, and the models that come with the package.
 */
import { compressWithReport, DdncError, decompress } from './index.js'
import type { CompressOptions, DecompressOptions, Model, Picture } from './index.js'
import { compressLarge, type LargeCompressed } from './node/large.js'
import { findModel, shippedModel } from './node/models.js'
import { readPicture, writePicture, type PictureFormat, type ReadOptions, type WriteOptions } from './node/picture.js'

export * from './index.js'
export { findModel, shippedModel } from './node/models.js'
export { threads } from './node/threads.js'
export {
  PICTURE_FORMATS,
  readPicture,
  writePicture,
  type PictureFormat,
  type ReadOptions,
  type WriteOptions,
} from './node/picture.js'

/** The model that is used where none is named. */
export const DEFAULT_MODEL = 'photo'

/** As for `compress`, but the model may be left out, and it can be said how the picture is read. */
export type CompressImageOptions = Omit<CompressOptions, 'model'> &
  Pick<ReadOptions, 'background' | 'frame' | 'strip' | 'keepGamut' | 'maxPixels'> & {
    model?: Model
    /** Resize and cut the picture to the size of a whole-image model, which takes no other. */
    resize?: boolean
  }

/** As for `decompress`, but the model may be left out: then it is found among those of the package. */
export type DecompressImageOptions = Omit<DecompressOptions, 'model'> &
  Partial<Pick<DecompressOptions, 'model'>> &
  WriteOptions

export type CompressedImage = Readonly<{
  /** The `.ddn` file. */
  file: Uint8Array
  /** What was coded: sRGB or grey, upright, with alpha and metadata. */
  picture: Picture
  /** The pixels that the file decodes to. */
  reconstruction: Picture
  /** Of the reconstruction against `picture`, dB; Infinity if they are equal. */
  psnr: number
  /** What a user should know of the conversion to 8-bit sRGB, and of a target that was missed. */
  notes: string[]
}>

/**
 * Encodes a JPEG, PNG, WebP, TIFF, … file as a `.ddn` file.
 * @param bytes the whole encoded picture; converted as `readPicture` says
 * @throws {DdncError} as `readPicture` and `compress`
 * @example await writeFile('photo.ddn', await compressImage(await readFile('photo.jpg'), { quality: 75 }))
 */
export async function compressImage(bytes: Uint8Array, options: CompressImageOptions = {}): Promise<Uint8Array> {
  const model = options.model ?? (await shippedModel(DEFAULT_MODEL))
  return (
    (await compressLargeImage(bytes, { ...options, model }))?.file ??
    (await compressImageWithReport(bytes, { ...options, model })).file
  )
}

/**
 * As `compressImage`, but null where a picture is small (2^24 pixels), has transparent parts, is to be lossless or has an
 * effort above 1. With what a user may want to know, without `reconstruction`, which would be all of the picture in memory.
 */
export async function compressLargeImage(
  bytes: Uint8Array,
  options: CompressImageOptions & { model: Model },
): Promise<LargeCompressed | null> {
  const { model } = options
  if (model.kind === 'whole' || (options.effort ?? 1) > 1 || options.lossless) return null
  return compressLarge(bytes, readOptions(options, model), { ...options, model })
}

/**
 * As `compressImage`, with what a user may want to know of the result.
 * @example const { file, psnr } = await compressImageWithReport(await readFile('photo.jpg'))
 */
export async function compressImageWithReport(
  bytes: Uint8Array,
  options: CompressImageOptions = {},
): Promise<CompressedImage> {
  const model = options.model ?? (await shippedModel(DEFAULT_MODEL))
  const { picture, notes } = await readPicture(bytes, readOptions(options, model))
  const compressed = await compressWithReport(picture, { ...options, model })
  return { picture, ...compressed, notes: [...notes, ...shortOf(compressed.psnr, options)] }
}

/** What is to be said if the best file there is has less than the PSNR that was asked for. */
const shortOf = (psnr: number, { targetPsnr = 0 }: CompressImageOptions): string[] =>
  psnr >= targetPsnr ? [] : [`no file of this model has ${targetPsnr} dB: this is the best`]

/** A whole-image model has a size and a number of components. */
function readOptions({ resize, ...options }: CompressImageOptions, model: Model): ReadOptions {
  const { background, frame, strip, keepGamut, maxPixels } = options
  const common = {
    ...(background !== undefined && { background }),
    ...(frame !== undefined && { frame }),
    ...(strip && { strip }),
    ...(keepGamut && { keepGamut }),
    ...(maxPixels !== undefined && { maxPixels }),
  }
  if (model.kind === 'whole') return { ...common, components: model.components, ...(resize && { size: model }) }
  if (!resize) return common
  const allowed = 'with a model of one size; this one takes any'
  throw new DdncError({ tag: 'BadOption', option: 'resize', found: `given with model ${model.name}`, allowed })
}

/**
 * Decodes a `.ddn` file to a file of a common format.
 * @param file the whole `.ddn`; with `partial` it may end anywhere after its header
 * @throws {DdncError} as `decompress` and `writePicture`; UnknownModel if the package has not the file's model
 * @example await writeFile('photo.png', await decompressImage(await readFile('photo.ddn'), 'png'))
 */
export async function decompressImage(
  file: Uint8Array,
  format: PictureFormat,
  options: DecompressImageOptions = {},
): Promise<Uint8Array> {
  const { background } = options
  const picture = await decompress(file, { model: findModel, ...options })
  return writePicture(picture, format, background === undefined ? {} : { background })
}
