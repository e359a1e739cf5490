/** Rate against quality: a codec's files at equal PSNR, and BD-rate. */
import { mean } from './metrics.js'

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

/** Steps of a curve made dense: between two of them it is straight to 10⁻⁵. */
const DENSE = 2000

/** Points of a curve that has few: the monotone cubic of ln bytes over PSNR, so that `bytesAt` finds it smooth. */
export function dense(few: readonly Point[]): Point[] {
  const points = rising(few, psnrOf)
  if (points.length < 2) return points
  const qualities = points.map(psnrOf)
  const sizes = points.map(({ bytes }) => Math.log(bytes))
  const [least, most] = [qualities[0], qualities[qualities.length - 1]]
  return Array.from({ length: DENSE + 1 }, (_, step) => {
    const psnr = least + ((most - least) * step) / DENSE
    return { bytes: Math.exp(monotoneCubic(qualities, sizes, psnr)), psnr }
  })
}

/** Points of the integral below: 200 steps of a smooth function are exact to far below 0.01 %. */
const STEPS = 200

/**
 * Bjøntegaard's mean difference of rate, ours against theirs, over the PSNR that ours has in a range of rates.
 * Ours, a few points, is interpolated by a monotone cubic; theirs, many, as `bytesAt` does.
 * @param ours points in any order; those that are no better than a smaller one do not count
 * @param range bytes, [from, to]; where theirs ends inside it, the common part counts
 * @returns mean of ln(ours / theirs); null if they have no PSNR in common, or ours is a single point
 */
export function bdRate(
  ours: readonly Point[],
  theirs: readonly Point[],
  range: readonly [number, number],
): number | null {
  const points = rising(ours, psnrOf)
  if (points.length < 2) return null
  const sizes = points.map((point) => Math.log(point.bytes))
  const qualities = points.map(psnrOf)
  const [from, to] = range.map((bytes) => monotoneCubic(sizes, qualities, Math.log(bytes)))
  const differences: number[] = []
  for (let step = 0; step <= STEPS; step++) {
    const quality = from + ((to - from) * step) / STEPS
    const their = bytesAt(theirs, quality)
    if (their !== null) differences.push(monotoneCubic(qualities, sizes, quality) - Math.log(their))
  }
  return differences.length === 0 ? null : mean(differences)
}

/**
 * PSNR of a codec at a size: the monotone cubic over ln bytes.
 * @param curve a few files of one picture in any order
 * @returns null outside the sizes that it has
 * @example psnrAt([{ bytes: 100, psnr: 30 }, { bytes: 400, psnr: 32 }], 200) // 31
 */
export function psnrAt(curve: readonly Point[], bytes: number): number | null {
  const points = rising(curve, psnrOf)
  const isWithin = points.length > 1 && bytes >= points[0].bytes && bytes <= points[points.length - 1].bytes
  if (!isWithin) return null
  const sizes = points.map((point) => Math.log(point.bytes))
  return monotoneCubic(sizes, points.map(psnrOf), Math.log(bytes))
}

/**
 * Fritsch and Butland's monotone cubic through points (PCHIP without end rules: one-sided slopes); beyond the ends the
 * nearest end point.
 * @param xs strictly rising, at least two
 */
export function monotoneCubic(xs: readonly number[], ys: readonly number[], x: number): number {
  const last = xs.length - 1
  if (x <= xs[0]) return ys[0]
  if (x >= xs[last]) return ys[last]
  const at = xs.findIndex((next) => next > x) - 1
  const slope = (i: number): number => (ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i])
  const tangent = (i: number): number => {
    if (i === 0 || i === last) return slope(i === 0 ? 0 : last - 1)
    const [before, after] = [slope(i - 1), slope(i)]
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after)
  }
  const width = xs[at + 1] - xs[at]
  const t = (x - xs[at]) / width
  const [t2, t3] = [t * t, t * t * t]
  return (
    ys[at] * (2 * t3 - 3 * t2 + 1) +
    ys[at + 1] * (3 * t2 - 2 * t3) +
    width * (tangent(at) * (t3 - 2 * t2 + t) + tangent(at + 1) * (t3 - t2))
  )
}
