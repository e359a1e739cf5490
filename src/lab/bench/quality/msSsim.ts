/**
 * MS-SSIM: Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality assessment", 2003. Of the
 * luma, over five scales, a Gaussian window of 11 by 11 where it fits whole.
 */
import { filtered, halved, timesOf, type Plane } from './planes.js'

const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
const RADIUS = 5
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2

/** Smallest side: the window fits once at the coarsest scale. */
const LEAST_SIDE = (2 * RADIUS + 1) << (WEIGHTS.length - 1)

const WINDOW = ((): number[] => {
  const side = Array.from({ length: RADIUS + 1 }, (_, at) => Math.exp(-(at * at) / (2 * 1.5 ** 2)))
  const sum = side.reduce((all, weight, at) => all + (at === 0 ? weight : 2 * weight), 0)
  return side.map((weight) => weight / sum)
})()

/** What of the original is needed again for every other picture. */
type Scale = Readonly<{ plane: Plane; mean: Plane; square: Plane }>

const scaleOf = (plane: Plane): Scale => ({
  plane,
  mean: filtered(plane, WINDOW),
  square: filtered(timesOf(plane, plane), WINDOW),
})

function scalesOf(plane: Plane): Plane[] {
  const planes = [plane]
  while (planes.length < WEIGHTS.length) planes.push(halved(planes[planes.length - 1], 'drop'))
  return planes
}

/**
 * @param original luma, 0…255
 * @returns of another picture's luma: 1 for the same, towards 0 for none alike; null if a side has less than 176 pixels
 * @example msSsimOf(lumaOf(original))(lumaOf(decoded)) // 0.987
 */
export function msSsimOf(original: Plane): (other: Plane) => number | null {
  if (Math.min(original.width, original.height) < LEAST_SIDE) return () => null
  const scales = scalesOf(original).map(scaleOf)
  return (other) => {
    let product = 1
    for (const [at, plane] of scalesOf(other).entries()) {
      const { luminance, structure } = similarity(scales[at], plane)
      const isLast = at === WEIGHTS.length - 1
      // A negative mean would have no root; it is as bad as none alike.
      product *= Math.max(0, isLast ? luminance : structure) ** WEIGHTS[at]
    }
    return product
  }
}

/** Means over the places where the window fits: of SSIM, and of its part of contrast and structure. */
function similarity({ plane, mean, square }: Scale, other: Plane): { luminance: number; structure: number } {
  const otherMean = filtered(other, WINDOW)
  const otherSquare = filtered(timesOf(other, other), WINDOW)
  const cross = filtered(timesOf(plane, other), WINDOW)
  const { width, height } = plane
  let [luminance, structure] = [0, 0]
  for (let y = RADIUS; y < height - RADIUS; y++) {
    for (let at = y * width + RADIUS; at < (y + 1) * width - RADIUS; at++) {
      const [m1, m2] = [mean.data[at], otherMean.data[at]]
      const variances = square.data[at] - m1 * m1 + otherSquare.data[at] - m2 * m2
      const alike = (2 * (cross.data[at] - m1 * m2) + C2) / (variances + C2)
      structure += alike
      luminance += (alike * (2 * m1 * m2 + C1)) / (m1 * m1 + m2 * m2 + C1)
    }
  }
  const places = (width - 2 * RADIUS) * (height - 2 * RADIUS)
  return { luminance: luminance / places, structure: structure / places }
}
