/**
 * A whole picture, top to bottom in the specification's order (SPEC 6 and 7): coarse walk, DC planes, fine walk of
 * every tile, closing layer, synthesis, clean-up. Encoder and decoder run this; only their guides differ.
 */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { cleanUpPlanes } from './cleanUp.js'
import type { CellCandidates } from './candidates.js'
import { openGridWalk, type GridWalk, type WalkState } from './gridWalk.js'
import type { Layout, Tile } from './layout.js'
import type { CellGridModel } from './model.js'
import { closeCoefficients, synthesiseDc, synthesisePlanes } from './synthesis.js'
import { walk, type Guide } from './walk.js'

/** What to reconstruct; `fineLayers` is normative, read from the file's header. */
export type Task = Readonly<{ layout: Layout; s: number; fineLayers: number }>

/**
 * The guide of a walk: of the coarse one (tile null) or of a tile. Without a guide no layer is run (an empty stream).
 */
export type GuideOf = (tile: number | null) => Guide<CellCandidates> | null

/** Told after every layer of every walk; for parity with the prototype. */
export type Observer = (state: WalkState, tile: number | null) => void

/** Planes [8·fine.height, 8·fine.width] in 1/8; `linear`: before the clean-up. */
export type Reconstruction = Readonly<{ linear: readonly Numbers[]; planes: readonly [Numbers, Numbers, Numbers] }>

/**
 * Walks and synthesises a whole picture.
 * @param engine made for this model
 * @returns a generator that yields the share of the work done, 0…1, after every layer, and returns the planes
 * @throws {DdncError} as the guides
 * @example const { planes } = await drive(reconstruct(engine, model, { layout, s: 40, fineLayers: 8 }, guideOf), {})
 */
export function* reconstruct(
  engine: Engine,
  model: CellGridModel,
  task: Task,
  guideOf: GuideOf,
  observe?: Observer,
): Generator<number, Reconstruction> {
  const { layout, s, fineLayers } = task
  const { fine, coarse, tiles } = layout
  const steps = model.coarse.layers.length / 64 + tiles.length * (fineLayers + 1) + 2
  let done = 0

  const top = openGridWalk(engine, model.coarse, coarse, s, model.coarse.layers.length, {
    up: ['int16', coarse.width * coarse.height * model.entry.up.outputs],
  })
  for (const _ of walk(top.state, guideOf(null))) {
    observe?.(top.state, null)
    yield (done += 1 / 64) / steps
  }
  const dc = synthesiseDc(engine, model.coarse.order, top.state.sum, coarse, fine) // 7.2
  const up = upwards(engine, model, top.state, top.extra.up) // 6.7

  const coefficients = engine.allocate('int16', fine.width * fine.height * 192)
  const trunk = engine.allocate('int16', fine.width * fine.height * (model.cleanUp?.fromTrunk.outputs ?? 0))
  for (const [index, tile] of tiles.entries()) {
    const { state, buffers } = enterTile(engine, model, task, tile, dc, up) // 6.7
    for (const _ of walk(state, guideOf(index))) {
      observe?.(state, index)
      yield (done += 1) / steps
    }
    leaveTile(engine, model, layout, tile, state, buffers, coefficients, trunk) // 7.1, 7.3
    yield (done += 1) / steps
  }

  const linear = synthesisePlanes(engine, coefficients, fine) // 7.4
  yield (done += 1) / steps
  if (!model.cleanUp) return { linear, planes: linear }
  const strips = cleanUpPlanes(engine, model.cleanUp, linear, trunk, fine) // 7.5
  for (;;) {
    const step = strips.next()
    if (step.done) return { linear, planes: step.value }
    yield (done + step.value) / steps
  }
}

/** What the coarse trunk tells the fine one: [coarse positions, 64·M], copied out of the workspace. */
function upwards(engine: Engine, { entry, coarse }: CellGridModel, state: WalkState, out: Numbers): Numbers {
  engine.rectify(state.h, null, entry.upShift, coarse.channels, state.size, false, state.input)
  engine.conv1x1(entry.up, state.input, state.positions, 'signed', out)
  return out.slice()
}

type TileBuffers = Record<'dc' | 'dcInput' | 'up' | 'rest' | 'coefficients' | 'trunk', Numbers>

/** Fine trunk of a tile at its start: h ← start + low(DC plane) + mix(up), saturated at every step (SPEC 6.7). */
function enterTile(
  engine: Engine,
  model: CellGridModel,
  task: Task,
  tile: Tile,
  dc: Numbers,
  up: Numbers,
): { state: GridWalk; buffers: TileBuffers } {
  const { entry, cleanUp } = model
  const { fine, coarse } = task.layout
  const positions = tile.width * tile.height
  const { state, extra } = openGridWalk(engine, model.fine, tile, task.s, task.fineLayers, {
    dc: ['int16', positions * 3],
    dcInput: ['int16', (tile.width + 2) * (tile.height + 2) * 3],
    up: ['int16', positions * entry.mix.inputs],
    rest: ['int32', positions * 192],
    coefficients: ['int16', positions * 192],
    trunk: ['int16', positions * (cleanUp?.fromTrunk.outputs ?? 0)],
  })
  for (let y = 0; y < tile.height; y++) {
    const from = ((tile.y + y) * fine.width + tile.x) * 3
    extra.dc.set(dc.subarray(from, from + tile.width * 3), y * tile.width * 3)
  }
  engine.narrow(extra.dc, entry.lowShift, 3, tile, extra.dcInput)
  engine.conv3x3(entry.low, extra.dcInput, tile, 'accumulate', state.h)
  spreadUp(up, entry.mix.inputs, coarse, tile, extra.up)
  engine.conv1x1(entry.mix, extra.up, positions, 'accumulate', state.h)
  return { state, buffers: extra }
}

/** out[y, x, m] = up[y / 8, x / 8, m·64 + (y mod 8)·8 + x mod 8] for the positions of a tile. */
function spreadUp(up: Numbers, channels: number, coarse: Size, tile: Tile, out: Numbers): void {
  let to = 0
  for (let y = tile.y; y < tile.y + tile.height; y++) {
    for (let x = tile.x; x < tile.x + tile.width; x++) {
      const from = ((y >> 3) * coarse.width + (x >> 3)) * channels * 64 + (y & 7) * 8 + (x & 7)
      for (let m = 0; m < channels; m++) out[to++] = up[from + m * 64]
    }
  }
}

/** Closing layer and what the clean-up needs of the trunk, copied from the tile to the picture. */
function leaveTile(
  engine: Engine,
  { closing, cleanUp, fine: grid }: CellGridModel,
  { fine }: Layout,
  tile: Tile,
  { h, input, sum, positions }: WalkState,
  buffers: TileBuffers,
  coefficients: Numbers,
  trunk: Numbers,
): void {
  engine.rectify(h, null, closing.inputShift, grid.channels, tile, false, input)
  engine.conv1x1(closing.convolution, input, positions, 'wide', buffers.rest)
  closeCoefficients(engine, grid.order, sum, buffers.dc, buffers.rest, positions, buffers.coefficients)
  copyTile(buffers.coefficients, 192, tile, coefficients, fine)
  if (!cleanUp) return
  engine.rectify(h, null, cleanUp.trunkShift, grid.channels, tile, false, input)
  engine.conv1x1(cleanUp.fromTrunk, input, positions, 'accumulate', buffers.trunk)
  copyTile(buffers.trunk, cleanUp.fromTrunk.outputs, tile, trunk, fine)
}

function copyTile(from: Numbers, channels: number, tile: Tile, to: Numbers, fine: Size): void {
  const row = tile.width * channels
  for (let y = 0; y < tile.height; y++) {
    to.set(from.subarray(y * row, (y + 1) * row), ((tile.y + y) * fine.width + tile.x) * channels)
  }
}
