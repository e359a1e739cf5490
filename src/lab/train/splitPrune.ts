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
import type { Slots } from './checkpoint.js'
import type { Training } from './recipe.js'

/** Least mean number of choices a candidate at which shares are believed: their deviation is then about a fifth. */
export const ENOUGH = 24

/** Parts of the distance to the nearest neighbour by which a split candidate and its copy move. */
const MOVE = 1 / 8
/** Least move: the unit of u in a model (SPEC 4.4). */
const SMALLEST_MOVE = 1 / 256

export type Thresholds = Pick<NonNullable<Training['splitAndPrune']>, 'split' | 'prune'>

/** Rows of one coefficient, breadth first: the new row i is the old row from[i]. */
export type Rebuilt = Readonly<{
  from: Int32Array
  /** Added to u. */
  shift: Float32Array
  /** Added to the prior's bias, in nats. */
  bias: Float32Array
}>

type Node = { row: number; shift: number; bias: number; count: number; children: Node[] }

/**
 * What becomes of one coefficient's candidates.
 * @param counts [Kⁿ]: how often each leaf was chosen
 * @param u [K + … + Kⁿ], breadth first
 * @param thresholds in shares of 1/K
 * @returns null if no node fires
 * @example splitAndPrune({ K: 3, n: 1 }, [90, 60, 0], [-1, 0, 4], { split: 2, prune: 0.5 })
 *   // from [0, 0, 1]: u is −1.125, −0.875, 0
 */
export function splitAndPrune(
  { K, n }: Pick<LayerStructure, 'K' | 'n'>,
  counts: ArrayLike<number>,
  u: ArrayLike<number>,
  thresholds: Thresholds,
): Rebuilt | null {
  const build = (depth: number, index: number): Node => {
    const row = depth === 0 ? -1 : tableRows(K, depth - 1) + index
    const children = depth === n ? [] : Array.from({ length: K }, (_, k) => build(depth + 1, index * K + k))
    const count = depth === n ? counts[index] : children.reduce((sum, child) => sum + child.count, 0)
    return { row, shift: 0, bias: 0, count, children }
  }
  const root = build(0, 0)
  let changes = 0
  const visit = (node: Node, depth: number): void => {
    if (depth < n - 1) return node.children.forEach((child) => visit(child, depth + 1))
    if (!fires(node, K, thresholds)) return
    splitIn(node, u)
    changes++
  }
  visit(root, 0)
  return changes === 0 ? null : flattened(root, tableRows(K, n))
}

const countsOf = ({ children }: Node): number[] => children.map(({ count }) => count)

function fires(node: Node, K: number, { split, prune }: Thresholds): boolean {
  if (node.count < ENOUGH * K) return false
  const all = countsOf(node)
  return Math.max(...all) * K > split * node.count || Math.min(...all) * K < prune * node.count
}

function splitIn(node: Node, u: ArrayLike<number>): void {
  const { children } = node
  const all = countsOf(node)
  const most = all.indexOf(Math.max(...all))
  const least = all.indexOf(Math.min(...all))
  const chosen = children[most]
  const gap = Math.min(...children.flatMap(({ row }, k) => (k === most ? [] : [Math.abs(u[row] - u[chosen.row])])))
  const move = Math.max(SMALLEST_MOVE, gap * MOVE)
  children[most] = { ...chosen, shift: -move, bias: -Math.LN2 }
  children[least] = { ...chosen, shift: move, bias: -Math.LN2 }
  children.sort((a, b) => u[a.row] + a.shift - u[b.row] - b.shift)
}

function flattened(root: Node, rows: number): Rebuilt {
  const order: Node[] = [...root.children]
  for (let i = 0; i < order.length; i++) order.push(...order[i].children)
  if (order.length !== rows) throw new RangeError(`${order.length} nodes of ${rows}`)
  return {
    from: Int32Array.from(order, ({ row }) => row),
    shift: Float32Array.from(order, ({ shift }) => shift),
    bias: Float32Array.from(order, ({ bias }) => bias),
  }
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
    for (const kind of ['weight', 'first', 'second', 'average'] as const) {
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
