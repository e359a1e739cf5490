/** mozjpeg beside models that are studied: every quality of a picture once, kept in a folder for the next run. */
import { createHash } from 'node:crypto'
import type { Sharp } from 'sharp'
import type { Picture } from '../../index.js'
import type { Point } from './curves.js'
import { codeBySharp } from './codecs/sharpCodecs.js'
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

async function filesOf(peer: Peer, picture: Picture): Promise<Point[]> {
  const points: Point[] = []
  for (const quality of QUALITIES) {
    const { bytes, picture: decoded } = await codeBySharp(picture, (pixels) => peer.encode(pixels, quality))
    points.push({ bytes, psnr: psnr(picture.data, decoded.data) })
  }
  return points
}
