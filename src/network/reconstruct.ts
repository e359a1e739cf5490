/**
 * A whole picture in one go, top to bottom in the specification's order (SPEC 6 and 7): coarse walk, DC planes, fine walk
 * of every tile, closing layer, synthesis, clean-up. The codec takes the same parts, tile by tile and strip by strip.
 */
import type { Engine } from '../engine/engine.js'
import type { CellCandidates } from './candidates.js'
import { coarseOfTile, walkCoarse } from './coarse.js'
import type { WalkState } from './gridWalk.js'
import type { Layout } from './layout.js'
import type { CellGridModel } from './model.js'
import { cutOut, paint, type Painted, type Piece } from './paint.js'
import { sharing } from './shares.js'
import { walkTile } from './tile.js'
import type { Guide } from './walk.js'

/** What to reconstruct; `fineLayers` is normative, read from the file's header. */
export type Task = Readonly<{ layout: Layout; s: number; fineLayers: number }>

/**
 * The guide of a walk: of the coarse one (tile null) or of a tile. Without a guide no layer is run (an empty stream).
 */
export type GuideOf = (tile: number | null) => Guide<CellCandidates> | null

/** Told after every layer of every walk; for parity with the prototype. */
export type Observer = (state: WalkState, tile: number | null) => void

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
  { layout, s, fineLayers }: Task,
  guideOf: GuideOf,
  observe?: Observer,
): Generator<number, Painted> {
  const { fine, tiles } = layout
  const steps = model.coarse.layers.length / 64 + tiles.length * (fineLayers + 1) + 2
  let done = 0
  /** A part whose steps are so long. */
  const counted = <Result>(part: Generator<unknown, Result>, each: number): Generator<number, Result> =>
    sharing(part, () => (done += each) / steps)

  const top = (state: WalkState): void => observe?.(state, null)
  const coarse = yield* counted(walkCoarse(engine, model, layout, s, guideOf(null), top), 1 / 64)
  const pieces: Piece[] = []
  for (const [index, tile] of tiles.entries()) {
    const own = tiles.length === 1 ? coarse : coarseOfTile(engine, coarse, model, layout, tile)
    const tell = (state: WalkState): void => observe?.(state, index)
    const task = { s, fineLayers, size: tile }
    const walked = yield* counted(walkTile(engine, model, task, own, guideOf(index), tell), 1)
    pieces.push({ area: tile, walked })
    yield (done += 1) / steps
  }
  const whole = cutOut(engine, model, { x: 0, y: 0, ...fine }, pieces, layout)
  return yield* sharing(paint(engine, model, whole, fine), (share) => (done + 2 * share) / steps)
}
