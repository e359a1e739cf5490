/** Axes of a chart: how far they reach, where values stand on them, and the round numbers beside them. */

export type Axis = Readonly<{
  label: string
  scale: 'linear' | 'log'
  /** From where to where it reaches; without it, as far as the values, with a little room. */
  range?: readonly [low: number, high: number]
}>

export type Placing = Readonly<{
  /** Where a value stands: 0 at the low end, 1 at the high one. */
  share: (value: number) => number
  marks: readonly number[]
}>

/** Parts of what the values span that are left free at either end. */
const ROOM = 1 / 30

/** Whether a value has a place. */
export const isDrawn = (value: number | null, { scale }: Axis): value is number =>
  value !== null && Number.isFinite(value) && (scale === 'linear' || value > 0)

/**
 * @param values that have a place; of none it is 0 … 1, or 1 … 10
 * @example placing({ label: 'share', scale: 'linear', range: [0, 1] }, []).share(0.25) // 0.25
 */
export function placing({ scale, range }: Axis, values: readonly number[]): Placing {
  const place = (value: number): number => (scale === 'log' ? Math.log10(value) : value)
  const [low, high] = range ? range.map(place) : around(values.map(place))
  const isMarked = (mark: number): boolean => place(mark) >= low && place(mark) <= high
  return {
    share: (value) => (place(value) - low) / (high - low),
    marks: scale === 'log' ? decadeMarks(low, high).filter(isMarked) : roundMarks(low, high),
  }
}

function around(places: readonly number[]): [low: number, high: number] {
  if (places.length === 0) return [0, 1]
  // Not Math.min of all: there may be more values than a call has room for arguments.
  const least = places.reduce((a, b) => Math.min(a, b))
  const most = places.reduce((a, b) => Math.max(a, b))
  const room = most > least ? (most - least) * ROOM : 1
  return [least - room, most + room]
}

/** Some digits of every decade, the fewer the more decades there are. From log10 low to log10 high, and around. */
function decadeMarks(low: number, high: number): number[] {
  const digits = high - low > 3 ? [1] : high - low > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]
  const first = Math.floor(low)
  const decades = Array.from({ length: Math.floor(high) - first + 1 }, (_, i) => first + i)
  return decades.flatMap((decade) => digits.map((digit) => digit * 10 ** decade))
}

/**
 * Five to ten round numbers, or eleven with both ends.
 * @example roundMarks(0, 5) // [0, 0.5, 1, …, 5]
 */
function roundMarks(low: number, high: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(high - low))
  // 1 + 10⁻⁹: a quotient that is 10 but for rounding is 10.
  const size = [0.1, 0.2, 0.5, 1].map((x) => x * decade).find((x) => (high - low) / x <= 10 * (1 + 1e-9))!
  const first = Math.ceil(low / size)
  return Array.from({ length: Math.floor(high / size) - first + 1 }, (_, i) => (first + i) * size)
}
