/** Encoder only: what the walk should reach, from the picture. */
import type { Engine, Numbers } from '../engine/engine.js'
import { toOpponent } from './colour.js'
import { analyse } from './lapped.js'
import type { Layout, Tile } from './layout.js'
import type { Grid, CellGridModel } from './model.js'
import type { Picture } from './picture.js'

/** Coefficients that a walk should reach, int32 [positions, order.length] in 1/64: the coarse one (tile null), a tile's. */
export type TargetOf = (tile: number | null) => Numbers

/**
 * Analyses a picture: opponent colours, lapped transform, and the DC planes once more (SPEC 6.8, 7 backwards).
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
  { fine, coarse, tiles }: Layout,
): TargetOf {
  const fineCoefficients = planes.map((plane) => analyse(plane, fine.width * 8, fine.height * 8))
  const coarseCoefficients = fineCoefficients.map((coefficients) => {
    const dc = replicatedDc(coefficients, fine.width, fine.height, coarse.width * 8, coarse.height * 8)
    return analyse(dc, coarse.width * 8, coarse.height * 8)
  })
  return (tile) =>
    tile === null
      ? gather(engine, model.coarse, coarseCoefficients, { x: 0, y: 0, ...coarse }, coarse.width)
      : gather(engine, model.fine, fineCoefficients, tiles[tile], fine.width)
}

/** DC coefficients as a plane, replicated to multiples of 8. */
function replicatedDc(
  coefficients: Float64Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Float64Array {
  const out = new Float64Array(toWidth * toHeight)
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      out[y * toWidth + x] = coefficients[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 64]
    }
  }
  return out
}

function gather(engine: Engine, { order }: Grid, planes: readonly Float64Array[], tile: Tile, across: number): Numbers {
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
