/**
 * Split-and-Prune of whole-image layers: algorithm 1 of the paper (section 3.1), as it is written. What it leaves open, and
 * what the public code does otherwise (paper/implementation-notes.md, section 5), is decided here so:
 * - A sample is a picture; a step brings a batch of them. All are counted, then at most one candidate of a layer is split
 *   and one pruned: line 12 once a step, or once in `interval` steps.
 * - Shares are those of lifetime counts, n is their sum: line 19 takes the pruned count out of it. (The public code gives
 *   it to the runners-up.)
 * - Thresholds are algorithm 1's, 2/K and 0.5/K, by the recipe. (The public code fires from a spread of 1/K on.)
 * - Ties go to the lowest index, for split and prune. (The public code prunes the candidate without choices that was
 *   farthest from its samples.) The first steps therefore split in every step until each candidate was chosen: wanted, it
 *   spreads candidates over what is there.
 * - The clone is exact, and takes the pruned one's place. Choices go to the lower index until a gradient parts the two, a
 *   step later. Adam's slots, the running mean of the weights and the balancing bias are cloned with it.
 * - The prior's row is cloned, too, and both are lowered by ln 2: together they are as probable as the one was.
 * - K = 2: the two end equal, each with half the choices of the one.
 * - The layer of a recurrent stage is one: its counts are those of all its steps.
 */
import { SLOT_NAMES, type Slots } from '../checkpoint.js'
import { splitOf, type Split, type Thresholds } from '../splitPrune.js'

/**
 * Splits and prunes the counts, lines 13 to 20.
 * @param counts [K], changed in place
 * @returns null if nothing is split
 * @example const counts = [9, 0, 3]
 *   splitAndPruneCounts(counts, { split: 2, prune: 0.5 }) // { from: 0, to: 1 }, counts [4.5, 4.5, 3]
 */
export function splitAndPruneCounts(counts: Float32Array | number[], thresholds: Thresholds): Split | null {
  const found = splitOf(counts, thresholds)
  if (!found) return null
  counts[found.from] /= 2
  counts[found.to] = counts[found.from]
  return found
}

/** The weights of candidates, [layers, K, …], by what follows the name of their stage. */
const CANDIDATE_WEIGHTS = ['candidates.weight', 'candidates.bias', 'priorTable', 'priorBias'] as const

/**
 * Copies a candidate over another one in all that belongs to it.
 * @param stage its name, `stage.0`
 * @param layer of the stage
 * @param slots of all weights, changed in place
 */
export function cloneCandidate(
  stage: string,
  layer: number,
  K: number,
  { from, to }: Split,
  slots: ReadonlyMap<string, Slots>,
): void {
  for (const part of CANDIDATE_WEIGHTS) {
    const own = slots.get(`${stage}.layers.${part}`)
    if (!own) continue // no prior
    const row = own.weight.length / (own.shape[0] * K)
    const first = layer * K * row
    for (const kind of SLOT_NAMES) {
      const data = own[kind]
      if (part === 'priorBias' && (kind === 'weight' || kind === 'average')) data[first + from] -= Math.LN2
      data.copyWithin(first + to * row, first + from * row, first + (from + 1) * row)
    }
  }
}
