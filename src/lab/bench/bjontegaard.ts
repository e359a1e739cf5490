/** Bjøntegaard's differences between two curves of few points: of rate at equal quality, of quality at equal rate. */

import { rising } from './curves.js'
import { akima, type Interpolate } from './interpolate.js'

/** A file of a picture: its size, and a quality that is more where it is better. */
export type Sample = Readonly<{ bytes: number; quality: number }>

/** Mean over [from, to] by Simpson's rule on so many steps: exact for cubics, and to 10⁻⁶ for Akima's pieces. */
const STEPS = 400

const meanOver = (from: number, to: number, f: (x: number) => number): number => {
  const width = (to - from) / STEPS
  let sum = f(from) + f(to)
  for (let step = 1; step < STEPS; step++) sum += (step % 2 === 0 ? 2 : 4) * f(from + step * width)
  return sum / (3 * STEPS)
}

/**
 * @param range of bytes, within which ours is compared; only what both curves have counts
 * @returns `rate`: mean of ln(our bytes / theirs) at equal quality; `quality`: mean of ours less theirs at equal bytes;
 * null if nothing is common, or a curve has less than four points
 * @example const { rate } = bjontegaard(ours, theirs, [10_000, 60_000], akima)
 */
export function bjontegaard(
  ours: readonly Sample[],
  theirs: readonly Sample[],
  range: readonly [from: number, to: number],
  interpolate: Interpolate,
): Readonly<{ rate: number; quality: number }> | null {
  const [own, other] = [ours, theirs]
    .map((given) => rising(given, ({ quality }) => quality))
    .map((samples) => ({
      sizes: samples.map(({ bytes }) => Math.log(bytes)),
      qualities: samples.map(({ quality }) => quality),
    }))
  if (own.sizes.length < 4 || other.sizes.length < 4) return null
  const ends = (values: readonly number[]): [number, number] => [values[0], values[values.length - 1]]
  const common = (...ranges: [number, number][]): [number, number] => [
    Math.max(...ranges.map(([from]) => from)),
    Math.min(...ranges.map(([, to]) => to)),
  ]
  const inside = ([from, to]: [number, number], values: readonly number[]): [number, number] => [
    Math.min(Math.max(from, values[0]), values[values.length - 1]),
    Math.min(Math.max(to, values[0]), values[values.length - 1]),
  ]
  const wanted: [number, number] = [Math.log(range[0]), Math.log(range[1])]
  const sizes = common(wanted, ends(own.sizes), ends(other.sizes))
  // The qualities that ours has within the range; where the polynomial only comes near the points, they are Akima's.
  const ownQuality = akima(own.sizes, own.qualities)
  const [low, high] = inside(wanted, own.sizes).map(ownQuality)
  const qualities = common([low, high], ends(own.qualities), ends(other.qualities))
  if (sizes[0] >= sizes[1] || qualities[0] >= qualities[1]) return null
  const [ourRate, theirRate] = [own, other].map((curve) => interpolate(curve.qualities, curve.sizes))
  const [ourQuality, theirQuality] = [own, other].map((curve) => interpolate(curve.sizes, curve.qualities))
  return {
    rate: meanOver(qualities[0], qualities[1], (quality) => ourRate(quality) - theirRate(quality)),
    quality: meanOver(sizes[0], sizes[1], (size) => ourQuality(size) - theirQuality(size)),
  }
}
