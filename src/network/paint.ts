/** From walked tiles to planes (SPEC 7.4, 7.5), of any area: it needs `PIXEL_REACH` more on each side. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { cleanUpPlanes } from './cleanUp.js'
import { copyArea } from './coarse.js'
import type { Area, Layout } from './layout.js'
import type { CellGridModel } from './model.js'
import type { Scratch } from './scratch.js'
import { sharing } from './shares.js'
import { synthesisePlanes } from './synthesis.js'
import type { Walked } from './tile.js'

/** Planes [8·height, 8·width] in 1/8; `linear`: before the clean-up. */
export type Painted = Readonly<{ linear: readonly Numbers[]; planes: readonly [Numbers, Numbers, Numbers] }>

/** What became of a tile, or of some rows of it. */
export type Piece = Readonly<{ area: Area; walked: Walked }>

/**
 * Puts together what walked tiles have of an area: a copy, for another thread to take.
 * @param pieces that cover the area
 * @param tiles of the picture: of one tile, which no other thread gets, the whole is not copied
 * @example const whole = cutOut(engine, model, { x: 0, y: 0, ...layout.fine }, pieces, layout)
 */
export function cutOut(
  engine: Pick<Engine, 'allocate'>,
  { cleanUp }: Pick<CellGridModel, 'cleanUp'>,
  area: Area,
  pieces: readonly Piece[],
  { tiles }: Pick<Layout, 'tiles'>,
): Walked {
  const { width, height } = area
  const [first] = pieces
  if (tiles.length === 1 && width === first.area.width && height === first.area.height) return first.walked
  const channels = cleanUp?.fromTrunk.inputs ?? 0
  const coefficients = engine.allocate('int16', width * height * 192)
  const trunk = engine.allocate('int16', width * height * channels)
  for (const { area: own, walked } of pieces) {
    copyArea(walked.coefficients, own, coefficients, area, 192)
    copyArea(walked.trunk, own, trunk, area, channels)
  }
  return { coefficients, trunk }
}

/**
 * The rows of a piece from a row on, if they are half of it at most: then their copy is worth the memory of the rest.
 * @param y row of positions of the picture
 * @returns the piece itself, or a copy; null if nothing is left
 */
export function belowOf(piece: Piece, y: number): Piece | null {
  const { area, walked } = piece
  const left = area.y + area.height - y
  if (left <= 0) return null
  if (2 * left > area.height) return piece
  const below = (array: Numbers): Numbers => array.slice((array.length / area.height) * (area.height - left))
  return {
    area: { ...area, y, height: left },
    walked: { coefficients: below(walked.coefficients), trunk: below(walked.trunk) },
  }
}

/**
 * Synthesis and clean-up of a whole picture, or of an area: then what lies within two positions of an edge that is none
 * of the picture is not what it is in the whole.
 * @param walked of the positions of `size`
 * @param scratch as of `synthesisePlanes`
 * @returns a generator that yields the share done, 0…1
 * @example const { planes } = yield* paint(engine, model, walked, layout.fine)
 */
export function* paint(
  engine: Engine,
  { cleanUp }: Pick<CellGridModel, 'cleanUp'>,
  walked: Walked,
  size: Size,
  scratch?: Scratch,
): Generator<number, Painted> {
  const linear = synthesisePlanes(engine, walked.coefficients, size, scratch) // 7.4
  yield 0.5
  if (!cleanUp) return { linear, planes: linear }
  const strips = cleanUpPlanes(engine, cleanUp, linear, walked.trunk, size) // 7.5
  return { linear, planes: yield* sharing(strips, (share) => 0.5 + share / 2) }
}
