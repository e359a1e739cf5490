/** A walk over a grid (SPEC 6.0 to 6.6): a cell is one coefficient of one position. */
import type { Choices, Engine, Heads, Kind, Numbers, Size } from '../engine/engine.js'
import { runBlock, saturated } from './block.js'
import { cellCandidates, type CellCandidates } from './candidates.js'
import type { Grid, Layer } from './model.js'
import type { Walkable } from './walk.js'

/** Everything one walk writes to. The arrays live in the engine's workspace until the next walk is opened. */
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
  const most = (of: (layer: Layer) => number): number => positions * Math.max(1, ...layers.map(of))
  const r = (layer: Layer): number => layer.end - layer.first
  const arrays = engine.workspace<string>({
    ...extra,
    h: ['int16', positions * grid.channels],
    sum: ['int32', positions * grid.order.length],
    input: ['int16', (size.width + 2) * (size.height + 2) * grid.channels],
    hidden: ['int16', most((layer) => layer.block.hidden.outputs)],
    heads: ['int32', most((layer) => 2 * r(layer))],
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
  const steps: Walkable<Layer, CellCandidates> = {
    layers,
    offer(layer) {
      runBlock(engine, layer.block, state) // 6.1 h ← Block(h)
      return lazyCandidates(engine, layer, state, runHeads(engine, layer, state)) // 6.2 μ and σ
    },
    noChoices: (layer) => emptyChoices(layer, state),
    take(layer, chosen) {
      addChosen(engine, layer, state, chosen) // 6.4 sum ← sum + c_k*
      feedBack(engine, layer, state) // 6.6 h ← h + Feedback(c_k*, k*)
    },
  }
  return { state: { ...state, ...steps }, extra: arrays }
}

function runHeads(engine: Engine, layer: Layer, state: WalkState): Heads {
  const { h, input, heads, mean, sigma, frequencies, size, positions, s } = state
  engine.rectify(h, engine.lambdaBias(layer.headLambda, s), layer.headShift, layer.z.inputs, size, false, input)
  engine.conv1x1(layer.meanScale, input, positions, 'wide', heads)
  engine.splitHeads(layer, heads, engine.lambdaBias(layer.scaleLambda, s), state.grid.limit, positions, mean, sigma)
  return { mean, sigma, frequencies }
}

function lazyCandidates(engine: Engine, layer: Layer, state: WalkState, heads: Heads): CellCandidates {
  const { grid, size, sum, input, z, positions, frequencies } = state
  return cellCandidates(engine, layer, heads, grid.limit, size, sum, grid.order.length, () => {
    // The input of the heads stands until the next block: the plain profile never gets here.
    engine.conv1x1(layer.z, input, positions, 'signed', z)
    engine.frequencies(layer, z, positions, frequencies)
  })
}

function emptyChoices(layer: Layer, { leaves, counts, positions }: WalkState): Choices {
  const cells = positions * (layer.end - layer.first)
  return { leaves: leaves.fill(0, 0, cells), counts: counts.fill(0, 0, cells), last: false }
}

function addChosen(engine: Engine, layer: Layer, state: WalkState, chosen: Choices): void {
  const { grid, size, sum, features } = state
  engine.apply(layer, state, chosen, grid.limit, size, grid.order.length, sum, features)
}

/** The features that `addChosen` left go into the trunk. */
function feedBack(engine: Engine, layer: Layer, { features, positions, h }: WalkState): void {
  engine.conv1x1(layer.feedback, features, positions, 'accumulate', h)
}
