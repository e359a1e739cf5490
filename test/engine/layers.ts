/** Random layers and cells for the engines' tests. */
import fc from 'fast-check'
import type { CellTables, Heads, Numbers, Size } from '../../src/engine/engine.js'
import { integers, seeds, type Input } from './both.js'

type LayerShape = Pick<CellTables, 'K' | 'n' | 'rank' | 'priorShift'> &
  Partial<Pick<CellTables, 'cells' | 'escape' | 'u' | 'scaleBase' | 'first'>> &
  Readonly<{ r: number; priorTable: readonly number[]; priorBias: readonly number[] }>

/** A layer from its numbers; u counts from the middle row. */
export function cellTables({ r, K, n, first = 0, ...rest }: LayerShape): CellTables {
  const leaves = K ** n
  const rows = (K * (leaves - 1)) / (K - 1)
  return {
    first,
    end: first + r,
    K,
    n,
    leaves,
    rows,
    cells: 'all',
    escape: false,
    u: Int16Array.from({ length: r * rows }, (_, i) => 256 * ((i % rows) - (rows >> 1))),
    scaleBase: new Int32Array(r),
    ...rest,
    priorTable: Int16Array.from(rest.priorTable),
    priorBias: Int32Array.from(rest.priorBias),
  }
}

const branches = fc.oneof(
  fc.record({ K: fc.oneof(fc.integer({ min: 2, max: 33 }), fc.constantFrom(64, 512)), n: fc.constant(1) }),
  fc.record({ K: fc.integer({ min: 2, max: 6 }), n: fc.integer({ min: 2, max: 3 }) }),
  fc.record({ K: fc.constant(2), n: fc.integer({ min: 4, max: 6 }) }),
)
/** A random layer, and a seed for what goes into it. */
export const layers = fc
  .record({
    branch: branches,
    r: fc.integer({ min: 1, max: 7 }),
    first: fc.integer({ min: 0, max: 5 }),
    rank: fc.integer({ min: 1, max: 16 }),
    priorShift: fc.integer({ min: 0, max: 14 }),
    cells: fc.constantFrom<CellTables['cells']>('all', 'even', 'odd'),
    escape: fc.boolean(),
    sharpness: fc.integer({ min: 0, max: 9 }),
    seed: seeds,
  })
  .map(({ branch: { K, n }, r, rank, seed, sharpness, ...rest }) => {
    const rows = (K * (K ** n - 1)) / (K - 1)
    const most = 2 ** (sharpness + 4) // the table's numbers; 16 · 8191 · 2^13 < 2^30
    const layer = cellTables({
      r,
      K,
      n,
      rank,
      ...rest,
      priorTable: integers(seed, r * rows * rank, -most, most),
      priorBias: integers(seed + 1, r * rows, -(2 ** 20), 2 ** 20),
      u: Int16Array.from(integers(seed + 2, r * rows, -12288, 12288)),
      scaleBase: Int32Array.from(integers(seed + 3, r, -192, 768)),
    })
    return { layer, seed: seed + 4 }
  })

/** Heads, targets and frequencies of all cells, choices that a stream may hold. */
export function cellInput(layer: CellTables, size: Size, seed: number, limit: number): Input {
  const cells = size.width * size.height * (layer.end - layer.first)
  const spread = 2 ** (seed & 15) * 4
  const leaves = integers(seed + 4, cells, 0, layer.leaves - 1)
  const ends = (leaf: number): boolean => layer.escape && (leaf === 0 || leaf === layer.leaves - 1)
  const counts = integers(seed + 5, cells, 0, 65535)
  return {
    mean: ['int32', integers(seed, cells, -Math.min(limit, spread), Math.min(limit, spread))],
    sigma: ['int32', integers(seed + 1, cells, 0, 3784)],
    frequencies: ['uint16', integers(seed + 2, cells * layer.rows, 1, 32767)],
    target: ['int32', integers(seed + 3, cells, -2 * limit, 2 * limit)],
    leaves: ['uint16', leaves],
    counts: ['uint16', counts.map((count, cell) => (ends(leaves[cell]) ? count : 0))],
  }
}

export const headsOf = ({ mean, sigma, frequencies }: Record<string, Numbers>): Heads => ({ mean, sigma, frequencies })
/** Of the fine and the coarse grid. */
export const limits = fc.constantFrom(153600, 1638400)
