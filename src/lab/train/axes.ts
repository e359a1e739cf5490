/** Scales of a diagram's upward axis, and the marks beside it. */

/** `share`: 0 to 1. */
export type Scale = 'log' | 'linear' | 'share'

/** Whether a value has a place. */
export const isDrawn = (value: number | null, scale: Scale): value is number =>
  value !== null && Number.isFinite(value) && (scale !== 'log' || value > 0)

/** Where a value lies between `low` and `high`. */
export const place = (value: number, scale: Scale): number => (scale === 'log' ? Math.log10(value) : value)

export type Axis = Readonly<{ low: number; high: number; marks: readonly number[] }>

const SHARES: Axis = { low: 0, high: 1, marks: [0, 0.25, 0.5, 0.75, 1] }

/**
 * The axis around values.
 * @param points steps and values
 * @param from step from which on values are looked at, if there are any
 * @example axisOf('share', [], 0).marks // [0, 0.25, 0.5, 0.75, 1]
 */
export function axisOf(
  scale: Scale,
  points: readonly (readonly [step: number, value: number | null])[],
  from: number,
): Axis {
  if (scale === 'share') return SHARES
  const later = points.filter(([step, value]) => step >= from && isDrawn(value, scale))
  const values = (later.length > 0 ? later : points).map(([, value]) => value)
  const places = values.filter((value) => isDrawn(value, scale)).map((value) => place(value, scale))
  if (places.length === 0) return scale === 'log' ? { low: -1, high: 1, marks: [0.1, 1, 10] } : SHARES
  // Loops, not spread: there may be more values than a call has room for arguments.
  const smallest = places.reduce((a, b) => Math.min(a, b))
  const largest = places.reduce((a, b) => Math.max(a, b))
  const [low, high] = [smallest - 0.05, largest + 0.05]
  return { low, high, marks: scale === 'log' ? decadeMarks(low, high) : roundMarks(low, high) }
}

/** 1, 2 and 5 of every decade, fewer where there are many decades. */
function decadeMarks(low: number, high: number): number[] {
  const digits = high - low > 3 ? [1] : [1, 2, 5]
  const marks: number[] = []
  for (let decade = Math.floor(low); decade <= high; decade++)
    marks.push(...digits.map((digit) => digit * 10 ** decade))
  return marks.filter((x) => Math.log10(x) >= low && Math.log10(x) <= high)
}

/**
 * Five to ten round numbers.
 * @example roundMarks(0, 5) // [0, 0.5, 1, …, 5]
 */
export function roundMarks(low: number, high: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(high - low))
  const size = [0.1, 0.2, 0.5, 1].map((x) => x * decade).find((x) => (high - low) / x <= 10)!
  const first = Math.ceil(low / size)
  return Array.from({ length: Math.floor(high / size) - first + 1 }, (_, i) => (first + i) * size)
}
