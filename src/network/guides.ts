/** The guides: what the one walk picks at each layer (DESIGN section 1). */
import { childrenOf, escapeBits, forEachCell, isEnd } from '../engine/cells.js'
import type { Choices, Numbers } from '../engine/engine.js'
import { PROBABILITY_ONE } from '../engine/limits.js'
import type { CandidateSet, CellCandidates, Distance } from './candidates.js'
import type { Layer } from './model.js'
import { uniformFrom } from './uniform.js'
import type { Guide } from './walk.js'

/**
 * How an encoder looks for the leaf of a cell where a layer makes n > 1 choices: among all Kⁿ leaves at once, or as the
 * paper does, choice by choice, among the K children of the candidate reached so far. It changes the encoder alone.
 */
export type Search = 'leaves' | 'greedy'

/**
 * The paper's Guided Sampler (eq. 1): the candidate nearest to the target; ties to the lowest index. It asks for no
 * prior. Choice by choice it goes to the inner candidate that is nearest, which may lead away from the nearest leaf.
 * @param target what the walk should reach, in 1/64: coefficients of a grid, or a whole picture
 * @example for (const _ of walk(state, nearest(target, 'greedy')));
 */
export const nearest = (target: Numbers, search: Search = 'leaves'): Guide => ({
  choose(candidates, chosen) {
    const distance = candidates.distanceTo(target)
    choose(candidates, distance.nearestCount, search, distance.of, chosen)
  },
})

/** What bits are weighed with: one λ, or each layer's own. */
export type LambdaOf = number | ((layer: Layer) => number)

/**
 * argmin of importance·weight·D + λ·bits over the leaves of a cell (Lagrangian rate-distortion optimisation). Choice by
 * choice, D is that of the inner candidate and the bits are those of one choice.
 * @param target [positions of the grid, coefficients] in 1/64
 * @param weights [coefficients] of the squared error: 0 where it does not count
 * @param lambda grey level² per bit, or that of a layer
 * @param importance [positions of the grid] of a position's errors; null: all are 1
 * @example rateDistortion(targetOf(null), new Float64Array(192).fill(1), lambdaOf(40))
 */
export const rateDistortion = (
  target: Numbers,
  weights: Float64Array,
  lambda: LambdaOf,
  search: Search = 'leaves',
  importance: Float64Array | null = null,
): Guide<CellCandidates> => ({
  choose(candidates, chosen) {
    const { first, end, n, rows } = candidates.layer
    const { from, size } = candidates
    const left = candidates.residual(target)
    const own = weights.subarray(first, end)
    const price = 4096 * (typeof lambda === 'number' ? lambda : lambda(candidates.layer)) // D is in 1/4096 grey level², as values are in 1/64
    const counted = importance && importance.subarray(from, from + size.width * size.height)
    // One choice: its children are the leaves.
    if (search === 'leaves' || n === 1) return candidates.cheapest(left, own, counted, price, chosen)
    const prior = candidates.frequencies()
    const cost: Cost = (cell, row, count, countBits) => {
      const error = candidates.value(cell, row, count) - left[cell]
      const weight = own[cell % own.length] * (counted ? counted[Math.floor(cell / own.length)] : 1)
      return weight * error ** 2 + price * (15 - Math.log2(prior[cell * rows + row]) + countBits)
    }
    choose(candidates, (cell, leaf) => candidates.nearestCount(cell, leaf, left[cell]), search, cost, chosen)
  },
})

/** What a guide minimises. @param countBits of the escape count's code, 0 where there is none */
type Cost = (cell: number, row: number, count: number, countBits: number) => number

/** The leaf, and escape count, of least cost of every cell, in one step or in n. */
function choose(
  { layer, size }: CandidateSet,
  nearestCount: Distance['nearestCount'],
  search: Search,
  cost: Cost,
  chosen: Choices,
): void {
  const [children, from] = search === 'leaves' ? [layer.leaves, layer.n] : [layer.K, 1]
  forEachCell(layer, size, (cell) => {
    let node = 0
    for (let depth = from; depth <= layer.n; depth++) {
      const row = childrenOf(layer, node, depth)
      let least = Infinity
      let best = 0
      const consider = (k: number, count: number, countBits: number): void => {
        const found = cost(cell, row + k, count, countBits)
        if (!(found < least)) return
        least = found
        best = k
        chosen.counts[cell] = count
      }
      for (let k = 0; k < children; k++) {
        const leaf = node * children + k
        if (depth < layer.n || !isEnd(layer, leaf)) {
          consider(k, 0, 0)
          continue
        }
        consider(k, 0, escapeBits(0))
        const count = nearestCount(cell, leaf)
        if (count > 0) consider(k, count, escapeBits(count))
      }
      node = node * children + best
    }
    chosen.leaves[cell] = node
  })
}

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
export type ChoiceListener<Candidates extends CandidateSet = CandidateSet> = (
  candidates: Candidates,
  chosen: Choices,
) => unknown

/**
 * Tells every choice of another guide to a listener: an encoder's stream, a report.
 * @example recording(nearest(target), (candidates, chosen) => path.push(chosen.leaves.slice()))
 */
export const recording = <Candidates extends CandidateSet>(
  guide: Guide<Candidates>,
  listen: ChoiceListener<Candidates>,
): Guide<Candidates> => ({
  choose(candidates, chosen) {
    guide.choose(candidates, chosen)
    listen(candidates, chosen)
  },
})

/**
 * A uniformly random leaf for every cell: generation (paper, section 3.1). The same seed, the same
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
  const weight = Float64Array.from(
    { length: PROBABILITY_ONE + 1 },
    (_, f) => (f / PROBABILITY_ONE) ** (1 / temperature),
  )
  return {
    choose(candidates, chosen) {
      const { layer, size } = candidates
      const frequencies = candidates.frequencies()
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
