/** The guides: what the one walk picks at each layer (DESIGN section 1). */
import { childrenOf, forEachCell, isEnd } from '../engine/cells.js'
import type { Choices, Numbers } from '../engine/engine.js'
import { PROBABILITY_ONE } from '../engine/limits.js'
import type { CandidateSet } from './candidates.js'
import { uniformFrom } from './uniform.js'
import type { Guide } from './walk.js'

/**
 * The paper's Guided Sampler (eq. 1): the candidate nearest to the target, choice by choice; ties to the lowest index.
 * @param target [positions, coefficients] in 1/64
 * @example for (const _ of walk(engine, state, nearest(target)));
 */
export const nearest = (target: Numbers): Guide => ({
  choose(candidates, chosen) {
    const { layer, size } = candidates
    const left = candidates.residual(target)
    forEachCell(layer, size, (cell) => {
      let node = 0
      for (let depth = 1; depth <= layer.n; depth++) {
        const rows = childrenOf(layer, node, depth)
        let nearestK = 0
        let least = Infinity
        for (let k = 0; k < layer.K; k++) {
          const distance = Math.abs(candidates.value(cell, rows + k, 0) - left[cell])
          if (distance < least) [least, nearestK] = [distance, k]
        }
        node = node * layer.K + nearestK
      }
      chosen.leaves[cell] = node
      if (isEnd(layer, node)) chosen.counts[cell] = candidates.nearestCount(cell, node, left[cell])
    })
  },
})

/**
 * argmin of weight·D + λ·bits over all leaves of a cell (Lagrangian rate-distortion optimisation).
 * @param target [positions, coefficients] in 1/64
 * @param weights [coefficients] of the squared error: 0 where it does not count
 * @param lambda grey level² per bit
 * @example rateDistortion(targetOf(null), new Float64Array(192).fill(1), lambdaOf(40))
 */
export const rateDistortion = (target: Numbers, weights: Float64Array, lambda: number): Guide => ({
  choose(candidates, chosen) {
    const { first, end } = candidates.layer
    // D is in 1/4096 grey level², as values are in 1/64.
    candidates.cheapest(candidates.residual(target), weights.subarray(first, end), 4096 * lambda, chosen)
  },
})

/** Where replayed choices come from: a stream (codec/) or a stored path. */
export interface ChoiceSource {
  /** Fills chosen as a guide does. */
  next(candidates: CandidateSet, chosen: Choices): void
}

/**
 * Decoding: takes the choices that the file holds.
 * @example replay(entropySource({ data, complete: true, layers, size, where: 'the coarse stream' }))
 */
export const replay = (source: ChoiceSource): Guide => ({
  choose: (candidates, chosen) => source.next(candidates, chosen),
})

/** Is told what was chosen among the candidates of a layer. */
export type ChoiceListener = (candidates: CandidateSet, chosen: Choices) => unknown

/**
 * Tells every choice of another guide to a listener: an encoder's stream, a report.
 * @example recording(nearest(target), (candidates, chosen) => path.push(chosen.leaves.slice()))
 */
export const recording = (guide: Guide, listen: ChoiceListener): Guide => ({
  choose(candidates, chosen) {
    guide.choose(candidates, chosen)
    listen(candidates, chosen)
  },
})

/**
 * A uniformly random leaf for every cell: unconditional generation (paper, section 3.1). The same seed, the same
 * choices.
 * @example random(1)
 */
export function random(seed: number): Guide {
  const uniform = uniformFrom(seed)
  return {
    choose({ layer, size }, chosen) {
      forEachCell(layer, size, (cell) => {
        chosen.leaves[cell] = Math.floor(uniform() * layer.leaves)
      })
    },
  }
}

/**
 * A random leaf from the learned prior, choice by choice.
 * @param temperature above 0: p^(1/temperature); 1 is the prior, towards 0 the most probable
 * @example prior(1, 0.8)
 */
export function prior(seed: number, temperature = 1): Guide {
  const uniform = uniformFrom(seed)
  return {
    choose(candidates, chosen) {
      const { layer, size } = candidates
      const frequencies = candidates.frequencies()
      const weight = Float64Array.from(
        { length: PROBABILITY_ONE + 1 },
        (_, f) => (f / PROBABILITY_ONE) ** (1 / temperature),
      )
      forEachCell(layer, size, (cell) => {
        let node = 0
        for (let depth = 1; depth <= layer.n; depth++) {
          const from = cell * layer.rows + childrenOf(layer, node, depth)
          let total = 0
          for (let k = 0; k < layer.K; k++) total += weight[frequencies[from + k]]
          let left = uniform() * total
          let k = 0
          while (k < layer.K - 1 && (left -= weight[frequencies[from + k]]) >= 0) k++
          node = node * layer.K + k
        }
        chosen.leaves[cell] = node
      })
    },
  }
}
