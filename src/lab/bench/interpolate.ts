/** Curves through few points. */

/** A curve through points, or near them; xs rise strictly. */
export type Interpolate = (xs: readonly number[], ys: readonly number[]) => (x: number) => number

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
