/**
 * How far points are from a density. Figure 17 names neither direction nor what becomes of empty bins; the public code
 * (notes, section 8) takes D_KL(nodes ‖ density) in nats and gives the density's empty bins about 10⁻²⁴, without smoothing.
 * So a point in an empty bin costs about 46 nats times its share, and where there are any, they decide.
 */
import type { Density, Points } from './density.js'

/** Mass of a bin in which the density has none. */
export const FLOOR = 1e-24

/** What is added to the points' count of every bin for the other direction. */
const SMOOTHING = 0.5

/**
 * Number of points in every bin.
 * @returns [side, side]
 * @example histogram({ x: Float64Array.of(-1, 1), y: Float64Array.of(-1, 1) }, 2) // 1, 0, 0, 1
 */
export function histogram({ x, y }: Points, side: number): Float64Array {
  const counts = new Float64Array(side * side)
  const bin = (value: number): number => Math.min(side - 1, Math.max(0, Math.floor(((value + 1) / 2) * side)))
  x.forEach((value, i) => counts[bin(y[i]) * side + bin(value)]++)
  return counts
}

/**
 * D_KL(points ‖ density) in nats, as the public code has it: Σ p·ln(p/q), p the share of the points, q the mass, of an
 * empty bin 10⁻²⁴.
 * @example divergence(drawn, density) // 0.37: 10,000 of its own samples on 100×100 bins
 */
export function divergence(points: Points, { side, masses }: Density): number {
  const all = points.x.length
  return histogram(points, side).reduce((sum, count, bin) => {
    return count === 0 ? sum : sum + (count / all) * Math.log(count / all / Math.max(FLOOR, masses[bin]))
  }, 0)
}

/**
 * The other direction, D_KL(density ‖ points) in nats: what is missing where the density has mass. Half a point is added
 * to every bin, since a bin without one would make it infinite.
 */
export function missing(points: Points, { side, masses }: Density): number {
  const all = points.x.length + SMOOTHING * masses.length
  const counts = histogram(points, side)
  return masses.reduce((sum, mass, bin) => {
    return mass === 0 ? sum : sum + mass * Math.log((mass * all) / (counts[bin] + SMOOTHING))
  }, 0)
}

/** Share of the points that are in bins where the density has nothing. */
export function strayShare(points: Points, { side, masses }: Density): number {
  const strays = histogram(points, side).reduce((sum, count, bin) => (masses[bin] === 0 ? sum + count : sum), 0)
  return strays / points.x.length
}
