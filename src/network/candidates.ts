/** The candidate set of a layer (SPEC 6.2): lazy, so a decoder never evaluates what was not chosen. */
import type { Choices, Engine, Heads, Numbers, Size } from '../engine/engine.js'
import type { Layer } from './model.js'

/** One cell is one coefficient of one position; cell = position·r + c with r = layer.end − layer.first. */
export type CandidateSet = Readonly<{
  layer: Layer
  size: Size
  /**
   * What of a target the layers so far have left.
   * @param target [positions, grid.order.length] in 1/64
   * @returns [positions, r] int32
   */
  residual(target: Numbers): Numbers
  /** Prior of every choice, [positions, r, rows] of 2^15. Computed at the first call. */
  frequencies(): Numbers
  /** Value of a row of the tables (leaves are the last rows), in 1/64. */
  value(cell: number, row: number, escapeCount: number): number
  /** Escape count of an end leaf nearest to a target (1/64). */
  nearestCount(cell: number, leaf: number, target: number): number
  /**
   * Fills `chosen` with the argmin of weight·(value − target)² + lambda·bits over all leaves of every cell.
   * @param target [positions, r] int32, in 1/64
   * @param weights [r]
   * @param lambda in 1/4096 grey level² per bit
   */
  cheapest(target: Numbers, weights: Numbers, lambda: number, chosen: Choices): void
}>

/** @param fillFrequencies computes heads.frequencies; called at most once. */
export function candidateSet(
  engine: Engine,
  layer: Layer,
  heads: Heads,
  limit: number,
  size: Size,
  sum: Numbers,
  stride: number,
  fillFrequencies: () => void,
): CandidateSet {
  let known = false
  const frequencies = (): Numbers => {
    if (!known) fillFrequencies()
    known = true
    return heads.frequencies
  }
  return {
    layer,
    size,
    residual: (target) => residual(engine, layer, target, sum, stride),
    frequencies,
    value: (cell, row, escapeCount) => engine.candidateValue(layer, heads, limit, cell, row, escapeCount),
    nearestCount: (cell, leaf, target) => engine.nearestCount(layer, heads, cell, leaf, target),
    cheapest(target, weights, lambda, chosen) {
      frequencies()
      engine.cheapest(layer, heads, target, weights, lambda, limit, size, chosen)
    },
  }
}

function residual(engine: Engine, { first, end }: Layer, target: Numbers, sum: Numbers, stride: number): Numbers {
  const left = engine.allocate('int32', (target.length / stride) * (end - first))
  let to = 0
  for (let from = first; from < target.length; from += stride) {
    for (let c = 0; c < end - first; c++) left[to++] = target[from + c] - sum[from + c]
  }
  return left
}
