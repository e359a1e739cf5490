/**
 * Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003), with the usual numbers: five scales, a Gaussian
 * window of 11 x 11 with a deviation of 1.5, K1 = 0.01, K2 = 0.03. Windows lie within the picture; between scales 2 x 2
 * samples are averaged, an odd side with a zero before its first. All this as pytorch-msssim 1.0.0 has it, with which
 * learned codecs are measured.
 */
import { DdncError } from '../../errors.js'
import type { Picture } from '../../index.js'

/** Of the scales, finest first. */
const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333] as const
const WINDOW = 11
const GAUSSIAN = gaussianOf(1.5)
const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2]

/** At the coarsest of five scales a window must fit. */
export const MS_SSIM_MIN_SIDE = (WINDOW - 1) * 2 ** (WEIGHTS.length - 1) + 1

type Plane = Readonly<{ width: number; height: number; data: Float32Array }>

/**
 * MS-SSIM of two pictures, the mean over their components; alpha does not count.
 * @param original, other of the same size and components
 * @returns up to 1, which equal pictures have; null where a side is under 161 pixels, too few for five scales
 * @throws {DdncError} BadOption: the pictures differ in size or components
 * @example msSsim(original, decoded) // 0.98
 */
export function msSsim(original: Picture, other: Picture): number | null {
  const [found, allowed] = [sizeOf(other), sizeOf(original)]
  if (found !== allowed) throw new DdncError({ tag: 'BadOption', option: 'the other picture', found, allowed })
  const { width, height, components } = original
  if (Math.min(width, height) < MS_SSIM_MIN_SIDE) return null
  let sum = 0
  for (let c = 0; c < components; c++) sum += ofPlanes(planeOf(original, c), planeOf(other, c))
  return sum / components
}

/** Decibels, in which near pictures are told apart: −10·log10(1 − value). @example decibelOf(0.99) // 20 */
export const decibelOf = (value: number): number => (value === 1 ? Infinity : -10 * Math.log10(1 - value))

const sizeOf = ({ width, height, components }: Picture): string => `${width} x ${height} x ${components}`

function planeOf({ width, height, components, data }: Picture, component: number): Plane {
  return {
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => data[i * components + component]),
  }
}

function ofPlanes(original: Plane, other: Plane): number {
  let product = 1
  for (const [scale, weight] of WEIGHTS.entries()) {
    const { similarity, structure } = similarities(original, other)
    // Negative where structures are opposed: a power of it would be no number.
    product *= Math.max(0, scale === WEIGHTS.length - 1 ? similarity : structure) ** weight
    if (scale < WEIGHTS.length - 1) [original, other] = [halved(original), halved(other)]
  }
  return product
}

/** What is smoothed of two planes: each, their squares, their product. */
const MAPS = 5

/** Means over all windows: of luminance, contrast and structure, and of the last two alone. */
function similarities(
  { width, height, data: x }: Plane,
  { data: y }: Plane,
): { similarity: number; structure: number } {
  const across = width - WINDOW + 1
  const down = height - WINDOW + 1
  // The last WINDOW rows, smoothed across, in a ring; memory does not grow with the height.
  const rows = Array.from({ length: WINDOW }, () => new Float64Array(MAPS * across))
  const sums = new Float64Array(MAPS * across)
  let similarity = 0
  let structure = 0
  for (let row = 0; row < height; row++) {
    smoothAcross(x, y, row * width, across, rows[row % WINDOW])
    if (row < WINDOW - 1) continue
    sums.fill(0)
    for (let tap = 0; tap < WINDOW; tap++) {
      const from = rows[(row + 1 + tap) % WINDOW]
      for (let i = 0; i < sums.length; i++) sums[i] += GAUSSIAN[tap] * from[i]
    }
    for (let at = 0; at < across * MAPS; at += MAPS) {
      const meanX = sums[at]
      const meanY = sums[at + 1]
      const varianceX = sums[at + 2] - meanX * meanX
      const varianceY = sums[at + 3] - meanY * meanY
      const covariance = sums[at + 4] - meanX * meanY
      const contrast = (2 * covariance + C2) / (varianceX + varianceY + C2)
      structure += contrast
      similarity += (contrast * (2 * meanX * meanY + C1)) / (meanX * meanX + meanY * meanY + C1)
    }
  }
  return { similarity: similarity / (across * down), structure: structure / (across * down) }
}

function smoothAcross(x: Float32Array, y: Float32Array, start: number, across: number, smooth: Float64Array): void {
  for (let i = 0; i < across; i++) {
    let [sumX, sumY, sumXx, sumYy, sumXy] = [0, 0, 0, 0, 0]
    for (let tap = 0; tap < WINDOW; tap++) {
      const weight = GAUSSIAN[tap]
      const a = x[start + i + tap]
      const b = y[start + i + tap]
      sumX += weight * a
      sumY += weight * b
      sumXx += weight * a * a
      sumYy += weight * b * b
      sumXy += weight * a * b
    }
    const at = i * MAPS
    smooth[at] = sumX
    smooth[at + 1] = sumY
    smooth[at + 2] = sumXx
    smooth[at + 3] = sumYy
    smooth[at + 4] = sumXy
  }
}

/** Means of 2 x 2 samples. An odd side has a zero before its first. */
function halved({ width, height, data }: Plane): Plane {
  const [padX, padY] = [width % 2, height % 2]
  const half = { width: (width + padX) / 2, height: (height + padY) / 2 }
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : data[y * width + x])
  const means = new Float32Array(half.width * half.height)
  for (let row = 0; row < half.height; row++) {
    for (let column = 0; column < half.width; column++) {
      const [x, y] = [2 * column - padX, 2 * row - padY]
      means[row * half.width + column] = (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4
    }
  }
  return { ...half, data: means }
}

function gaussianOf(deviation: number): Float64Array {
  const middle = (WINDOW - 1) / 2
  const weights = Float64Array.from({ length: WINDOW }, (_, i) => Math.exp(-((i - middle) ** 2) / (2 * deviation ** 2)))
  const sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}
