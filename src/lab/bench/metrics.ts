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
