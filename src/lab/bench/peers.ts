/** mozjpeg beside models that are studied: every quality of a picture once, kept in a folder for the next run. */
import { createHash } from 'node:crypto'
import type { Sharp } from 'sharp'
import type { Picture } from '../../index.js'
import type { Point } from './curves.js'
import { asJson, kept } from './kept.js'
import { psnr } from '../../codec/psnr.js'

export type Peer = Readonly<{
  name: 'mozjpeg'
  /** Everything that decides about the bytes, for the summary and the key of the cache. */
  setting: string
  encode(pixels: Sharp, quality: number): Sharp
}>

export const MOZJPEG: Peer = {
  name: 'mozjpeg',
  setting: 'mozjpeg 4:4:4, quality 1 to 100',
  encode: (pixels, quality) => pixels.jpeg({ quality, mozjpeg: true, chromaSubsampling: '4:4:4' }),
}

const QUALITIES = Array.from({ length: 100 }, (_, at) => at + 1)

/**
 * All files of a picture, quality 1…100.
 * @param cache folder for results, made if missing; the key is pixels, setting and the versions of the codecs
 * @example const points = await peerCurve(MOZJPEG, picture, '/tmp/peers') // points[74]: quality 75
 */
export async function peerCurve(peer: Peer, picture: Picture, cache: string): Promise<readonly Point[]> {
  const { default: sharp } = await import('sharp')
  const { width, height, components } = picture
  const key = createHash('sha256')
    .update(JSON.stringify([peer.setting, sharp.versions, width, height, components]))
    .update(picture.data)
    .digest('hex')
  return kept(cache, `${peer.name}-${key.slice(0, 24)}.json`, asJson<Point[]>(), () => filesOf(peer, picture))
}

async function filesOf(peer: Peer, { width, height, components, data: pixels }: Picture): Promise<Point[]> {
  const { default: sharp } = await import('sharp')
  sharp.concurrency(1)
  const points: Point[] = []
  for (const quality of QUALITIES) {
    const raw = sharp(pixels, { raw: { width, height, channels: components } })
    const file = await peer.encode(components === 1 ? raw.toColourspace('b-w') : raw, quality).toBuffer()
    const space = components === 1 ? 'b-w' : 'srgb'
    const { data } = await sharp(file).toColourspace(space).raw().toBuffer({ resolveWithObject: true })
    points.push({ bytes: file.length, psnr: psnr(pixels, data) })
  }
  return points
}
