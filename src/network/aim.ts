/**
 * Encoder only: what a walk should reach so that the picture that is left at the end, after the closing layer and the
 * clean-up, comes near the source. Both add something that a walk does not know beforehand; the walk before this one
 * tells it, and from one walk to the next it hardly changes.
 */
import { forEachCell } from '../engine/cells.js'
import type { Engine, Numbers } from '../engine/engine.js'
import type { CellCandidates } from './candidates.js'
import type { ChoiceListener } from './guides.js'
import type { Layout } from './layout.js'
import type { CellGridModel, Grid } from './model.js'
import { coefficientsOf, type TargetOf } from './target.js'

/** Adds up what a walk chooses. */
export type Sum = Readonly<{
  /** [positions, grid.order.length] int32 in 1/64: what the walk's own sum is in the end. */
  total: Numbers
  listen: ChoiceListener<CellCandidates>
}>

/**
 * @param positions of the grid, or of the tile, that is walked
 * @example const sum = sumOf(engine, model.fine, 6144)
 *   recording(guide, sum.listen)
 */
export function sumOf(engine: Engine, { order, limit }: Grid, positions: number): Sum {
  const total = engine.allocate('int32', positions * order.length)
  return {
    total,
    listen(candidates, { leaves, counts }) {
      const { first, rows, leaves: among } = candidates.layer
      forEachCell(candidates.layer, candidates.size, (cell, c, position) => {
        const at = (candidates.from + position) * order.length + first + c
        const value = candidates.value(cell, rows - among + leaves[cell], counts[cell])
        total[at] = Math.max(-limit, Math.min(limit, total[at] + value))
      })
    },
  }
}

/**
 * What came on top of a walk's choices.
 * @param totalOf what it chose in all: of the coarse grid (tile null), of a tile
 * @param planes what it ended in: three [8·fine.height, 8·fine.width] in 1/8
 * @returns coefficients of the planes less the total
 * @example const extraOf = extraBeyond(engine, model, layout, totalOf, planes)
 */
export function extraBeyond(
  engine: Engine,
  model: CellGridModel,
  layout: Layout,
  totalOf: TargetOf,
  planes: readonly Numbers[],
): TargetOf {
  const levels = planes.map((plane) => Float64Array.from(plane, (value) => value / 8))
  const reachedOf = coefficientsOf(engine, levels, model, layout)
  return (tile) => less(reachedOf(tile), totalOf(tile))
}

/**
 * What a walk should reach if on top of its choices comes what came in the walk before.
 * @param targetOf the source
 * @example rateDistortion(aimOf(targetOf, extraOf)(null), weights, lambda)
 */
export const aimOf =
  (targetOf: TargetOf, extraOf: TargetOf): TargetOf =>
  (tile) =>
    less(targetOf(tile), extraOf(tile))

/** a ← a − b */
function less(a: Numbers, b: Numbers): Numbers {
  for (let i = 0; i < a.length; i++) a[i] -= b[i]
  return a
}
