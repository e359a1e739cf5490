/** Encoder only: what the walk should reach, from the picture (SPEC 6.8, 7 backwards). */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { copyArea } from './coarse.js'
import { toOpponent } from './colour.js'
import { analyse } from './lapped.js'
import type { Area, Layout } from './layout.js'
import type { CellGridModel, Grid } from './model.js'
import type { Picture } from './picture.js'

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
  const dc = analysed.map(dcOf)
  return (tile) =>
    tile === null
      ? coarseTarget(engine, model, dc, layout)
      : fineTarget(engine, model, analysed, fine.width, tiles[tile])
}

/**
 * Coefficients of an area.
 * @param picture pixels of `given`
 * @param given the area widened by `COEFFICIENT_REACH`
 * @example const analysed = analyseArea(part, widened(tile, COEFFICIENT_REACH, fine), tile)
 */
export function analyseArea(picture: Picture, given: Area, area: Area): Analysed {
  const [width, height] = [given.width * 8, given.height * 8]
  const planes = toOpponent(picture, width, height).map((plane) => analyse(plane, width, height))
  if (given.width === area.width && given.height === area.height) return planes
  return planes.map((plane) => {
    const part = new Float64Array(area.width * area.height * 64)
    copyArea(plane, given, part, area, 64)
    return part
  })
}

/** The DC coefficients of a plane of `analyseArea`, one a position. */
export const dcOf = (coefficients: Float64Array): Float64Array =>
  Float64Array.from({ length: coefficients.length / 64 }, (_, position) => coefficients[position * 64])

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
  return gather(engine, model.coarse, analysed, { x: 0, y: 0, ...coarse }, coarse.width)
}

/**
 * Target of a tile.
 * @param analysed of any area that begins with the picture or, with `tile` at 0, 0, with the tile
 * @param across positions in a row of `analysed`
 */
export function fineTarget(
  engine: Engine,
  model: CellGridModel,
  analysed: Analysed,
  across: number,
  tile: Area,
): Numbers {
  return gather(engine, model.fine, analysed, tile, across)
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

function gather(engine: Engine, { order }: Grid, planes: Analysed, tile: Area, across: number): Numbers {
  const out = engine.allocate('int32', tile.width * tile.height * order.length)
  let to = 0
  for (let y = tile.y; y < tile.y + tile.height; y++) {
    for (let x = tile.x; x < tile.x + tile.width; x++) {
      const at = (y * across + x) * 64
      for (let i = 0; i < order.length; i++) out[to++] = engine.round(64 * planes[order[i] >> 6][at + (order[i] & 63)])
    }
  }
  return out
}
