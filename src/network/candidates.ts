/** The candidate set of a layer (SPEC 6.2): lazy, so a decoder never evaluates what was not chosen. */
import type { CellTables, Choices, Engine, Heads, Numbers, Size } from '../engine/engine.js'
import type { Grid, Layer } from './model.js'

/**
 * What any guide may ask of a layer, or of a part of it: some rows of the grid. A grid's layer has a cell for every
 * coefficient of every position, cell = position·r + c with r = layer.end − layer.first; one whose candidates are whole
 * pictures has one cell. Cells and positions are counted from the part's first.
 */
export type CandidateSet = Readonly<{
  layer: CellTables & Readonly<{ name: string }>
  /** Which position of the grid the part begins with: that of an even row. */
  from: number
  /** Of the part. */
  size: Size
  /**
   * Prior of every choice, [positions, r, rows] of 2^15. Computed at the first call.
   * @throws {DdncError} BadOption if the model has no prior
   */
  frequencies(): Numbers
  /**
   * How far candidates are from a target.
   * @param target in the form of what is walked: [positions of the grid, grid.order.length], or [pixels, components]; in
   *   1/64
   */
  distanceTo(target: Numbers): Distance
}>

export type Distance = Readonly<{
  /**
   * Of a row of the tables (leaves are the last rows): it rises with the squared error.
   * @param count escape count, 0 where the leaf has none
   */
  of(cell: number, row: number, count: number): number
  /** Escape count of an end leaf that comes nearest to the target. */
  nearestCount(cell: number, leaf: number): number
}>

/** Candidates of a grid's layer: values of coefficients. */
export type CellCandidates = CandidateSet &
  Readonly<{
    layer: Layer
    /**
     * What of a target the layers so far have left. Stands until the next part is offered.
     * @param target [positions of the grid, grid.order.length] in 1/64
     * @returns [positions, r] int32
     */
    residual(target: Numbers): Numbers
    /** Value of a row of the tables (leaves are the last rows), in 1/64. */
    value(cell: number, row: number, escapeCount: number): number
    /** Escape count of an end leaf nearest to a target (1/64). */
    nearestCount(cell: number, leaf: number, target: number): number
    /**
     * Fills `chosen` with the argmin of importance·weight·(value − target)² + lambda·bits over all leaves of every cell.
     * @param target [positions, r] int32, in 1/64
     * @param weights [r]
     * @param importance [positions]; null: all are 1
     * @param lambda in 1/4096 grey level² per bit
     */
    cheapest(target: Numbers, weights: Numbers, importance: Numbers | null, lambda: number, chosen: Choices): void
  }>

/** @param fill makes what is to be had; called once, at the first call of the result */
export function lazy(fill: () => Numbers): () => Numbers {
  let known: Numbers | null = null
  return () => (known ??= fill())
}

/** What a part of a layer's candidates is made of. */
export type PartOfLayer = Readonly<{
  layer: Layer
  grid: Grid
  from: number
  size: Size
  heads: Heads
  /** Of the part [positions, grid.order.length], in 1/64: what the layers so far have chosen. */
  sum: Numbers
  /** Takes the residual [positions, r]. */
  left: Numbers
}>

/** @param fillFrequencies computes heads.frequencies; called at most once. */
export function cellCandidates(engine: Engine, part: PartOfLayer, fillFrequencies: () => void): CellCandidates {
  const { layer, from, size, heads } = part
  const { limit } = part.grid
  const frequencies = lazy(() => {
    fillFrequencies()
    return heads.frequencies
  })
  const value = (cell: number, row: number, count: number): number =>
    engine.candidateValue(layer, heads, limit, cell, row, count)
  const nearestCount = (cell: number, leaf: number, target: number): number =>
    engine.nearestCount(layer, heads, cell, leaf, target)
  return {
    layer,
    from,
    size,
    residual: (target) => residual(part, target),
    frequencies,
    value,
    nearestCount,
    distanceTo(target) {
      const left = residual(part, target)
      return {
        of: (cell, row, count) => Math.abs(value(cell, row, count) - left[cell]),
        nearestCount: (cell, leaf) => nearestCount(cell, leaf, left[cell]),
      }
    },
    cheapest(target, weights, importance, lambda, chosen) {
      frequencies()
      engine.cheapest(layer, heads, target, weights, importance, lambda, limit, size, chosen)
    },
  }
}

function residual({ layer, grid, from, size, sum, left }: PartOfLayer, target: Numbers): Numbers {
  const stride = grid.order.length
  const r = layer.end - layer.first
  const cells = size.width * size.height * r
  let [wanted, there] = [from * stride + layer.first, layer.first]
  for (let to = 0; to < cells; wanted += stride - r, there += stride - r) {
    for (const end = to + r; to < end; to++) left[to] = target[wanted++] - sum[there++]
  }
  return left
}
