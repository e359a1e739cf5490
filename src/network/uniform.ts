/** Pseudo-random numbers, the same on every machine: mulberry32. */

/** Numbers that can be continued later from where they stand. */
export type Random = Readonly<{
  /** Uniform in [0, 1). */
  next(): number
  /** 32 bits: what `randomFrom` takes to go on from here. */
  state(): number
}>

/**
 * @param start a seed (32 bits of any number), or the state of a generator that is to go on
 * @example const later = randomFrom(random.state())
 *   later.next() === random.next() // true
 */
export function randomFrom(start: number): Random {
  let state = start >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
  return { next, state: () => state }
}

/**
 * @param seed 32 bits of any number
 * @returns a function whose calls give numbers that are uniform in [0, 1)
 * @example const uniform = uniformFrom(1)
 *   uniform() // 0.6270739405881613
 */
export const uniformFrom = (seed: number): (() => number) => randomFrom(seed).next
