/** mozjpeg, WebP and AVIF, through sharp. */
import { join } from 'node:path'
import type { Sharp } from 'sharp'
import type { Picture } from '../../../index.js'
import { ROOT } from '../report.js'
import type { Absent, Codec, Coded, Codecs } from './codec.js'
import { encoded, rawOf, SHARP_USES, type SharpFormat, type SharpUse } from './sharpUses.js'

/** What encodes each format: sharp's names of libraries. */
const LIBRARIES: Readonly<Record<SharpFormat, readonly string[]>> = {
  jpeg: ['mozjpeg'],
  webp: ['webp'],
  avif: ['heif', 'aom'],
}

const PROCESS = join(ROOT, 'dist', 'lab', 'bench', 'codecs', 'sharpProcess.js')

/**
 * Each codec of this sharp; one that it was built without is absent.
 * @example const { codecs } = await sharpCodecs()
 */
export async function sharpCodecs(): Promise<Codecs> {
  const { default: sharp } = await import('sharp')
  const versions = sharp.versions as Readonly<Record<string, string | undefined>>
  const codecs: Codec[] = []
  const absent: Absent[] = []
  for (const use of SHARP_USES) {
    const libraries = LIBRARIES[use.format]
    const missing = libraries.filter((library) => versions[library] === undefined)
    if (missing.length > 0) absent.push({ name: use.name, why: `this sharp is built without ${missing.join(' and ')}` })
    else {
      const version = [...libraries, 'sharp'].map((library) => `${library} ${versions[library]}`).join(', ')
      codecs.push(codecOf(use, version))
    }
  }
  return { codecs, absent }
}

const codecOf = (use: SharpUse, version: string): Codec => ({
  id: use.id,
  name: use.name,
  use: use.use,
  version,
  setting: 'quality',
  settings: use.settings,
  dial: [1, 100, 1],
  code: (picture, setting) => codeBySharp(picture, (pixels) => encoded(pixels, use, setting)),
  encodeCommand: (input, output, setting) => [process.execPath, PROCESS, 'encode', use.id, `${setting}`, input, output],
  decodeCommand: (input, output) => [process.execPath, PROCESS, 'decode', input, output],
})

/**
 * A file by sharp, and back.
 * @param encode of pixels; a grey picture's are one plane
 * @example await codeBySharp(picture, (pixels) => pixels.jpeg({ quality: 75 }))
 */
export async function codeBySharp(
  { width, height, components, data }: Picture,
  encode: (pixels: Sharp) => Sharp,
): Promise<Coded> {
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  const space = components === 1 ? 'b-w' : 'srgb'
  const raw = sharp(data, rawOf(width, height, components)).toColourspace(space)
  const file = await encode(raw).toBuffer()
  const { data: decoded, info } = await sharp(file)
    .toColourspace(space)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  // Of a grey picture as WebP or AVIF, sharp may give three channels, all the same.
  const samples = info.channels === components ? decoded : Uint8Array.from(data, (_, at) => decoded[at * info.channels])
  return { bytes: file.length, picture: { width, height, components, data: samples } }
}
