/** Bjøntegaard's differences between two curves of few points: of rate at equal quality, of quality at equal rate. */

import { rising } from './curves.js'

/** A file of a picture: its size, and a quality that is more where it is better. */
export type Sample = Readonly<{ bytes: number; quality: number }>

/** A curve through points, or near them; xs rise strictly. */
export type Interpolate = (xs: readonly number[], ys: readonly number[]) => (x: number) => number

/** Mean over [from, to] by Simpson's rule on so many steps: exact for cubics, and to 10⁻⁶ for Akima's pieces. */
const STEPS = 400

const meanOver = (from: number, to: number, f: (x: number) => number): number => {
  const width = (to - from) / STEPS
  let sum = f(from) + f(to)
  for (let step = 1; step < STEPS; step++) sum += (step % 2 === 0 ? 2 : 4) * f(from + step * width)
  return sum / (3 * STEPS)
}

/**
 * A bend by so small a share of the largest is none: the rounding of equal slopes, which must not weigh the slopes around
 * it. As scipy has it.
 */
const STRAIGHT = 1e-9

/**
 * Akima's interpolation of 1970: a cubic between neighbours whose slopes are means of those around, so that a point far
 * off does not swing the rest.
 * @param xs at least two
 * @example akima([0, 1, 2], [0, 1, 2])(0.5) // 0.5
 */
export const akima: Interpolate = (xs, ys) => {
  const last = xs.length - 1
  const slopes = xs.slice(1).map((x, i) => (ys[i + 1] - ys[i]) / (x - xs[i]))
  // Two more at either end, as Akima has them.
  const before = 2 * slopes[0] - (slopes[1] ?? slopes[0])
  const after = 2 * slopes[last - 1] - (slopes[last - 2] ?? slopes[last - 1])
  const all = [2 * before - slopes[0], before, ...slopes, after, 2 * after - slopes[last - 1]]
  const bends = all.slice(1).map((slope, i) => Math.abs(slope - all[i]))
  const straight = STRAIGHT * Math.max(...xs.map((_, i) => bends[i] + bends[i + 2]))
  const tangents = xs.map((_, i) => {
    const [right, left] = [bends[i], bends[i + 2]]
    const [b, c] = [all[i + 1], all[i + 2]]
    return left + right <= straight ? (b + c) / 2 : (left * b + right * c) / (left + right)
  })
  return (x) => {
    const at = Math.min(last - 1, Math.max(0, xs.findIndex((next) => next > x) - 1, x >= xs[last] ? last - 1 : 0))
    const width = xs[at + 1] - xs[at]
    const t = x - xs[at]
    const second = (3 * slopes[at] - 2 * tangents[at] - tangents[at + 1]) / width
    const third = (tangents[at] + tangents[at + 1] - 2 * slopes[at]) / (width * width)
    return ys[at] + t * (tangents[at] + t * (second + t * third))
  }
}

/**
 * The usual one: a single cubic polynomial, of least squares if there are more than four points.
 * @param xs at least four, or the polynomial is of lower degree
 */
export const cubic: Interpolate = (xs, ys) => {
  const terms = Math.min(4, xs.length)
  // Moved and scaled: powers of 40 dB would cost half the digits.
  const [least, most] = [xs[0], xs[xs.length - 1]]
  const place = (x: number): number => (2 * (x - least)) / (most - least) - 1
  const powers = (x: number): number[] => Array.from({ length: terms }, (_, power) => place(x) ** power)
  const rows = xs.map(powers)
  const left = Array.from({ length: terms }, (_, i) =>
    Array.from({ length: terms }, (_, j) => rows.reduce((sum, row) => sum + row[i] * row[j], 0)),
  )
  const right = Array.from({ length: terms }, (_, i) => rows.reduce((sum, row, at) => sum + row[i] * ys[at], 0))
  const coefficients = eliminated(left, right)
  return (x) => powers(x).reduce((sum, power, at) => sum + power * coefficients[at], 0)
}

/** Gauss's elimination with pivots, of few unknowns. */
function eliminated(left: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = left.map((row, i) => [...row, right[i]])
  for (let at = 0; at < rows.length; at++) {
    const pivot = rows.reduce((best, row, i) => (i > at && Math.abs(row[at]) > Math.abs(rows[best][at]) ? i : best), at)
    ;[rows[at], rows[pivot]] = [rows[pivot], rows[at]]
    for (const [i, row] of rows.entries()) {
      if (i === at) continue
      const factor = row[at] / rows[at][at]
      rows[i] = row.map((value, j) => value - factor * rows[at][j])
    }
  }
  return rows.map((row, i) => row[rows.length] / row[i])
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
