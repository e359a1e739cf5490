/** Which of many changing numbers is the least or the largest, in a few steps a change. */

/** At places without a number; below all indices. */
const NOBODY = -1

/** A binary tree of winners over numbers that others change: `update` must be told. Ties to the lowest index. */
export class Tournament {
  readonly #values: Float64Array
  readonly #sign: number
  readonly #leaves: number
  /** Winner of every match; the final is 1, the matches of match i are 2i and 2i + 1. */
  readonly #winners: Int32Array

  /**
   * @param values looked at in place, at least one
   * @param wanted what wins
   * @example new Tournament(Float64Array.of(3, 5, 1), 'least').winner // 2
   */
  constructor(values: Float64Array, wanted: 'least' | 'largest') {
    this.#values = values
    this.#sign = wanted === 'least' ? 1 : -1
    this.#leaves = 2 ** Math.ceil(Math.log2(values.length))
    this.#winners = new Int32Array(2 * this.#leaves).fill(NOBODY)
    values.forEach((_, k) => (this.#winners[this.#leaves + k] = k))
    for (let match = this.#leaves - 1; match > 0; match--) this.#play(match)
  }

  get winner(): number {
    return this.#winners[1]
  }

  /** The number at an index has changed. */
  update(k: number): void {
    for (let match = (this.#leaves + k) >> 1; match > 0; match >>= 1) this.#play(match)
  }

  #play(match: number): void {
    const [a, b] = [this.#winners[2 * match], this.#winners[2 * match + 1]]
    if (a === NOBODY || b === NOBODY) {
      this.#winners[match] = Math.max(a, b)
      return
    }
    const difference = (this.#values[a] - this.#values[b]) * this.#sign
    this.#winners[match] = difference < 0 || (difference === 0 && a < b) ? a : b
  }
}
