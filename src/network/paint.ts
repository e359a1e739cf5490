/** From walked tiles to planes (SPEC 7.4, 7.5), of any area: it needs `PIXEL_REACH` more on each side. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { cleanUpPlanes } from './cleanUp.js'
import { copyArea } from './coarse.js'
import { overlap, type Area, type Layout } from './layout.js'
import type { CellGridModel } from './model.js'
import { sharing } from './shares.js'
import { synthesisePlanes } from './synthesis.js'
import type { Walked } from './tile.js'

/** Planes [8·height, 8·width] in 1/8; `linear`: before the clean-up. */
export type Painted = Readonly<{ linear: readonly Numbers[]; planes: readonly [Numbers, Numbers, Numbers] }>

/**
 * Puts together what the tiles have of an area: a copy, but of all of a picture that is one tile.
 * @param walkedOf what became of a tile, by its index; asked for those that the area meets
 * @example const whole = cutOut(engine, model, layout, { x: 0, y: 0, ...layout.fine }, (tile) => walked[tile])
 */
export function cutOut(
  engine: Pick<Engine, 'allocate'>,
  { cleanUp }: Pick<CellGridModel, 'cleanUp'>,
  { tiles }: Layout,
  area: Area,
  walkedOf: (tile: number) => Walked,
): Walked {
  const { width, height } = area
  const met = tiles.flatMap((tile, index) => (overlap(tile, area) ? [[tile, walkedOf(index)] as const] : []))
  const [[first, walked]] = met
  if (tiles.length === 1 && width === first.width && height === first.height) return walked
  const channels = cleanUp?.fromTrunk.inputs ?? 0
  const coefficients = engine.allocate('int16', width * height * 192)
  const trunk = engine.allocate('int16', width * height * channels)
  for (const [tile, from] of met) {
    copyArea(from.coefficients, tile, coefficients, area, 192)
    copyArea(from.trunk, tile, trunk, area, channels)
  }
  return { coefficients, trunk }
}

/**
 * Synthesis and clean-up of a whole picture, or of an area: then what lies within two positions of an edge that is none
 * of the picture is not what it is in the whole.
 * @param walked of the positions of `size`
 * @returns a generator that yields the share done, 0…1
 * @example const { planes } = yield* paint(engine, model, walked, layout.fine)
 */
export function* paint(
  engine: Engine,
  { cleanUp }: Pick<CellGridModel, 'cleanUp'>,
  walked: Walked,
  size: Size,
): Generator<number, Painted> {
  const linear = synthesisePlanes(engine, walked.coefficients, size) // 7.4
  yield 0.5
  if (!cleanUp) return { linear, planes: linear }
  const strips = cleanUpPlanes(engine, cleanUp, linear, walked.trunk, size) // 7.5
  return { linear, planes: yield* sharing(strips, (share) => 0.5 + share / 2) }
}
