/**
 * Encoded pictures (JPEG, PNG, …) to 8-bit sRGB or grey pixels and back, through sharp.
 * sharp is imported when the first picture is read or written: it costs a start-up as much as all of ddnc.
 */
import { readdir } from 'node:fs/promises'
import type { default as SharpConstructor, Sharp } from 'sharp'
import { DdncError, hexOf } from '../errors.js'
import { MAX_PIXELS, MAX_SIDE } from '../format/header.js'
import type { Picture } from '../index.js'

/** What `writePicture` writes, by name, with the file extensions that stand for it; the first is the usual one. */
export const PICTURE_FORMATS = {
  png: { extensions: ['.png'], maxSide: MAX_SIDE },
  jpeg: { extensions: ['.jpg', '.jpeg'], maxSide: 65_535 },
  webp: { extensions: ['.webp'], maxSide: 16_383 },
  tiff: { extensions: ['.tif', '.tiff'], maxSide: MAX_SIDE },
} as const

export type PictureFormat = keyof typeof PICTURE_FORMATS

export type ReadOptions = Readonly<{
  /** CSS colour that a picture with transparent parts is laid on: `white`, `#204060`. */
  background?: string
  /** Pixels that are wanted: the picture is resized until it covers them, and cut at its middle. */
  size?: Readonly<{ width: number; height: number }>
  /** 1: a picture in colour becomes grey. */
  components?: 1 | 3
}>

/**
 * Reads an encoded picture: JPEG, PNG, WebP, TIFF, GIF, AVIF or SVG.
 * Converted to sRGB through its ICC profile, turned as its orientation says, reduced to 8 bits a sample. A picture
 * whose pixels are all grey has one component, whatever the file stored. Opaque alpha is dropped.
 * @param bytes the whole file
 * @returns the picture and what a user should know of the conversion, one sentence part each
 * @throws {DdncError} BadSignature: no picture; Corrupt: a damaged or cut one; LimitExceeded: a side over 2^20 or more
 *   than 2^26 pixels, before anything is decoded; BadOption: transparent and no background, or background is no colour
 * @example const { picture, notes } = await readPicture(await readFile('photo.jpg'), { background: 'white' })
 */
export async function readPicture(
  bytes: Uint8Array,
  options: ReadOptions = {},
): Promise<{ picture: Picture; notes: string[] }> {
  const { default: sharp } = await import('sharp')
  const background = options.background === undefined ? null : await colour(sharp, options.background)
  if (bytes.length === 0) throw new DdncError({ tag: 'BadSignature', what: PICTURE, found: 'nothing, it is empty' })

  // The header alone, without a limit of sharp's, so that the error can name the size.
  const header = sharp(bytes, { limitInputPixels: false, failOn: 'error' })
  const meta = await header.metadata().catch((cause: unknown) => unreadable(bytes, cause))
  checkLimit('a side of the picture', Math.max(meta.width, meta.height), MAX_SIDE)
  checkLimit('the number of pixels', meta.width * meta.height, MAX_PIXELS)
  const { size } = options
  const upright = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' }).autoOrient()
  const { data, info } = await (size ? upright.resize(size.width, size.height, { fit: 'cover' }) : upright)
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => unreadable(bytes, cause))

  // sharp gives 3 or 4 channels here, 8 bits each: sRGB, then alpha.
  const rgb = info.channels === 4 ? withoutAlpha(data, background) : data
  const notes: string[] = []
  if (meta.depth !== 'uchar') notes.push(`${meta.bitsPerSample ?? 16} bits a sample reduced to 8`)
  if (meta.pages !== undefined && meta.pages > 1) notes.push(`the first of ${meta.pages} frames`)
  if (size && (meta.autoOrient.width !== info.width || meta.autoOrient.height !== info.height))
    notes.push(`resized from ${meta.autoOrient.width} x ${meta.autoOrient.height}`)
  let grey = onlyGrey(rgb)
  if (grey === null && options.components === 1) {
    grey = await greyOf(sharp, rgb, info)
    notes.push('colour reduced to grey')
  }
  const picture: Picture = {
    width: info.width,
    height: info.height,
    components: grey === null ? 3 : 1,
    data: grey ?? new Uint8Array(rgb.buffer, rgb.byteOffset, rgb.length),
  }
  return { picture, notes }
}

/**
 * Writes a picture as a file of a common format: PNG, TIFF (deflate) and WebP without loss, JPEG at quality 95, 4:4:4.
 * Grey stays grey where the format has it (WebP has not).
 * @returns the whole file
 * @throws {DdncError} BadOption: no such format, or data of another length; LimitExceeded: a side over what the format
 *   holds (WebP 16,383, JPEG 65,535)
 * @example await writeFile('photo.png', await writePicture(picture, 'png'))
 */
export async function writePicture(picture: Picture, format: PictureFormat): Promise<Uint8Array> {
  const { width, height, components, data } = picture
  if (!Object.hasOwn(PICTURE_FORMATS, format)) {
    const allowed = Object.keys(PICTURE_FORMATS).join(', ')
    throw new DdncError({ tag: 'BadOption', option: 'the picture format', found: String(format), allowed })
  }
  const samples = width * height * components
  if (data.length !== samples) {
    const found = `${data.length} samples long`
    const allowed = `width · height · components, ${samples}`
    throw new DdncError({ tag: 'BadOption', option: 'picture.data', found, allowed })
  }
  const { maxSide } = PICTURE_FORMATS[format]
  checkLimit(`a side of a ${format} picture`, Math.max(width, height), maxSide)
  const { default: sharp } = await import('sharp')
  const raw = sharp(data, { raw: { width, height, channels: components } })
  return encoded(components === 1 ? raw.toColourspace('b-w') : raw, format)
}

function encoded(pixels: Sharp, format: PictureFormat): Promise<Buffer> {
  switch (format) {
    case 'png':
      // On photographs a third smaller than unfiltered, for 10 ms a megapixel.
      return pixels.png({ adaptiveFiltering: true }).toBuffer()
    case 'jpeg':
      return pixels.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
    case 'webp':
      return pixels.webp({ lossless: true }).toBuffer()
    case 'tiff':
      return pixels.tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer()
  }
}

const PICTURE = 'a picture that ddnc reads (JPEG, PNG, WebP, TIFF, GIF, AVIF, SVG)'

/** sharp's wording is all there is to tell a foreign file from a damaged one. */
function unreadable(bytes: Uint8Array, cause: unknown): never {
  const message = cause instanceof Error ? cause.message.split('\n')[0].trim() : String(cause)
  if (message.includes('unsupported image format')) {
    throw new DdncError({ tag: 'BadSignature', what: PICTURE, found: firstBytes(bytes) }, { cause })
  }
  const reason = message.replace(/^(Unknown error|Input buffer has corrupt header:) */, '')
  const found = reason === '' ? 'unreadable' : `unreadable (${reason})`
  const allowed = 'a whole, sound picture file'
  throw new DdncError({ tag: 'Corrupt', where: 'the picture', found, allowed }, { cause })
}

function firstBytes(bytes: Uint8Array): string {
  return `the ${bytes.length === 1 ? 'byte' : 'bytes'} ${hexOf(bytes.subarray(0, 4), ' ')}`
}

function checkLimit(what: string, value: number, limit: number): void {
  if (value > limit) throw new DdncError({ tag: 'LimitExceeded', what, value, limit })
}

/** One pixel of the background, as sharp understands the colour: red, green, blue. */
async function colour(sharp: typeof SharpConstructor, background: string): Promise<Uint8Array> {
  const allowed = 'an opaque CSS colour such as white or #204060'
  const bad = { tag: 'BadOption', option: '--background', found: background, allowed } as const
  const pixel = await Promise.resolve()
    .then(() =>
      sharp({ create: { width: 1, height: 1, channels: 4, background } })
        .raw()
        .toBuffer(),
    )
    .catch((cause: unknown) => {
      throw new DdncError(bad, { cause })
    })
  if (pixel[3] !== 255) throw new DdncError(bad)
  return pixel.subarray(0, 3)
}

/** RGBA to RGB: opaque alpha is dropped, the rest laid on the background. */
function withoutAlpha(rgba: Uint8Array, background: Uint8Array | null): Uint8Array {
  const pixels = rgba.length / 4
  const rgb = new Uint8Array(pixels * 3)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = rgba[pixel * 4 + 3]
    if (alpha !== 255 && background === null) {
      const found = 'not given, and the picture has transparent parts'
      throw new DdncError({ tag: 'BadOption', option: '--background', found, allowed: 'a CSS colour such as white' })
    }
    for (let component = 0; component < 3; component++) {
      const value = rgba[pixel * 4 + component]
      const behind = background === null ? 0 : background[component]
      rgb[pixel * 3 + component] = (value * alpha + behind * (255 - alpha) + 127) / 255 // ≤ 255.5, so truncated ≤ 255
    }
  }
  return rgb
}

/** Luminance, as sharp has it. */
async function greyOf(
  sharp: typeof SharpConstructor,
  rgb: Uint8Array,
  { width, height }: Readonly<{ width: number; height: number }>,
): Promise<Uint8Array> {
  const raw = { width, height, channels: 3 } as const
  return Uint8Array.from(await sharp(rgb, { raw }).toColourspace('b-w').raw().toBuffer())
}

/** The one component of a picture that is grey throughout, or null. */
function onlyGrey(rgb: Uint8Array): Uint8Array | null {
  for (let at = 0; at < rgb.length; at += 3) if (rgb[at] !== rgb[at + 1] || rgb[at] !== rgb[at + 2]) return null
  const grey = new Uint8Array(rgb.length / 3)
  for (let pixel = 0; pixel < grey.length; pixel++) grey[pixel] = rgb[pixel * 3]
  return grey
}

/**
 * Names of the pictures in a folder, by their extensions, in order.
 * @throws the system's error if the folder cannot be read
 * @example await pictureNames('corpus') // ['checkerboard.png', …]
 */
export const pictureNames = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /\.(png|jpe?g|webp|tiff?)$/i.test(name)).sort()
