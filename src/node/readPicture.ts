/**
 * Encoded pictures (JPEG, PNG, …) to 8-bit pixels, with alpha and metadata, through sharp.
 * sharp is imported when the first picture is read or written: it costs a start-up as much as all of ddnc.
 */
import type { default as SharpConstructor, Metadata as SharpMetadata, Sharp } from 'sharp'
import { DdncError } from '../errors.js'
import { MAX_PIXELS, MAX_SIDE } from '../format/header.js'
import type { Metadata, Picture } from '../index.js'
import { colourOf, laidOn } from './background.js'
import { refuseDrawing, refuseForeign, unreadable } from './foreign.js'
import { metadataOf } from './metadata/read.js'
import { openRaw, type RawSource } from './rawFile.js'

export type ReadOptions = Readonly<{
  /** CSS colour that a picture with transparent parts is laid on: `white`, `#204060`. Without it alpha is kept. */
  background?: string
  /** Pixels that are wanted: the picture is resized until it covers them, and cut at its middle. */
  size?: Readonly<{ width: number; height: number }>
  /** 1: a picture in colour becomes grey. */
  components?: 1 | 3
  /** Of an animation or of several pages; the first is 1, the default. */
  frame?: number
  /** Metadata that is left out: all of it, or where the picture was taken. */
  strip?: 'all' | 'location'
  /** Samples of a picture with an RGB profile stay as they are, and the profile is kept. Default: converted to sRGB. */
  keepGamut?: boolean
  /** A picture of more pixels is refused before anything is decoded; 2^28, the default, is the most. */
  maxPixels?: number
}>

/**
 * Reads an encoded picture: JPEG, PNG, WebP, TIFF, GIF or AVIF.
 * Converted to sRGB through its ICC profile, turned as its orientation says, reduced to 8 bits a sample. A picture
 * whose pixels are all grey has one component, whatever the file stored. Opaque alpha is dropped. EXIF and XMP are kept,
 * their orientation and size corrected.
 * @param bytes the whole file
 * @returns the picture and what a user should know of the conversion, one sentence part each
 * @throws {DdncError} BadSignature: no picture, or a drawing (SVG, PDF); Corrupt: a damaged or cut one; LimitExceeded: a
 *   side over 2^20 or more than 2^28 pixels, before anything is decoded; BadOption: no such frame, or background is no
 *   colour
 * @example const { picture, notes } = await readPicture(await readFile('photo.jpg'), { background: 'white' })
 */
export async function readPicture(
  bytes: Uint8Array,
  options: ReadOptions = {},
): Promise<{ picture: Picture; notes: string[] }> {
  const { default: sharp } = await import('sharp')
  const background = options.background === undefined ? null : await colourOf(sharp, options.background)
  const { meta, keepsGamut, pixels } = await openSharp(sharp, bytes, options)
  const { data, info } = await pixels
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => unreadable(bytes, cause))

  const { width, height } = info
  const { rgb, alpha } = apart(data, info.channels)
  const shown = alpha && background ? laidOn(rgb, alpha, background) : rgb
  const kept = background ? null : alpha
  const { metadata, notes: metadataNotes } = metadataOf(bytes, meta, { width, height }, { ...options, icc: keepsGamut })
  const notes = notesOf(meta, options, { width, height, keepsGamut })
  let grey = onlyGrey(shown, kept)
  if (grey === null && options.components === 1) {
    grey = await greyOf(sharp, shown, info)
    notes.push('colour reduced to grey')
  }
  const picture: Picture = {
    width,
    height,
    components: grey === null ? 3 : 1,
    data: grey ?? shown,
    ...(kept?.some((value) => value !== 255) && { alpha: kept }),
    ...(metadata && { metadata }),
  }
  return { picture, notes: [...notes, ...metadataNotes] }
}

/** The header, and the pixels as sharp gives them: 3 or 4 channels, 8 bits, upright. */
async function openSharp(
  sharp: typeof SharpConstructor,
  bytes: Uint8Array,
  options: ReadOptions,
): Promise<{ meta: SharpMetadata; keepsGamut: boolean; pixels: Sharp }> {
  refuseForeign(bytes)
  const meta = await headerOf(sharp, bytes, options)
  const keepsGamut = options.keepGamut === true && options.components !== 1 && hasRgbProfile(meta)
  const input = {
    ...pageOf(options.frame),
    limitInputPixels: MAX_PIXELS,
    failOn: 'error',
    ignoreIcc: keepsGamut,
  } as const
  const { size } = options
  const upright = sharp(bytes, input).autoOrient()
  const sized = size ? upright.resize(size.width, size.height, { fit: 'cover' }) : upright
  return { meta, keepsGamut, pixels: sized.toColourspace('srgb') }
}

/** Pixels above which a picture's samples go to a file and not to memory. */
export const LARGE_PIXELS = 2 ** 24

/** A picture whose samples lie in a file: 3 components, or 1 where all is grey. */
export type LargePicture = Readonly<{ source: RawSource; metadata: Metadata | undefined; notes: string[] }>

/** @throws {DdncError} as `readPicture`, of the header */
export async function isLargePicture(bytes: Uint8Array, options: ReadOptions): Promise<boolean> {
  const { default: sharp } = await import('sharp')
  refuseForeign(bytes)
  const { width, height } = await headerOf(sharp, bytes, options)
  return width * height > LARGE_PIXELS
}

/**
 * Reads a large picture as `readPicture` does, but its samples into a file.
 * @param path of the file to write, with the extension .v; the caller removes it, and closes `source` before
 * @returns null if the picture has transparent parts: those are held in memory
 * @throws {DdncError} as `readPicture`; the system's error if the file cannot be written
 * @example const large = await readLargePicture(bytes, '/tmp/samples.v', {})
 */
export async function readLargePicture(
  bytes: Uint8Array,
  path: string,
  options: ReadOptions,
): Promise<LargePicture | null> {
  const { default: sharp } = await import('sharp')
  const { meta, keepsGamut, pixels } = await openSharp(sharp, bytes, options)
  const info = await pixels.toFile(path).catch((cause: unknown) => unreadable(bytes, cause))
  const source = await openRaw(path, info)
  if (source === null) return null
  const { metadata, notes } = metadataOf(bytes, meta, info, { ...options, icc: keepsGamut })
  return {
    source,
    metadata: metadata ?? undefined,
    notes: [...notesOf(meta, options, { ...info, keepsGamut }), ...notes],
  }
}

const pageOf = (frame: number | undefined): { page?: number } => (frame === undefined ? {} : { page: frame - 1 })

/** The header of the frame, without a limit of sharp's, so that the error can name the size. */
async function headerOf(
  sharp: typeof SharpConstructor,
  bytes: Uint8Array,
  { frame, maxPixels = MAX_PIXELS }: ReadOptions,
): Promise<SharpMetadata> {
  const header = (page: object): Promise<SharpMetadata> =>
    sharp(bytes, { ...page, limitInputPixels: false, failOn: 'error' })
      .metadata()
      .catch((cause: unknown) => unreadable(bytes, cause))
  let meta = await header({})
  refuseDrawing(meta.format)
  const frames = meta.pages ?? 1
  if (frame !== undefined && !(Number.isInteger(frame) && frame >= 1 && frame <= frames)) {
    throw new DdncError({ tag: 'BadOption', option: '--frame', found: `${frame}`, allowed: `1…${frames} here` })
  }
  if (frame !== undefined && frame > 1) meta = await header(pageOf(frame))
  checkLimit('a side of the picture', Math.max(meta.width, meta.height), MAX_SIDE)
  checkLimit('the number of pixels', meta.width * meta.height, Math.min(maxPixels, MAX_PIXELS))
  return meta
}

function checkLimit(what: string, value: number, limit: number): void {
  if (value > limit) throw new DdncError({ tag: 'LimitExceeded', what, value, limit })
}

/** Numbers can stay as they are only where they are RGB, and the profile says what they mean. */
const hasRgbProfile = ({ icc, space }: SharpMetadata): boolean =>
  icc !== undefined && icc.toString('latin1', 16, 20) === 'RGB ' && /^(s?rgb|rgb16)$/.test(space)

function notesOf(
  meta: SharpMetadata,
  { frame = 1, size, keepGamut }: ReadOptions,
  read: Readonly<{ width: number; height: number; keepsGamut: boolean }>,
): string[] {
  const notes: string[] = []
  if (meta.depth !== 'uchar') notes.push(`${meta.bitsPerSample ?? 16} bits a sample reduced to 8`)
  if (meta.pages !== undefined && meta.pages > 1)
    notes.push(frame === 1 ? `the first of ${meta.pages} frames` : `frame ${frame} of ${meta.pages}`)
  const { autoOrient } = meta
  if (size && (autoOrient.width !== read.width || autoOrient.height !== read.height))
    notes.push(`resized from ${autoOrient.width} x ${autoOrient.height}`)
  if (keepGamut && !read.keepsGamut && meta.icc) notes.push('converted to sRGB: its profile is not one of RGB')
  return notes
}

/** sharp gives 3 or 4 channels, 8 bits each: sRGB, then alpha. */
function apart(data: Uint8Array, channels: number): { rgb: Uint8Array; alpha: Uint8Array | null } {
  if (channels === 3) return { rgb: new Uint8Array(data.buffer, data.byteOffset, data.length), alpha: null }
  const pixels = data.length / 4
  const rgb = new Uint8Array(pixels * 3)
  const alpha = new Uint8Array(pixels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < 3; c++) rgb[pixel * 3 + c] = data[pixel * 4 + c]
    alpha[pixel] = data[pixel * 4 + 3]
  }
  return { rgb, alpha }
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

/** The one component of a picture that is grey wherever it is seen, or null. */
function onlyGrey(rgb: Uint8Array, alpha: Uint8Array | null): Uint8Array | null {
  for (let at = 0; at < rgb.length; at += 3) {
    if ((rgb[at] !== rgb[at + 1] || rgb[at] !== rgb[at + 2]) && alpha?.[at / 3] !== 0) return null
  }
  const grey = new Uint8Array(rgb.length / 3)
  for (let pixel = 0; pixel < grey.length; pixel++) grey[pixel] = rgb[pixel * 3]
  return grey
}
