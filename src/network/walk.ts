/** The walk (SPEC 6): every command is this one loop with another guide. */
import type { Choices, Engine, Heads, Kind, Numbers, Size } from '../engine/engine.js'
import { TRUNK_MAX } from '../engine/limits.js'
import { candidateSet, type CandidateSet } from './candidates.js'
import type { Block, Grid, Layer } from './model.js'

/** The paper's sampler: what picks a candidate for every cell of a layer. */
export interface Guide {
  /** Fills chosen.leaves and chosen.counts (zero at first); chosen.last = true ends the walk after this layer. */
  choose(candidates: CandidateSet, chosen: Choices): void
}

/** Everything one walk writes to. The arrays live in the engine's workspace until the next walk is opened. */
export type WalkState = Readonly<{
  grid: Grid
  size: Size
  positions: number
  /** Step of λ, 0…73. */
  s: number
  layers: readonly Layer[]
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

/**
 * Allocates a walk and starts its trunk (SPEC 6.0).
 * @param layersCoded layers of the grid that the file holds; the rest is not run
 * @param extra further arrays of the same workspace
 * @returns the state, and the extra arrays
 * @example const { state } = openWalk(engine, model.coarse, { width: 12, height: 8 }, 40, model.coarse.layers.length, {})
 */
export function openWalk<Extra extends string>(
  engine: Engine,
  grid: Grid,
  size: Size,
  s: number,
  layersCoded: number,
  extra: Readonly<Record<Extra, readonly [Kind, number]>>,
): { state: WalkState; extra: Record<Extra, Numbers> } {
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
    mean: ['int32', most(r)],
    sigma: ['int32', most(r)],
    frequencies: ['uint16', most((layer) => r(layer) * layer.rows)],
    leaves: ['uint16', most(r)],
    counts: ['uint16', most(r)],
    features: ['int16', most((layer) => 3 * r(layer))],
  }) as Record<keyof Omit<WalkState, 'grid' | 'size' | 'positions' | 's' | 'layers'> | Extra, Numbers>
  const start = engine.lambdaBias(grid.start, s).map((x) => Math.max(-TRUNK_MAX, Math.min(TRUNK_MAX, x)))
  for (let p = 0; p < positions; p++) arrays.h.set(start, p * grid.channels)
  return { state: { grid, size, positions, s, layers, ...arrays }, extra: arrays }
}

/**
 * Runs the layers one after another, none without a guide; yields after each, so that a caller may report, pause or
 * stop.
 * @param state of `openWalk`, which the walk writes to
 * @throws {DdncError} as the guide
 * @example for (const layer of walk(engine, state, nearest(target))) console.log(layer.name)
 */
export function* walk(engine: Engine, state: WalkState, guide: Guide | null): Generator<Layer> {
  if (!guide) return
  for (const layer of state.layers) {
    runBlock(engine, layer.block, state) // 6.1 h ← Block(h)
    const heads = runHeads(engine, layer, state) // 6.2 μ and σ
    const candidates = lazyCandidates(engine, layer, state, heads)
    const chosen = emptyChoices(layer, state)
    guide.choose(candidates, chosen) // 6.3 one leaf per cell
    addChosen(engine, layer, state, heads, chosen) // 6.4 sum ← sum + c_k*
    feedBack(engine, layer, state) // 6.6 h ← h + Feedback(c_k*, k*)
    yield layer
    if (chosen.last) return
  }
}

/** h ← h + output(ReLU(hidden(ReLU(h + λ bias)))), saturated (SPEC 6.1). */
export function runBlock(
  engine: Engine,
  block: Block,
  { h, input, hidden, size, s }: Pick<WalkState, 'h' | 'input' | 'hidden' | 'size' | 's'>,
): void {
  const bias = block.lambda && engine.lambdaBias(block.lambda, s)
  engine.rectify(h, bias, block.inputShift, block.hidden.inputs, size, true, input)
  engine.conv3x3(block.hidden, input, size, 'activation', hidden)
  engine.conv1x1(block.output, hidden, size.width * size.height, 'accumulate', h)
}

function runHeads(engine: Engine, layer: Layer, state: WalkState): Heads {
  const { h, input, heads, mean, sigma, frequencies, size, positions, s } = state
  engine.rectify(h, engine.lambdaBias(layer.headLambda, s), layer.headShift, layer.z.inputs, size, false, input)
  engine.conv1x1(layer.meanScale, input, positions, 'wide', heads)
  engine.splitHeads(layer, heads, engine.lambdaBias(layer.scaleLambda, s), state.grid.limit, positions, mean, sigma)
  return { mean, sigma, frequencies }
}

function lazyCandidates(engine: Engine, layer: Layer, state: WalkState, heads: Heads): CandidateSet {
  const { grid, size, sum, input, z, positions, frequencies } = state
  return candidateSet(engine, layer, heads, grid.limit, size, sum, grid.order.length, () => {
    // The input of the heads stands until the next block: the plain profile never gets here.
    engine.conv1x1(layer.z, input, positions, 'signed', z)
    engine.frequencies(layer, z, positions, frequencies)
  })
}

function emptyChoices(layer: Layer, { leaves, counts, positions }: WalkState): Choices {
  const cells = positions * (layer.end - layer.first)
  return { leaves: leaves.fill(0, 0, cells), counts: counts.fill(0, 0, cells), last: false }
}

/** The features that `addChosen` left go into the trunk. */
function feedBack(engine: Engine, layer: Layer, { features, positions, h }: WalkState): void {
  engine.conv1x1(layer.feedback, features, positions, 'accumulate', h)
}

function addChosen(engine: Engine, layer: Layer, state: WalkState, heads: Heads, chosen: Choices): void {
  const { grid, size, sum, features } = state
  engine.apply(layer, heads, chosen, grid.limit, size, grid.order.length, sum, features)
}
