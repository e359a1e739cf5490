/** Pseudo-random numbers, the same on every machine: mulberry32. */

/**
 * @param seed 32 bits of any number
 * @returns a function whose calls give numbers that are uniform in [0, 1)
 * @example const uniform = uniformFrom(1)
 *   uniform() // 0.6270739405881613
 */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
}
