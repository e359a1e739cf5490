/** Whether more quality is more: PSNR and bytes over the whole scale of `-q`, on photographs and made pictures. */
import { stepOfQuality } from '../../codec/lambda.js'
import { compressWithReport, type Model } from '../../index.js'
import { drawings } from './drawings.js'
import { mean } from './metrics.js'
import { picturesOf, type NamedPicture } from './pictures.js'
import { beginReport, signed, type Say } from './report.js'
import type { Coding } from './roundTrip.js'

export type QualityOptions = Readonly<{
  model: Model
  coding: Coding
  data: string
  /** Every so many qualities, from 100 downwards. */
  step: number
  out?: string | undefined
  limit?: number | undefined
}>

/** A quality of one picture. */
export type QualityPoint = Readonly<{ quality: number; bytes: number; psnr: number }>

/** Made pictures that are measured beside those of the folder. */
const DRAWN = ['text', 'line-art', 'checkerboard', 'noise'] as const

export async function measureQuality(options: QualityOptions, say: Say): Promise<void> {
  const { model, coding, data, step, out, limit } = options
  const report = beginReport(model, out, ['picture', 'quality', 's', 'bytes', 'bpp', 'psnr_rgb'], say)
  const best: number[] = []
  let pictures = 0
  const inversions: Inversion[] = []
  for await (const { name, picture } of allPictures(data, limit)) {
    const points: QualityPoint[] = []
    for (const quality of qualities(step)) {
      const { file, psnr } = await compressWithReport(picture, { ...coding, model, quality })
      const bpp = (file.length * 8) / (picture.width * picture.height)
      points.push({ quality, bytes: file.length, psnr })
      report.record([name, quality, stepOfQuality(quality), file.length, bpp.toFixed(5), psnr.toFixed(4)])
    }
    const [first, last] = [points[0], points[points.length - 1]]
    const found = inversionsOf(points)
    const range = `${first.psnr.toFixed(2)} to ${last.psnr.toFixed(2)} dB, ${first.bytes} to ${last.bytes} bytes`
    say(`${name}: q ${first.quality} to ${last.quality}: ${range}, ${found.length} inversions`)
    for (const { from, to, what, size } of found) say(`  q ${from} to ${to}: ${what} ${size}`)
    inversions.push(...found)
    pictures++
    if (!name.startsWith(DRAWN_PREFIX)) best.push(last.psnr)
  }
  const count = (what: Inversion['what']): number => inversions.filter((inversion) => inversion.what === what).length
  const fell = `PSNR fell ${count('PSNR')} times, rate ${count('rate')}`
  say(`${pictures} pictures, ${qualities(step).length} qualities: ${fell}`)
  say(`q = 100: mean PSNR of the ${best.length} pictures of the folder ${mean(best).toFixed(3)} dB`)
}

const DRAWN_PREFIX = 'drawn: '

async function* allPictures(folder: string, limit: number | undefined): AsyncGenerator<NamedPicture> {
  for (const name of DRAWN) yield { name: DRAWN_PREFIX + name, picture: drawings[name]() }
  yield* picturesOf(folder, limit)
}

/**
 * One quality for every step of λ it stands for, rising; 100 is always among them.
 * Neighbouring qualities may share a step of λ: then they are the same file, measured once.
 */
function qualities(every: number): number[] {
  const chosen = new Map<number, number>()
  for (let quality = 100; quality >= 1; quality -= every) {
    const s = stepOfQuality(quality)
    if (!chosen.has(s)) chosen.set(s, quality)
  }
  return [...chosen.values()].reverse()
}

export type Inversion = Readonly<{ from: number; to: number; what: 'PSNR' | 'rate'; size: string }>

/**
 * Where a higher quality has the lower PSNR or the smaller file.
 * @param points rising in quality
 * @example
 * inversionsOf([{ quality: 1, bytes: 100, psnr: 30 }, { quality: 2, bytes: 99, psnr: 31 }])
 * // [{ from: 1, to: 2, what: 'rate', size: '-1.000 %' }]
 */
export function inversionsOf(points: readonly QualityPoint[]): Inversion[] {
  return points.slice(1).flatMap((to, at) => {
    const from = points[at]
    const between = { from: from.quality, to: to.quality }
    const found: Inversion[] = []
    if (to.psnr < from.psnr) found.push({ ...between, what: 'PSNR', size: `${signed(to.psnr - from.psnr, 4)} dB` })
    if (to.bytes < from.bytes) {
      found.push({ ...between, what: 'rate', size: `${signed(100 * (to.bytes / from.bytes - 1), 3)} %` })
    }
    return found
  })
}
