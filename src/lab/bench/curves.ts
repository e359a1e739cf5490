/** Rate against quality: a codec's files at equal PSNR or equal bytes. */
import { akima } from './interpolate.js'

/** One file of a picture. */
export type Point = Readonly<{ bytes: number; psnr: number }>

/**
 * Bytes that a codec needs for a PSNR: ln bytes, linear over PSNR between two neighbouring settings.
 * Where PSNR does not rise with the setting there are several such pairs; the cheapest counts, in the codec's favour.
 * @param curve files of one picture in the order of the codec's setting
 * @param psnr dB
 * @returns null where the curve does not reach this PSNR, or begins above it
 * @example bytesAt([{ bytes: 100, psnr: 30 }, { bytes: 400, psnr: 32 }], 31) // 200
 */
export function bytesAt(curve: readonly Point[], psnr: number): number | null {
  let best = Infinity
  for (let at = 1; at < curve.length; at++) {
    const [low, high] = [curve[at - 1], curve[at]]
    if ((low.psnr - psnr) * (high.psnr - psnr) > 0) continue
    const share = high.psnr === low.psnr ? 0 : (psnr - low.psnr) / (high.psnr - low.psnr)
    best = Math.min(best, Math.exp(Math.log(low.bytes) * (1 - share) + Math.log(high.bytes) * share))
  }
  return best === Infinity ? null : best
}

/**
 * The points in the order of bytes, without those that are no better than a smaller one.
 * @param qualityOf more is better
 * @example rising([{ bytes: 3, psnr: 31 }, { bytes: 1, psnr: 30 }, { bytes: 2, psnr: 29 }], psnrOf) // the first two, turned
 */
export function rising<P extends Readonly<{ bytes: number }>>(
  points: readonly P[],
  qualityOf: (point: P) => number,
): P[] {
  const found: P[] = []
  for (const point of [...points].sort((a, b) => a.bytes - b.bytes || qualityOf(b) - qualityOf(a))) {
    if (found.length === 0 || qualityOf(point) > qualityOf(found[found.length - 1])) found.push(point)
  }
  return found
}

const psnrOf = ({ psnr }: Point): number => psnr

/** For `bjontegaard`: the better, the higher the PSNR. */
export const byPsnr = (points: readonly Point[]): { bytes: number; quality: number }[] =>
  points.map(({ bytes, psnr }) => ({ bytes, quality: psnr }))

/**
 * PSNR of a codec at a size: Akima's curve over ln bytes.
 * @param curve a few files of one picture in any order
 * @returns null outside the sizes that it has
 * @example psnrAt([{ bytes: 100, psnr: 30 }, { bytes: 400, psnr: 32 }], 200) // 31
 */
export function psnrAt(curve: readonly Point[], bytes: number): number | null {
  const points = rising(curve, psnrOf)
  const isWithin = points.length > 1 && bytes >= points[0].bytes && bytes <= points[points.length - 1].bytes
  if (!isWithin) return null
  const sizes = points.map((point) => Math.log(point.bytes))
  return akima(sizes, points.map(psnrOf))(Math.log(bytes))
}
