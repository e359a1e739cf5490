/** Cells of a layer: which positions choose, rows of the tables, what a choice costs. */
import type { CellTables, Size } from './engine.js'
import { PROBABILITY_ONE } from './limits.js'

/**
 * −log2(f / 2^15) for f = 0…2^15, the bits of a choice of frequency f; entry 0 is Infinity. Never of a decoder's
 * arithmetic, so Math.log2 may be used.
 */
export const BITS: Float64Array = Float64Array.from({ length: PROBABILITY_ONE + 1 }, (_, f) => 15 - Math.log2(f))

/**
 * Length of the Exp-Golomb code of an escape count m, in bits (SPEC 8.4).
 * @example escapeBits(3) // 5
 */
export const escapeBits = (m: number): number => 2 * (31 - Math.clz32(m + 1)) + 1

/**
 * Row of the child that leads to `leaf` at depth 1…n, breadth first.
 * @example rowOf({ ...layer, K: 3, n: 2 }, 8, 2) // 11: three rows of depth 1, then nine leaves
 */
export function rowOf({ K, n }: CellTables, leaf: number, depth: number): number {
  let row = Math.floor(leaf / K ** (n - depth))
  for (let d = 1; d < depth; d++) row += K ** d
  return row
}

/**
 * Row of the first child of a node that depth − 1 choices have reached (SPEC 6.3); its siblings follow.
 * @example childrenOf({ ...layer, K: 3, n: 2 }, 2, 2) // 9
 */
export function childrenOf({ K }: CellTables, node: number, depth: number): number {
  let row = node * K
  for (let d = 1; d < depth; d++) row += K ** d
  return row
}

/** Is the leaf followed by an escape count? */
export const isEnd = ({ escape, leaves }: CellTables, leaf: number): boolean =>
  escape && (leaf === 0 || leaf === leaves - 1)

/** Does a position choose in this layer? */
const chooses = ({ cells }: CellTables, x: number, y: number): boolean =>
  cells === 'all' || ((x + y) & 1) === (cells === 'odd' ? 1 : 0)

/**
 * Positions that choose, in raster order. Where cells are many, loop over them inside `visit`: a call for each would be
 * most of the time.
 */
export function forEachPosition(layer: CellTables, { width, height }: Size, visit: (position: number) => void): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (chooses(layer, x, y)) visit(y * width + x)
  }
}

/** Cells that choose, in the order of the stream: position in raster order, coefficient in band order. */
export function forEachCell(
  layer: CellTables,
  size: Size,
  visit: (cell: number, c: number, position: number) => void,
): void {
  const r = layer.end - layer.first
  forEachPosition(layer, size, (position) => {
    for (let c = 0; c < r; c++) visit(position * r + c, c, position)
  })
}
