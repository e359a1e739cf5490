/** The fine grid of one tile (SPEC 6.7, 7.1, 7.3): needs the coarse grid, and nothing of other tiles. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import type { CellCandidates } from './candidates.js'
import type { Coarse } from './coarse.js'
import { openGridWalk, type GridWalk, type WalkState } from './gridWalk.js'
import type { CellGridModel } from './model.js'
import { closeCoefficients } from './synthesis.js'
import { walk, type Guide } from './walk.js'

/** What synthesis and clean-up need of positions: a tile's, or those of any area. */
export type Walked = Readonly<{
  /** [positions, 192] by id, 1/8. */
  coefficients: Numbers
  /** Input of `cleanUp.fromTrunk` [positions, channels]; empty without a clean-up. */
  trunk: Numbers
}>

/** `fineLayers` is normative, read from the file's header. */
export type TileTask = Readonly<{ s: number; fineLayers: number; size: Size }>

/**
 * Walks a tile.
 * @param coarse cut out for this tile
 * @param guide null: no layer is run
 * @returns a generator that yields the share done, 0…1, after every layer; the arrays are the caller's
 * @throws {DdncError} as the guide
 * @example const walked = yield* walkTile(engine, model, { s: 40, fineLayers: 8, size: tile }, coarse, guide)
 */
export function* walkTile(
  engine: Engine,
  model: CellGridModel,
  task: TileTask,
  coarse: Coarse,
  guide: Guide<CellCandidates> | null,
  observe?: (state: WalkState) => void,
): Generator<number, Walked> {
  const { state, rest } = enterTile(engine, model, task, coarse)
  let done = 0
  for (const _ of walk(state, guide)) {
    observe?.(state)
    yield (done += 1) / (task.fineLayers + 1)
  }
  return leaveTile(engine, model, state, coarse.dc, rest)
}

/** Fine trunk of a tile at its start: h ← start + low(DC plane) + mix(up), saturated at every step (SPEC 6.7). */
function enterTile(
  engine: Engine,
  { entry, fine, coarse: { channels } }: CellGridModel,
  { s, fineLayers, size }: TileTask,
  coarse: Coarse,
): { state: GridWalk; rest: Numbers } {
  const { width, height } = size
  const positions = width * height
  const coarsePositions = Math.ceil(width / 8) * Math.ceil(height / 8)
  const { state, extra } = openGridWalk(engine, fine, size, s, fineLayers, {
    dc: ['int16', positions * 3],
    dcInput: ['int16', (width + 2) * (height + 2) * 3],
    coarse: ['int16', coarsePositions * channels],
    upper: ['int16', coarsePositions * entry.up.outputs],
    up: ['int16', positions * entry.mix.inputs],
    rest: ['int32', positions * 192],
  })
  extra.dc.set(coarse.dc)
  engine.narrow(extra.dc, entry.lowShift, 3, size, extra.dcInput)
  engine.conv3x3(entry.low, extra.dcInput, size, 'accumulate', state.h)
  extra.coarse.set(coarse.trunk)
  engine.conv1x1(entry.up, extra.coarse, coarsePositions, 'signed', extra.upper)
  spreadUp(extra.upper, entry.mix.inputs, size, extra.up)
  engine.conv1x1(entry.mix, extra.up, positions, 'accumulate', state.h)
  return { state, rest: extra.rest }
}

/** out[y, x, m] = up[y / 8, x / 8, m·64 + (y mod 8)·8 + x mod 8] */
function spreadUp(up: Numbers, channels: number, { width, height }: Size, out: Numbers): void {
  const across = Math.ceil(width / 8)
  let to = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y >> 3) * across + (x >> 3)) * channels * 64 + (y & 7) * 8 + (x & 7)
      for (let m = 0; m < channels; m++) out[to++] = up[from + m * 64]
    }
  }
}

/** Closing layer, and the trunk for the clean-up. */
function leaveTile(
  engine: Engine,
  { closing, cleanUp, fine: { order, channels } }: CellGridModel,
  { h, input, sum, positions, size }: WalkState,
  dc: Numbers,
  rest: Numbers,
): Walked {
  engine.rectify(h, null, closing.inputShift, channels, size, false, input)
  engine.conv1x1(closing.convolution, input, positions, 'wide', rest)
  const coefficients = engine.allocate('int16', positions * 192)
  closeCoefficients(engine, order, sum, dc, rest, positions, coefficients)
  if (!cleanUp) return { coefficients, trunk: engine.allocate('int16', 0) }
  engine.rectify(h, null, cleanUp.trunkShift, channels, size, false, input)
  return { coefficients, trunk: input.slice(0, positions * channels) }
}
