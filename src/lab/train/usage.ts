/**
 * What is done in training so that the candidates of every coefficient are chosen (counts.ts): Split-and-Prune
 * (splitPrune.ts) and loss-free balancing (paper, appendix: future work; Wang et al. 2024, for mixtures of experts).
 *
 * Balancing adds a bias to the cost of every leaf, in units of the cell's σ², so that it means the same for a coefficient
 * of 1 grey level and of 1000. After each step it is lowered by a small amount where the leaf was chosen less than its
 * share 1/Kⁿ, and raised where it was chosen more. No gradient passes through it, and no model has it: from the share
 * `until` of the steps on it is left out, so that candidates settle under the guide that encodes.
 */
import type { Adam } from './adam.js'
import type { Tensor, Tensorflow } from './backend.js'
import type { Counts } from './counts.js'
import type { CommonTraining } from './training.js'
import type { Shaped, Slots } from './checkpoint.js'
import type { Thresholds } from './splitPrune.js'

type Settings = Pick<CommonTraining, 'splitAndPrune' | 'balancing'>

/** Candidates that choices are counted of: those of a layer, r times `leaves` of them. */
export type Distribution = Readonly<{
  /** Of its layer: what its counts and biases are saved as. */
  name: string
  shape: readonly [r: number, leaves: number]
  /** Is it time to split and prune? Looked at after each interval. @param counts [r, leaves], of all steps so far */
  isDue(counts: Float32Array, thresholds: Thresholds): boolean
  /**
   * Splits and prunes.
   * @param counts changed in place
   * @param slots of all weights (Adam.save, Adam.load), changed in place
   * @param balance [r, leaves], moved along
   * @returns number of candidates that were split
   */
  splitAndPrune(
    counts: Float32Array,
    slots: ReadonlyMap<string, Slots>,
    balance: Float32Array,
    thresholds: Thresholds,
  ): number
}>

/** Choices and biases, [r, leaves] each. */
type Counted = Distribution & Readonly<{ counts: Float32Array; bias: Float32Array }>

export class Usage {
  readonly #distributions: readonly Counted[]

  /**
   * @param saved what `save` gave, to go on from; without it counts and biases are 0
   * @example const usage = new Usage(kind.distributions, recipe.training)
   */
  constructor(
    distributions: readonly Distribution[],
    readonly settings: Settings,
    saved?: ReadonlyMap<string, Shaped>,
  ) {
    this.#distributions = distributions.map((distribution) => {
      const { name, shape } = distribution
      const load = (of: string): Float32Array =>
        Float32Array.from(saved?.get(`${name}.${of}`)?.data ?? new Float32Array(shape[0] * shape[1]))
      return { ...distribution, counts: load('counts'), bias: load('balance') }
    })
  }

  /** The biases as tensors for `forward`; undefined where there are none. @param share of the steps that is done */
  balance(tf: Tensorflow, share: number): Tensor[] | undefined {
    if (share >= (this.settings.balancing?.until ?? 0)) return undefined
    return this.#distributions.map(({ bias, shape }) => tf.tensor2d(bias, [...shape]))
  }

  /**
   * Adds a step's choices, and moves the biases.
   * @param chosen by distribution, nothing where it was not run
   * @param share of the steps that was done before
   */
  count(chosen: readonly Counts[], share: number): void {
    const { balancing, splitAndPrune } = this.settings
    const balances = share < (balancing?.until ?? 0)
    const splits = share < (splitAndPrune?.until ?? 0)
    this.#distributions.forEach(({ counts, bias, shape: [, leaves] }, i) => {
      if (splits) chosen[i].forEach((count, j) => (counts[j] += count))
      if (balances) moveBiases(bias, chosen[i], leaves, balancing!.step)
    })
  }

  /**
   * Splits and prunes, if an interval ends with this step.
   * @param step number of steps done; share: before the last of them
   * @returns number of candidates that were split
   */
  async splitAndPrune(adam: Adam, step: number, share: number): Promise<number> {
    const { splitAndPrune } = this.settings
    if (!splitAndPrune || share >= splitAndPrune.until || step % splitAndPrune.interval !== 0) return 0
    const due = this.#distributions.filter(({ isDue, counts }) => isDue(counts, splitAndPrune))
    if (due.length === 0) return 0
    const slots = await adam.save()
    let changed = 0
    for (const one of due) changed += one.splitAndPrune(one.counts, slots, one.bias, splitAndPrune)
    if (changed > 0) adam.load(slots)
    return changed
  }

  /** What a checkpoint holds, by name; nothing where both switches are off. */
  save(): Map<string, Shaped> {
    const saved = new Map<string, Shaped>()
    for (const { name, shape, counts, bias } of this.#distributions) {
      if (this.settings.splitAndPrune) saved.set(`${name}.counts`, { shape, data: counts.slice() })
      if (this.settings.balancing) saved.set(`${name}.balance`, { shape, data: bias.slice() })
    }
    return saved
  }
}

/**
 * Loss-free balancing of one step, in place.
 * @param bias, counts [r, leaves]
 * @param step in σ²
 * @example moveBiases(bias, Uint32Array.of(3, 1), 2, 0.01) // the first + 0.01, the second − 0.01
 */
export function moveBiases(bias: Float32Array, counts: Counts, leaves: number, step: number): void {
  for (let from = 0; from < counts.length; from += leaves) {
    const share = counts.subarray(from, from + leaves).reduce((a, b) => a + b, 0) / leaves
    for (let k = from; k < from + leaves; k++) bias[k] += step * Math.sign(counts[k] - share)
  }
}
