/** What choices cost by the prior. */
import { escapeBits, forEachCell, isEnd, rowOf } from '../engine/cells.js'
import type { Choices } from '../engine/engine.js'
import type { CandidateSet } from '../network/candidates.js'

/**
 * Σ −log2 p of the choices of a layer, escape counts included; p of 2^15 as the coder has it, or unrounded in floats.
 * @returns bits
 * @example recording(guide, (candidates, chosen) => (bits += choiceBits(candidates, chosen)))
 */
export function choiceBits(candidates: CandidateSet, chosen: Choices): number {
  const { layer, size } = candidates
  const prior = candidates.frequencies()
  let bits = 0
  forEachCell(layer, size, (cell) => {
    const leaf = chosen.leaves[cell]
    for (let depth = 1; depth <= layer.n; depth++)
      bits += 15 - Math.log2(prior[cell * layer.rows + rowOf(layer, leaf, depth)])
    if (isEnd(layer, leaf)) bits += escapeBits(chosen.counts[cell])
  })
  return bits
}
