/**
 * How often every candidate of a layer was chosen, by coefficient, and how evenly: in a step of training, at validation
 * and in an encoder's walk.
 */
import type { Size } from '../../engine/engine.js'
import type { CellGridStructure, LayerStructure } from '../../network/structure.js'

/** Choices of every leaf of every coefficient: [r, leaves]. Exact: fewer than 2^32. */
export type Counts = Uint32Array

export type Counted = Pick<LayerStructure, 'first' | 'end' | 'K' | 'n' | 'cells'>

/** Nothing counted yet. @example noCounts({ first: 0, end: 2, K: 2, n: 3 }) // 16 zeros */
export const noCounts = ({ first, end, K, n }: Pick<Counted, 'first' | 'end' | 'K' | 'n'>): Counts =>
  new Uint32Array((end - first) * K ** n)

/**
 * Counts choices; cells outside a half-pass are left out.
 * @param counts added to
 * @param path leaves of one or more pictures of a size, one after another
 * @param size of a picture, in positions
 * @param order of the path: [r, positions], as training has it, or [positions, r], as an engine has it
 * @example countChoices(noCounts(layer), layer, [0, 1, 1, 1], { width: 2, height: 2 }) // [1, 3] of K = 2, r = 1
 */
export function countChoices(
  counts: Counts,
  { first, end, K, n, cells }: Counted,
  path: ArrayLike<number>,
  { width, height }: Size,
  order: 'by coefficient' | 'by position' = 'by coefficient',
): Counts {
  const [r, leaves] = [end - first, K ** n]
  const rows = path.length / (r * width)
  const [perCoefficient, perPosition] = order === 'by coefficient' ? [rows * width, 1] : [1, r]
  const parity = cells === 'odd' ? 1 : 0
  const step = cells === 'all' ? 1 : 2
  for (let c = 0; c < r; c++) {
    const own = counts.subarray(c * leaves, (c + 1) * leaves)
    for (let row = 0; row < rows; row++) {
      // Of a half-pass, the first x at which x + y has its parity.
      const start = cells === 'all' ? 0 : ((row % height) + parity) % 2
      const from = c * perCoefficient + row * width * perPosition
      for (let x = start; x < width; x += step) own[path[from + x * perPosition]]++
    }
  }
  return counts
}

/** Nothing counted yet, of every layer, coarse first. */
export const noCountsOf = ({ coarse, fine }: CellGridStructure): Counts[] =>
  [...coarse.layers, ...fine.layers].map(noCounts)

/**
 * Counts the choices of a forward pass.
 * @param counts of every layer, added to
 * @param paths of the layers that were run, [r, positions] of square pictures of `side` pixels
 * @returns counts
 * @example countPaths(noCountsOf(structure), structure, paths, 192)
 */
export function countPaths(
  counts: readonly Counts[],
  { coarse, fine }: CellGridStructure,
  paths: readonly ArrayLike<number>[],
  side: number,
): readonly Counts[] {
  const layers = [...coarse.layers, ...fine.layers]
  paths.forEach((path, i) => {
    const positions = i < coarse.layers.length ? Math.ceil(side / 64) : side / 8
    countChoices(counts[i], layers[i], path, { width: positions, height: positions })
  })
  return counts
}

/**
 * How evenly the candidates of a coefficient are chosen: entropy over log2 of their number, mean over the coefficients.
 * 1 if all are used equally, 0 if one is.
 * @returns null if nothing was counted
 * @example usageOf(Uint32Array.of(2, 2, 0, 0), 4) // 0.5
 */
export function usageOf(counts: Counts, leaves: number): number | null {
  const r = counts.length / leaves
  let bits = 0
  for (let from = 0; from < counts.length; from += leaves) {
    let all = 0
    let sum = 0
    for (let k = from; k < from + leaves; k++) {
      const count = counts[k]
      all += count
      if (count > 0) sum += count * Math.log2(count)
    }
    // All coefficients of a layer are chosen together.
    if (all === 0) return null
    bits += Math.log2(all) - sum / all
  }
  // Rounding may leave the range by 10⁻¹⁶.
  return Math.min(1, Math.max(0, bits / (r * Math.log2(leaves))))
}

/**
 * Share of the candidates of all coefficients that were never chosen.
 * @returns null if nothing was counted
 * @example deadShareOf(Uint32Array.of(2, 2, 0, 0)) // 0.5
 */
export function deadShareOf(counts: Counts): number | null {
  const dead = counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0)
  return dead === counts.length ? null : dead / counts.length
}
