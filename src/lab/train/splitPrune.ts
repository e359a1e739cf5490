/**
 * Split-and-Prune (paper, section 3.1 and algorithm 1) for the tables of a cell-grid layer: the candidate that is chosen
 * most often is split in two, and takes the place of the one that is chosen least.
 *
 * The paper treats one flat layer. What it leaves open is decided here so:
 * - Every coefficient has candidates, and counts, of its own. With n > 1 the K leaves of one parent are looked at, and
 *   stay its leaves. Nodes further up are left alone: copied with all that is below, two of them cover the same range,
 *   their leaves interleave, and which of them a greedy guide takes says nothing (measured: 5 dB).
 * - Counts are those of a window of steps and begin anew after it. A step makes thousands of choices, so lifetime counts
 *   are not needed, and would go on firing at what the network was long ago. One split a node and window.
 * - The paper's clone is exact; here the two are moved apart by a quarter of the distance to the nearest neighbour.
 *   Candidates of a coefficient are numbers: an argmin over a batch would give all choices to the first of two equal
 *   ones, and Adam takes hundreds of steps over such a distance.
 * - Rows stay sorted by u. The prior's row is copied and both are lowered by log 2, so the two together are as probable
 *   as the one was. Adam's slots and the running mean of the weights are copied too: the mean of a row that meant
 *   another candidate would be of nothing.
 * - Even use is not least error: of a Laplace distribution the K numbers that leave least (lloydLeaves) have outermost
 *   ones with 0.41, 0.14 and 0.05 of 1/K for K = 4, 8 and 16. The paper's thresholds, 2 and 0.5, go on splitting there,
 *   so a recipe says until when; a low `prune` and a high `split` revive dead candidates and leave the others alone.
 */
import type { LayerStructure } from '../../network/structure.js'
import { tableRows } from './paths.js'
import { SLOT_NAMES, type Slots } from './checkpoint.js'
import type { CommonTraining } from './training.js'

/** Least mean number of choices a candidate at which shares are believed: their deviation is then about a fifth. */
export const ENOUGH = 24

/** Parts of the distance to the nearest neighbour by which a split candidate and its copy move. */
const MOVE = 1 / 8
/** Least move: the unit of u in a model (SPEC 4.4). */
const SMALLEST_MOVE = 1 / 256

export type Thresholds = Pick<NonNullable<CommonTraining['splitAndPrune']>, 'split' | 'prune'>

export type Split = Readonly<{
  /** Index of the candidate that is split, and that of the pruned one, whose place the copy takes. */
  from: number
  to: number
}>

/** Would lines 11 and 12 of algorithm 1 split? Ties go to the lowest index. @param counts [K] */
export function splitOf(counts: ArrayLike<number>, { split, prune }: Thresholds): Split | null {
  const K = counts.length
  let [from, to, n] = [0, 0, 0]
  for (let k = 0; k < K; k++) {
    n += counts[k]
    if (counts[k] > counts[from]) from = k
    if (counts[k] < counts[to]) to = k
  }
  // All are equal, or nothing was counted.
  if (from === to) return null
  return counts[from] * K > split * n || counts[to] * K < prune * n ? { from, to } : null
}

/** Rows of one coefficient, breadth first: the new row i is the old row from[i]. */
export type Rebuilt = Readonly<{
  from: Int32Array
  /** Added to u. */
  shift: Float32Array
  /** Added to the prior's bias, in nats. */
  bias: Float32Array
}>

/**
 * What becomes of one coefficient's candidates.
 * @param counts [Kⁿ]: how often each leaf was chosen
 * @param u [K + … + Kⁿ], breadth first
 * @param thresholds in shares of 1/K
 * @returns null if nothing is split
 * @example splitAndPrune({ K: 3, n: 1 }, [90, 60, 0], [-1, 0, 4], { split: 2, prune: 0.5 })
 *   // from [0, 0, 1]: u is −1.125, −0.875, 0
 */
export function splitAndPrune(
  { K, n }: Pick<LayerStructure, 'K' | 'n'>,
  counts: ArrayLike<number>,
  u: ArrayLike<number>,
  thresholds: Thresholds,
): Rebuilt | null {
  const rows = tableRows(K, n)
  const from = Int32Array.from({ length: rows }, (_, row) => row)
  const [shift, bias] = [new Float32Array(rows), new Float32Array(rows)]
  const firstLeaf = rows - K ** n
  let isChanged = false
  for (let first = firstLeaf; first < rows; first += K) {
    const shares = Array.from({ length: K }, (_, k) => counts[first - firstLeaf + k])
    const split = isEnough(shares) ? splitOf(shares, thresholds) : null
    if (!split) continue
    isChanged = true
    splitIn(K, split, first, u).forEach((leaf, k) => {
      from[first + k] = leaf.row
      shift[first + k] = leaf.shift
      bias[first + k] = leaf.bias
    })
  }
  return isChanged ? { from, shift, bias } : null
}

const isEnough = (shares: readonly number[]): boolean =>
  shares.reduce((sum, count) => sum + count, 0) >= ENOUGH * shares.length

type Leaf = Readonly<{ row: number; shift: number; bias: number }>

/**
 * The leaves of one parent, sorted, after a split.
 * @param first their first row
 */
function splitIn(K: number, { from, to }: Split, first: number, u: ArrayLike<number>): Leaf[] {
  const leaves: Leaf[] = Array.from({ length: K }, (_, k) => ({ row: first + k, shift: 0, bias: 0 }))
  const { row } = leaves[from]
  const gap = Math.min(...leaves.flatMap((leaf) => (leaf.row === row ? [] : [Math.abs(u[leaf.row] - u[row])])))
  const move = Math.max(SMALLEST_MOVE, gap * MOVE)
  leaves[from] = { row, shift: -move, bias: -Math.LN2 }
  leaves[to] = { row, shift: move, bias: -Math.LN2 }
  return leaves.sort((a, b) => u[a.row] + a.shift - u[b.row] - b.shift)
}

/**
 * Split-and-Prune of all coefficients of a layer, in the slots of its tables (Adam.save, Adam.load).
 * @param name of the layer: dc.0, ac.5
 * @param counts [r, leaves]
 * @param slots changed in place: its nodes, table and bias
 * @param balance [r, leaves], moved along; null for none
 * @returns number of coefficients whose candidates changed
 */
export function splitAndPruneLayer(
  name: string,
  layer: LayerStructure,
  counts: Float32Array,
  slots: ReadonlyMap<string, Slots>,
  balance: Float32Array | null,
  thresholds: Thresholds,
): number {
  const [r, leaves, rows] = [layer.end - layer.first, layer.K ** layer.n, tableRows(layer.K, layer.n)]
  const [nodes, table, bias] = ['nodes', 'table', 'bias'].map((of) => slots.get(`${name}.${of}`)!)
  let changed = 0
  for (let c = 0; c < r; c++) {
    const u = nodes.weight.subarray(c * rows, (c + 1) * rows)
    const rebuilt = splitAndPrune(layer, counts.subarray(c * leaves, (c + 1) * leaves), u, thresholds)
    if (!rebuilt) continue
    changed++
    for (const kind of SLOT_NAMES) {
      const isValue = kind === 'weight' || kind === 'average'
      take(nodes[kind], c * rows, 1, rebuilt.from, isValue ? rebuilt.shift : null)
      take(bias[kind], c * rows, 1, rebuilt.from, isValue ? rebuilt.bias : null)
      take(table[kind], c * rows * layer.rank, layer.rank, rebuilt.from, null)
    }
    const firstLeaf = rows - leaves
    const leafFrom = rebuilt.from.subarray(firstLeaf).map((row) => row - firstLeaf)
    if (balance) take(balance, c * leaves, 1, leafFrom, null)
  }
  return changed
}

/** In place, from `start` on: rows of `width` numbers in the order `from`, each plus its number. */
function take(data: Float32Array, start: number, width: number, from: Int32Array, plus: Float32Array | null): void {
  const old = data.slice(start, start + from.length * width)
  from.forEach((row, i) => {
    for (let j = 0; j < width; j++) data[start + i * width + j] = old[row * width + j] + (plus?.[i] ?? 0)
  })
}
