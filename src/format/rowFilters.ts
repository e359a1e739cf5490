/** PNG's five row filters (PNG specification, 9) for planes of one byte a pixel (SPEC 3.6). */
import { corrupt } from '../errors.js'

/** Prediction of a byte from those to its left, above it, and above its left. */
type Predict = (left: number, above: number, corner: number) => number

const FILTERS: readonly Predict[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
]

/** The nearest of the three to left + above − corner; of equals in that order. */
function paeth(left: number, above: number, corner: number): number {
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)]
  const toCorner = Math.abs(left + above - 2 * corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

/**
 * A plane as rows of one byte, the filter, then the differences from its predictions.
 * @param choose `none`: filter 0 throughout; `least`: of each row the filter of the least sum of differences
 * @returns Uint8Array[height · (width + 1)]
 * @example filterRows(Uint8Array.of(7, 7), 2, 'none') // [0, 7, 7]
 */
export function filterRows(plane: Uint8Array, width: number, choose: 'none' | 'least'): Uint8Array {
  const height = plane.length / width
  const rows = new Uint8Array(height * (width + 1))
  const filters = choose === 'none' ? [0] : FILTERS.keys()
  const order = [...filters]
  for (let y = 0; y < height; y++) {
    let best = Infinity
    for (const filter of order) {
      const row = filterRow(plane, width, y, filter)
      const sum = row.reduce((total, value) => total + Math.min(value, 256 - value), 0)
      if (sum >= best) continue
      best = sum
      rows[y * (width + 1)] = filter
      rows.set(row, y * (width + 1) + 1)
    }
  }
  return rows
}

function filterRow(plane: Uint8Array, width: number, y: number, filter: number): Uint8Array {
  const predict = FILTERS[filter]
  const row = new Uint8Array(width)
  for (let x = 0, at = y * width; x < width; x++, at++) {
    const left = x > 0 ? plane[at - 1] : 0
    const above = y > 0 ? plane[at - width] : 0
    const corner = x > 0 && y > 0 ? plane[at - width - 1] : 0
    row[x] = plane[at] - predict(left, above, corner)
  }
  return row
}

/**
 * The plane of filtered rows.
 * @param rows Uint8Array[height · (width + 1)]
 * @param where what they are, for the error
 * @throws {DdncError} Corrupt: a filter above 4
 * @example unfilterRows(Uint8Array.of(1, 7, 0), 2, 'the alpha chunk') // [7, 7]
 */
export function unfilterRows(rows: Uint8Array, width: number, where: string): Uint8Array {
  const height = rows.length / (width + 1)
  const plane = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const start = y * (width + 1)
    const predict = FILTERS[rows[start]]
    if (predict === undefined) throw corrupt(`the filter of row ${y} of ${where}`, `${rows[start]}`, '0…4')
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const left = x > 0 ? plane[at - 1] : 0
      const above = y > 0 ? plane[at - width] : 0
      const corner = x > 0 && y > 0 ? plane[at - width - 1] : 0
      plane[at] = rows[start + 1 + x] + predict(left, above, corner)
    }
  }
  return plane
}
