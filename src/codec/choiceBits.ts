/** What choices cost. */
import { escapeBits, forEachCell, isEnd, rowOf } from '../engine/cells.js'
import type { Choices } from '../engine/engine.js'
import type { CandidateSet } from '../network/candidates.js'
import { bitsOfCell } from './plain.js'
import { cellsOf, type Profile } from './streams.js'

/**
 * Bits of the choices of a layer. Entropy: Σ −log2 p, escape counts included; p of 2^15 as the coder has it, or
 * unrounded in floats. Plain: n·log2 K a cell, and no prior is asked for.
 * @example recording(guide, (candidates, chosen) => (bits += choiceBits(candidates, chosen, 'entropy')))
 */
export function choiceBits(candidates: CandidateSet, chosen: Choices, profile: Profile): number {
  const { layer, size } = candidates
  if (profile === 'plain') return cellsOf(layer, size) * bitsOfCell(layer)
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
