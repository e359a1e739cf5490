/** Pixels to encoded pictures (PNG, JPEG, WebP, TIFF), with alpha and metadata, through sharp. */
import type { JpegOptions, Sharp } from 'sharp'
import { DdncError } from '../errors.js'
import type { Picture } from '../index.js'
import { colourOf, laidOn } from './background.js'
import { PICTURE_FORMATS, type PictureFormat } from './formats.js'
import { withMetadata } from './metadata/write.js'

export type WriteOptions = Readonly<{
  /** CSS colour that a picture with alpha is laid on. Without it alpha is written. */
  background?: string
}>

/**
 * Writes a picture as a file of a common format: PNG, TIFF (deflate) and WebP without loss, JPEG at quality 95, 4:4:4.
 * Grey stays grey where the format has it (WebP has not). Alpha and metadata are written.
 * @returns the whole file
 * @throws {DdncError} BadOption: no such format, or data of another length, or alpha for a JPEG and no background;
 *   LimitExceeded: a side over what the format holds (WebP 16,383, JPEG 65,535), EXIF or XMP over the 64 kB of a JPEG
 * @example await writeFile('photo.png', await writePicture(picture, 'png'))
 */
export async function writePicture(
  picture: Picture,
  format: PictureFormat,
  options: WriteOptions = {},
): Promise<Uint8Array> {
  checkWritable(picture, format)
  const { width, height, metadata = {} } = picture
  const { default: sharp } = await import('sharp')
  const background = options.background === undefined ? null : await colourOf(sharp, options.background)
  const { components, data, alpha } = withBackground(fitForProfile(picture), background)
  if (alpha && format === 'jpeg') {
    const found = 'not given, and the picture has transparent parts, which JPEG has not'
    throw new DdncError({ tag: 'BadOption', option: '--background', found, allowed: 'a CSS colour such as white' })
  }
  const channels = (components + (alpha ? 1 : 0)) as 1 | 2 | 3 | 4
  const samples = alpha ? interleaved(data, alpha, components) : data
  const raw = sharp(samples, { raw: { width, height, channels } })
  const file = await encoded(components === 1 ? raw.toColourspace('b-w') : raw, format).toBuffer()
  return withMetadata(file, format, metadata)
}

/**
 * Writes a picture whose samples lie in a file, as `writePicture` does. JPEG tables are those of the standard: the best
 * ones would need all of the picture in memory, for 2 % of the bytes.
 * @param from a file that sharp reads
 * @throws the system's error
 * @example await writeLargePicture('/tmp/samples.tif', 'photo.png', 'png', false)
 */
export async function writeLargePicture(
  from: string,
  to: string,
  format: PictureFormat,
  isGrey: boolean,
): Promise<void> {
  const { default: sharp } = await import('sharp')
  const pixels = sharp(from, { limitInputPixels: false })
  await encoded(isGrey ? pixels.toColourspace('b-w') : pixels, format, { optimiseCoding: false }).toFile(to)
}

/** What can be said of it before there are pixels. @throws {DdncError} as `writePicture` */
export function checkFormat({ width, height }: Pick<Picture, 'width' | 'height'>, format: PictureFormat): void {
  if (!Object.hasOwn(PICTURE_FORMATS, format)) {
    const [found, allowed] = [String(format), Object.keys(PICTURE_FORMATS).join(', ')]
    throw new DdncError({ tag: 'BadOption', option: 'the picture format', found, allowed })
  }
  const [value, limit] = [Math.max(width, height), PICTURE_FORMATS[format].maxSide]
  if (value > limit) {
    throw new DdncError({ tag: 'LimitExceeded', what: `a side of a ${format} picture`, value, limit })
  }
}

function checkWritable({ width, height, components, data, alpha }: Picture, format: PictureFormat): void {
  const refuse = (option: string, found: string, allowed: string): never => {
    throw new DdncError({ tag: 'BadOption', option, found, allowed })
  }
  checkFormat({ width, height }, format)
  const pixels = width * height
  if (data.length !== pixels * components)
    refuse('picture.data', `${data.length} samples long`, `width · height · components, ${pixels * components}`)
  if (alpha && alpha.length !== pixels)
    refuse('picture.alpha', `${alpha.length} samples long`, `width · height, ${pixels}`)
}

/** A profile of RGB belongs to a picture of RGB, be it grey throughout. */
function fitForProfile(picture: Picture): Picture {
  return picture.components === 1 && picture.metadata?.icc ? inRgb(picture) : picture
}

function inRgb(picture: Picture): Picture {
  if (picture.components === 3) return picture
  const data = new Uint8Array(picture.data.length * 3)
  for (let at = 0; at < data.length; at++) data[at] = picture.data[Math.floor(at / 3)]
  return { ...picture, components: 3, data }
}

/** Grey on a grey background stays grey. */
function withBackground(picture: Picture, background: Uint8Array | null): Picture {
  if (!picture.alpha || !background) return picture
  const { data: rgb } = inRgb(picture)
  const laid = laidOn(rgb, picture.alpha, background)
  const isGrey = picture.components === 1 && background.every((value) => value === background[0])
  return {
    ...picture,
    components: isGrey ? 1 : 3,
    data: isGrey ? laid.filter((_, at) => at % 3 === 0) : laid,
    alpha: undefined,
  }
}

function interleaved(data: Uint8Array, alpha: Uint8Array, components: number): Uint8Array {
  const samples = new Uint8Array(alpha.length * (components + 1))
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    for (let c = 0; c < components; c++) samples[pixel * (components + 1) + c] = data[pixel * components + c]
    samples[pixel * (components + 1) + components] = alpha[pixel]
  }
  return samples
}

function encoded(pixels: Sharp, format: PictureFormat, jpeg: JpegOptions = {}): Sharp {
  switch (format) {
    case 'png':
      // On photographs a third smaller than unfiltered, for 10 ms a megapixel.
      return pixels.png({ adaptiveFiltering: true })
    case 'jpeg':
      return pixels.jpeg({ quality: 95, chromaSubsampling: '4:4:4', ...jpeg })
    case 'webp':
      return pixels.webp({ lossless: true, exact: true })
    case 'tiff':
      return pixels.tiff({ compression: 'deflate', predictor: 'horizontal' })
  }
}
