/** Encoder only: what the walk should reach, from the picture (SPEC 6.8, 7 backwards). */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { toOpponent } from './colour.js'
import { analyse } from './lapped.js'
import type { Area, Layout } from './layout.js'
import type { CellGridModel, Grid } from './model.js'
import type { Picture } from './picture.js'
import type { Scratch } from './scratch.js'

/** Coefficients that a walk should reach, int32 [positions, order.length] in 1/64: the coarse one (tile null), a tile's. */
export type TargetOf = (tile: number | null) => Numbers

/** Coefficients of positions, by plane: [positions, 64]. */
export type Analysed = readonly Float64Array[]

/**
 * Analyses a picture: opponent colours, lapped transform, and the DC planes once more.
 * @param picture of the layout's size
 * @throws {DdncError} BadOption if the picture is larger than the layout
 * @example const targetOf = targetsOf(engine, picture, model, layoutOf(picture.width, picture.height, 0))
 *   const guide = nearest(targetOf(null))
 */
export const targetsOf = (engine: Engine, picture: Picture, model: CellGridModel, layout: Layout): TargetOf =>
  coefficientsOf(engine, toOpponent(picture, layout.fine.width * 8, layout.fine.height * 8), model, layout)

/**
 * Coefficients of opponent planes.
 * @param planes three Float64Array[8·fine.height, 8·fine.width] in grey levels
 * @example coefficientsOf(engine, toOpponent(picture, 8, 8), model, layoutOf(8, 8, 0))(null) // 192 numbers
 */
export function coefficientsOf(
  engine: Engine,
  planes: readonly Float64Array[],
  model: CellGridModel,
  layout: Layout,
): TargetOf {
  const { fine, tiles } = layout
  const analysed = planes.map((plane) => analyse(plane, fine.width * 8, fine.height * 8))
  const whole = { x: 0, y: 0, ...fine }
  const dc = analysed.map((plane) => dcOf(plane, whole, whole))
  return (tile) =>
    tile === null ? coarseTarget(engine, model, dc, layout) : fineTarget(engine, model, analysed, whole, tiles[tile])
}

/**
 * Coefficients of an area: those of its outermost positions are not what they are in the whole picture.
 * @param picture its pixels
 * @param scratch where they lie
 * @example const analysed = analyseArea(part, widened(tile, COEFFICIENT_REACH, fine), scratch)
 */
export function analyseArea(picture: Picture, { width, height }: Size, scratch: Scratch): Analysed {
  return toOpponent(picture, width * 8, height * 8, scratch).map((plane, index) =>
    analyse(plane, width * 8, height * 8, scratch(`coefficients ${index}`, plane.length)),
  )
}

/**
 * The DC coefficients of a plane, one a position.
 * @param analysed of the area `given`
 * @param area within it
 */
export function dcOf(analysed: Float64Array, given: Area, area: Area): Float64Array {
  const dc = new Float64Array(area.width * area.height)
  for (let y = 0; y < area.height; y++) {
    let from = ((area.y + y - given.y) * given.width + area.x - given.x) * 64
    for (let x = 0; x < area.width; x++, from += 64) dc[y * area.width + x] = analysed[from]
  }
  return dc
}

/**
 * Target of the coarse walk.
 * @param dc planes of DC coefficients, a number for every fine position
 */
export function coarseTarget(
  engine: Engine,
  model: CellGridModel,
  dc: readonly Float64Array[],
  { fine, coarse }: Layout,
): Numbers {
  const [width, height] = [coarse.width * 8, coarse.height * 8]
  const analysed = dc.map((plane) => analyse(replicated(plane, fine, { width, height }), width, height))
  const whole = { x: 0, y: 0, ...coarse }
  return gather(engine, model.coarse, analysed, whole, whole)
}

/**
 * Target of a tile.
 * @param analysed of the area `given`, which the tile lies in
 */
export function fineTarget(engine: Engine, model: CellGridModel, analysed: Analysed, given: Area, tile: Area): Numbers {
  return gather(engine, model.fine, analysed, given, tile)
}

/** The last column and row repeated. */
function replicated(plane: Float64Array, { width, height }: Size, to: Size): Float64Array {
  const out = new Float64Array(to.width * to.height)
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      out[y * to.width + x] = plane[Math.min(y, height - 1) * width + Math.min(x, width - 1)]
    }
  }
  return out
}

function gather(engine: Engine, { order }: Grid, planes: Analysed, given: Area, tile: Area): Numbers {
  const out = engine.allocate('int32', tile.width * tile.height * order.length)
  let to = 0
  for (let y = tile.y - given.y; y < tile.y - given.y + tile.height; y++) {
    for (let x = tile.x - given.x; x < tile.x - given.x + tile.width; x++) {
      const at = (y * given.width + x) * 64
      for (let i = 0; i < order.length; i++) out[to++] = engine.round(64 * planes[order[i] >> 6][at + (order[i] & 63)])
    }
  }
  return out
}
