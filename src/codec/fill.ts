/** What a transparent pixel hides need not be coded: something smooth takes its place (encoder only). */
import type { Picture } from '../network/picture.js'

/** A picture at some scale. `known` is 0 where a value is still to be found. */
type Level = Readonly<{ width: number; height: number; components: number; data: Uint8Array; known: Uint8Array }>

/**
 * The picture with the colours under full transparency replaced by what continues those that are seen: every hole takes
 * its value from the picture at half the scale, whose holes were filled before it.
 * @returns the picture itself where alpha is absent or nowhere 0
 * @example fillHidden({ width: 2, height: 1, components: 1, data: Uint8Array.of(7, 99), alpha: Uint8Array.of(255, 0) })
 *   // data: [7, 7]
 */
export function fillHidden(picture: Picture): Picture {
  const { width, height, components, alpha } = picture
  if (alpha === undefined || !alpha.includes(0)) return picture
  const data = picture.data.slice()
  fillLevel({ width, height, components, data, known: alpha })
  return { ...picture, data }
}

function fillLevel(level: Level): void {
  if (!level.known.includes(0)) return
  if (level.known.length === 1) return void level.data.fill(128) // nothing is seen at all
  const half = halved(level)
  fillLevel(half)
  const { width, height, components, data, known } = level
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (known[y * width + x] > 0) continue
      for (let c = 0; c < components; c++) data[(y * width + x) * components + c] = between(half, x, y, c)
    }
  }
}

/** Means of 2×2 pixels, of those that are known. */
function halved({ width, height, components, data, known }: Level): Level {
  const [across, down] = [Math.ceil(width / 2), Math.ceil(height / 2)]
  const half = new Uint8Array(across * down * components)
  const found = new Uint8Array(across * down)
  const sums = new Float64Array(components)
  for (let at = 0; at < found.length; at++) {
    const [left, top] = [2 * (at % across), 2 * Math.floor(at / across)]
    let count = 0
    sums.fill(0)
    for (let y = top; y < Math.min(top + 2, height); y++) {
      for (let x = left; x < Math.min(left + 2, width); x++) {
        const pixel = y * width + x
        if (known[pixel] === 0) continue
        count += 1
        for (let c = 0; c < components; c++) sums[c] += data[pixel * components + c]
      }
    }
    if (count === 0) continue
    found[at] = 1
    for (let c = 0; c < components; c++) half[at * components + c] = Math.round(sums[c] / count)
  }
  return { width: across, height: down, components, data: half, known: found }
}

/** Bilinear: a pixel lies a quarter of the half picture's grid from its own mean, three quarters from the next. */
function between({ width, height, components, data }: Level, x: number, y: number, component: number): number {
  const [near, nearRow] = [x >> 1, y >> 1]
  const far = clamp(near + (x % 2 === 0 ? -1 : 1), width)
  const farRow = clamp(nearRow + (y % 2 === 0 ? -1 : 1), height)
  const value = (column: number, row: number): number => data[(row * width + column) * components + component]
  const across = (row: number): number => 3 * value(near, row) + value(far, row)
  return (3 * across(nearRow) + across(farRow) + 8) >> 4
}

const clamp = (index: number, size: number): number => Math.min(Math.max(index, 0), size - 1)
