/** Downscaling with an antialiased filter: Keys' cubic (a = −1/2), widened by the factor, as Pillow and PyTorch do. */
import type { Picture } from '../../network/picture.js'

/** Weights of one output: of inputs first, first + 1, … */
type Taps = Readonly<{ first: number; weights: Float64Array }>

/**
 * A square part of a picture at another size.
 * @param picture 3 components
 * @param left, top, from the part: its corner and its side
 * @param side of the result, 1…from
 * @returns Uint8Array[side, side, 3], rounded and clamped
 * @example resampled(picture, 0, 0, 512, 256)
 */
export function resampled(picture: Picture, left: number, top: number, from: number, side: number): Uint8Array {
  const taps = tapsOf(from, side)
  const { width, data } = picture
  // Rows first: [from, side, 3].
  const rows = new Float32Array(from * side * 3)
  for (let y = 0; y < from; y++) {
    const start = ((top + y) * width + left) * 3
    for (let x = 0; x < side; x++) {
      const { first, weights } = taps[x]
      let [red, green, blue] = [0, 0, 0]
      for (let i = 0, at = start + 3 * first; i < weights.length; i++, at += 3) {
        const weight = weights[i]
        red += weight * data[at]
        green += weight * data[at + 1]
        blue += weight * data[at + 2]
      }
      rows.set([red, green, blue], (y * side + x) * 3)
    }
  }
  const out = new Uint8Array(side * side * 3)
  const sums = new Float64Array(side * 3)
  for (let y = 0; y < side; y++) {
    const { first, weights } = taps[y]
    sums.fill(0)
    for (let i = 0; i < weights.length; i++) {
      const start = (first + i) * side * 3
      for (let x = 0; x < side * 3; x++) sums[x] += weights[i] * rows[start + x]
    }
    for (let x = 0; x < side * 3; x++) out[y * side * 3 + x] = Math.min(255, Math.max(0, Math.round(sums[x])))
  }
  return out
}

/** Of every output of a line: what lies beyond the ends is left out, and the rest sums to 1. */
function tapsOf(from: number, side: number): Taps[] {
  const scale = from / side
  const reach = 2 * scale
  return Array.from({ length: side }, (_, x) => {
    const centre = scale * (x + 0.5)
    const first = Math.max(0, Math.floor(centre - reach + 0.5))
    const end = Math.min(from, Math.floor(centre + reach + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_, i) => cubic((first + i + 0.5 - centre) / scale))
    const sum = weights.reduce((a, b) => a + b, 0)
    return { first, weights: weights.map((weight) => weight / sum) }
  })
}

function cubic(signed: number): number {
  const x = Math.abs(signed)
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2
  return 0
}
