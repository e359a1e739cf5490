/** A walk over a grid (SPEC 6.0 to 6.6): a cell is one coefficient of one position. */
import type { Choices, Engine, Kind, Numbers, Size } from '../engine/engine.js'
import { runBlock, saturated } from './block.js'
import { cellCandidates, type CellCandidates, type PartOfLayer } from './candidates.js'
import type { Grid, Layer } from './model.js'
import type { Walkable } from './walk.js'

/**
 * Positions of a part, about: what stands between the block and the trunk takes some 10 kB a position, and of one part it
 * stays in the cache.
 */
const PART = 1024

/**
 * Everything one walk writes to. The arrays live in the engine's workspace until the next walk is opened. From `heads` on
 * they are those of the part in work: its positions, not the grid's.
 */
export type WalkState = Readonly<{
  grid: Grid
  size: Size
  positions: number
  /** Step of λ, 0…73. */
  s: number
  /** The trunk [positions, channels], 1/256. */
  h: Numbers
  /** Sum of the chosen values [positions, grid.order.length], 1/64. */
  sum: Numbers
  /** Input of the next convolution: [height + 2, width + 2, channels] at most. */
  input: Numbers
  hidden: Numbers
  heads: Numbers
  /** [positions, r] int32: what of a target is left. */
  left: Numbers
  /** [positions, r·rank], of a layer whose prior was asked for. */
  z: Numbers
  mean: Numbers
  sigma: Numbers
  frequencies: Numbers
  leaves: Numbers
  counts: Numbers
  features: Numbers
}>

/** What `walk` goes through. */
export type GridWalk = WalkState & Walkable<Layer, CellCandidates>

/**
 * Allocates a walk and starts its trunk (SPEC 6.0).
 * @param layersCoded layers of the grid that the file holds; the rest is not run
 * @param extra further arrays of the same workspace
 * @returns the state, and the extra arrays
 * @example
 * const { state } = openGridWalk(engine, model.coarse, { width: 12, height: 8 }, 40, model.coarse.layers.length, {})
 */
export function openGridWalk<Extra extends string>(
  engine: Engine,
  grid: Grid,
  size: Size,
  s: number,
  layersCoded: number,
  extra: Readonly<Record<Extra, readonly [Kind, number]>>,
): { state: GridWalk; extra: Record<Extra, Numbers> } {
  const positions = size.width * size.height
  const layers = grid.layers.slice(0, layersCoded)
  // An even number of rows: which positions choose in a half-pass is then the same from the part's first row.
  const rows = Math.min(size.height, Math.max(2, 2 * Math.floor(PART / 2 / size.width)))
  const largest = (of: (layer: Layer) => number): number => Math.max(1, ...layers.map(of))
  const most = (of: (layer: Layer) => number): number => rows * size.width * largest(of)
  const r = (layer: Layer): number => layer.end - layer.first
  const arrays = engine.workspace<string>({
    ...extra,
    h: ['int16', positions * grid.channels],
    sum: ['int32', positions * grid.order.length],
    input: ['int16', (size.width + 2) * (size.height + 2) * grid.channels],
    hidden: ['int16', positions * largest((layer) => layer.block.hidden.outputs)],
    heads: ['int32', most((layer) => 2 * r(layer))],
    left: ['int32', most(r)],
    z: ['int16', most((layer) => r(layer) * layer.rank)],
    features: ['int16', most((layer) => 3 * r(layer))],
    mean: ['int32', most(r)],
    sigma: ['int32', most(r)],
    frequencies: ['uint16', most((layer) => r(layer) * layer.rows)],
    leaves: ['uint16', most(r)],
    counts: ['uint16', most(r)],
  }) as Record<keyof Omit<WalkState, 'grid' | 'size' | 'positions' | 's'> | Extra, Numbers>
  const start = engine.lambdaBias(grid.start, s).map(saturated)
  for (let p = 0; p < positions; p++) arrays.h.set(start, p * grid.channels)
  const state: WalkState = { grid, size, positions, s, ...arrays }
  let part: Part | null = null
  const steps: Walkable<Layer, CellCandidates> = {
    layers,
    *offer(layer) {
      runBlock(engine, layer.block, state) // 6.1 h ← Block(h)
      for (let y = 0; y < size.height; y += rows) {
        part = partOf(layer, state, y, Math.min(rows, size.height - y))
        runHeads(engine, part, state) // 6.2 μ and σ
        yield lazyCandidates(engine, part, state)
      }
    },
    noChoices: () => emptyChoices(part!, state),
    take(chosen) {
      addChosen(engine, part!, state, chosen) // 6.4 sum ← sum + c_k*
      feedBack(engine, part!, state) // 6.6 h ← h + Feedback(c_k*, k*)
    },
  }
  return { state: { ...state, ...steps }, extra: arrays }
}

/** Some rows of a grid at a layer: `h` and `sum` are those rows of the walk's own. */
type Part = PartOfLayer & Readonly<{ h: Numbers; positions: number }>

function partOf(layer: Layer, state: WalkState, y: number, height: number): Part {
  const { grid, h, sum, left, mean, sigma, frequencies } = state
  const { width } = state.size
  const from = y * width
  return {
    ...{ layer, grid, from, left, heads: { mean, sigma, frequencies } },
    size: { width, height },
    positions: width * height,
    h: h.subarray(from * grid.channels, (y + height) * width * grid.channels),
    sum: sum.subarray(from * grid.order.length, (y + height) * width * grid.order.length),
  }
}

function runHeads(engine: Engine, { layer, h, size, positions }: Part, state: WalkState): void {
  const { input, heads, mean, sigma, s } = state
  engine.rectify(h, engine.lambdaBias(layer.headLambda, s), layer.headShift, layer.z.inputs, size, false, input)
  engine.conv1x1(layer.meanScale, input, positions, 'wide', heads)
  engine.splitHeads(layer, heads, engine.lambdaBias(layer.scaleLambda, s), state.grid.limit, positions, mean, sigma)
}

function lazyCandidates(engine: Engine, part: Part, { input, z, frequencies }: WalkState): CellCandidates {
  const { layer, positions } = part
  return cellCandidates(engine, part, () => {
    // The input of the heads stands until the next part: the plain profile never gets here.
    engine.conv1x1(layer.z, input, positions, 'signed', z)
    engine.frequencies(layer, z, positions, frequencies)
  })
}

function emptyChoices({ layer, positions }: Part, { leaves, counts }: WalkState): Choices {
  const cells = positions * (layer.end - layer.first)
  return { leaves: leaves.fill(0, 0, cells), counts: counts.fill(0, 0, cells), last: false }
}

function addChosen(engine: Engine, part: Part, { features }: WalkState, chosen: Choices): void {
  const { layer, heads, grid, size, sum } = part
  engine.apply(layer, heads, chosen, grid.limit, size, grid.order.length, sum, features)
}

/** The features that `addChosen` left go into the trunk. */
function feedBack(engine: Engine, { layer, positions, h }: Part, { features }: WalkState): void {
  engine.conv1x1(layer.feedback, features, positions, 'accumulate', h)
}
