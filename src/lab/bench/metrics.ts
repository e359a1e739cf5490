/** Figures of many values. */
/** Arithmetic mean; NaN of nothing. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Middle value, of an even number the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return mean(sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1))
}

/** Mean ratio as a difference in per cent: the mean of ln(ours / theirs). −50 means half the bytes. */
export const percent = (logRatios: readonly number[]): number => 100 * Math.expm1(mean(logRatios))

/**
 * Values by a key, in the order in which keys come first.
 * @example [...groupedBy([1, 2, 3], (x) => x % 2)] // [[1, [1, 3]], [0, [2]]]
 */
export function groupedBy<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
