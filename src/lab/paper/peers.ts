/**
 * What JPEG, WebP and PNG make of small pictures, each a file of its own, whole: signature, tables and all that a decoder
 * needs are counted. Of a digit they are most of the file, so each setting also has the size of an empty picture's file
 * beside it: what is above that is the digit.
 */
import { createHash } from 'node:crypto'
import type { Sharp } from 'sharp'
import { asJson, kept } from '../bench/kept.js'
import { pictureAt, type PictureSet } from '../data/pictureSet.js'

/**
 * What sharp makes smallest for its error. Measured on digits: JPEG without mozjpeg's trellis and tables; WebP with the
 * preset for icons; PNG without filters, grey and not of a palette.
 */
const CODECS = {
  JPEG: (pixels: Sharp, quality: number) => pixels.jpeg({ quality, optimiseScans: true }),
  WebP: (pixels: Sharp, quality: number) => pixels.webp({ quality, effort: 6, preset: 'icon' }),
  'WebP lossless': (pixels: Sharp) => pixels.webp({ lossless: true, effort: 6 }),
  PNG: (pixels: Sharp) => pixels.png({ compressionLevel: 9, adaptiveFiltering: false }),
} satisfies Record<string, (pixels: Sharp, quality: number) => Sharp>

export type PeerSetting = Readonly<{
  codec: keyof typeof CODECS
  /** Quality, 1…100; of a codec without loss the number of grey levels, evenly spread, that are left before: 2…256. */
  setting: number
}>

const settings = (codec: PeerSetting['codec'], values: readonly number[]): PeerSetting[] =>
  values.map((setting) => ({ codec, setting }))

export const PEER_SETTINGS: readonly PeerSetting[] = [
  ...settings('JPEG', [1, 5, 10, 20, 40, 60, 80, 90]),
  ...settings('WebP', [1, 5, 10, 20, 40, 60, 80, 90]),
  ...settings('WebP lossless', [2, 3, 4, 6, 8, 16, 256]),
  ...settings('PNG', [2, 3, 4, 6, 8, 16, 256]),
]

export type PeerPoint = PeerSetting &
  Readonly<{
    /** Mean of the whole files. */
    bits: number
    /** Bits of the file of a black picture. */
    emptyBits: number
    /** Mean over all samples of all pictures. */
    mse: number
  }>

/**
 * All settings over a set: minutes for 10,000 pictures, so results are kept for the next run.
 * @param cache folder for results, made if missing; the key is pixels, settings and the versions of the codecs
 * @example const points = await peerPoints(digits, '/tmp/peers')
 */
export async function peerPoints(set: PictureSet, cache: string, signal?: AbortSignal): Promise<PeerPoint[]> {
  const { default: sharp } = await import('sharp')
  const { width, height, components, data } = set
  // Their text: whatever decides about the bytes stands there.
  const codecs = Object.values(CODECS).map(String)
  const key = createHash('sha256')
    .update(JSON.stringify([PEER_SETTINGS, codecs, sharp.versions, width, height, components]))
    .update(data)
    .digest('hex')
  return kept(cache, `small-${key.slice(0, 24)}.json`, asJson<PeerPoint[]>(), async () => {
    const points: PeerPoint[] = []
    for (const peer of PEER_SETTINGS) points.push(await peerPoint(peer, set, signal))
    return points
  })
}

/**
 * One setting, over a whole set.
 * @param signal stops it between pictures
 * @example await peerPoint({ codec: 'JPEG', setting: 20 }, digits) // 2111 bits a digit, 1240 of them for an empty one
 */
export async function peerPoint(peer: PeerSetting, set: PictureSet, signal?: AbortSignal): Promise<PeerPoint> {
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  const { width, height, components } = set
  const [space, channels] = components === 1 ? (['b-w', 1] as const) : (['srgb', 3] as const)
  const encode = (data: Uint8Array): Promise<Buffer> => {
    const raw = sharp(data, { raw: { width, height, channels } }).toColourspace(space)
    return CODECS[peer.codec](raw, peer.setting).toBuffer()
  }
  let [bytes, squares] = [0, 0]
  for (let i = 0; i < set.count; i++) {
    signal?.throwIfAborted()
    // sharp reads no memory that threads share.
    const original = Uint8Array.from(pictureAt(set, i).data)
    const file = await encode(hasLoss(peer) ? original : fewGreys(original, peer.setting))
    const { data, info } = await sharp(file)
      .toColourspace(space)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    bytes += file.length
    // Of a grey picture as WebP, sharp may give three channels, all the same.
    for (let at = 0; at < original.length; at++) {
      const decoded = components === 1 ? data[at * info.channels] : data[at]
      squares += (original[at] - decoded) ** 2
    }
  }
  const empty = await encode(new Uint8Array(width * height * components))
  const samples = set.count * width * height * components
  return { ...peer, bits: (bytes * 8) / set.count, emptyBits: empty.length * 8, mse: squares / samples }
}

const hasLoss = ({ codec }: PeerSetting): boolean => codec === 'JPEG' || codec === 'WebP'

/** Every sample as the nearest of so many levels. @example fewGreys(Uint8Array.of(100, 200), 2) // 0, 255 */
const fewGreys = (samples: Uint8Array, levels: number): Uint8Array =>
  samples.map((sample) => Math.round((Math.round((sample * (levels - 1)) / 255) * 255) / (levels - 1)))
