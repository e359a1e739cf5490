/** The coarse grid of a whole picture (SPEC 6, 7.2), and what it tells the fine grid's tiles (SPEC 6.7). */
import type { Engine, Numbers } from '../engine/engine.js'
import type { CellCandidates } from './candidates.js'
import { openGridWalk, type WalkState } from './gridWalk.js'
import type { Area, Layout } from './layout.js'
import type { CellGridModel } from './model.js'
import { synthesiseDc } from './synthesis.js'
import { walk, type Guide } from './walk.js'

/** Of the whole picture, or cut out for a tile: all that the fine grid sees of the coarse one. */
export type Coarse = Readonly<{
  /** DC planes [fine positions, 3], 1/8. */
  dc: Numbers
  /** The trunk at the walk's end, rectified: input of `entry.up` [coarse positions, channels]. */
  trunk: Numbers
}>

/**
 * Walks the coarse grid.
 * @param guide null: no layer is run
 * @returns a generator that yields the share done, 0…1, after every layer
 * @throws {DdncError} as the guide
 * @example const { dc } = yield* walkCoarse(engine, model, layout, 40, guide)
 */
export function* walkCoarse(
  engine: Engine,
  model: CellGridModel,
  { coarse, fine }: Layout,
  s: number,
  guide: Guide<CellCandidates> | null,
  observe?: (state: WalkState) => void,
): Generator<number, Coarse> {
  const { channels, layers, order } = model.coarse
  const { state } = openGridWalk(engine, model.coarse, coarse, s, layers.length, {})
  let done = 0
  for (const _ of walk(state, guide)) {
    observe?.(state)
    yield (done += 1) / layers.length
  }
  const { h, input, positions, sum } = state
  engine.rectify(h, null, model.entry.upShift, channels, coarse, false, input)
  return { dc: synthesiseDc(engine, order, sum, coarse, fine), trunk: input.slice(0, positions * channels) }
}

/** What a tile needs of it. Copies: another thread may take them. */
export function coarseOfTile(
  engine: Pick<Engine, 'allocate'>,
  whole: Coarse,
  model: CellGridModel,
  layout: Layout,
  tile: Area,
): Coarse {
  const { channels } = model.coarse
  const own = { x: tile.x / 8, y: tile.y / 8, width: Math.ceil(tile.width / 8), height: Math.ceil(tile.height / 8) }
  const dc = engine.allocate('int16', tile.width * tile.height * 3)
  const trunk = engine.allocate('int16', own.width * own.height * channels)
  copyArea(whole.dc, { x: 0, y: 0, ...layout.fine }, dc, tile, 3)
  copyArea(whole.trunk, { x: 0, y: 0, ...layout.coarse }, trunk, own, channels)
  return { dc, trunk }
}

/**
 * Copies what two areas share: both arrays are [positions of their area, channels].
 * @example copyArea(planes, { x: 0, y: 0, width: 8, height: 8 }, part, { x: 4, y: 4, width: 2, height: 2 }, 3)
 */
export function copyArea(from: Numbers, of: Area, to: Numbers, area: Area, channels: number): void {
  const left = Math.max(of.x, area.x)
  const right = Math.min(of.x + of.width, area.x + area.width)
  if (right <= left) return
  const bottom = Math.min(of.y + of.height, area.y + area.height)
  for (let y = Math.max(of.y, area.y); y < bottom; y++) {
    const start = ((y - of.y) * of.width + left - of.x) * channels
    const row = from.subarray(start, start + (right - left) * channels)
    to.set(row, ((y - area.y) * area.width + left - area.x) * channels)
  }
}

/**
 * The picture at an eighth of its sides, out of the DC planes (SPEC 7.7): a flat plane of v has 8v there.
 * @param dc [positions, 3] in 1/8
 * @returns three planes in 1/8
 * @example thumbnailPlanes(Int16Array.of(80, 0, -80)) // [[10], [0], [-10]]
 */
export function thumbnailPlanes(dc: Numbers): [Int16Array, Int16Array, Int16Array] {
  const plane = (index: number): Int16Array =>
    Int16Array.from({ length: dc.length / 3 }, (_, position) => (dc[position * 3 + index] + 4) >> 3)
  return [plane(0), plane(1), plane(2)]
}
