/** Grids and tiles of a picture (SPEC 6.0): how many positions, and which of them are walked together. */
import type { Size } from '../engine/engine.js'

/** A rectangle, of positions of the fine grid or of pixels; x and y are those of its first one. */
export type Area = Readonly<{ x: number; y: number }> & Size

/** Positions that are walked together: one stream. Its first is a multiple of 8 both ways: tile sides are of 64 pixels. */
export type Tile = Area

export type Layout = Readonly<{
  /** Pixels. */
  width: number
  height: number
  /** Fine grid: one position per 8×8 pixels, the last ones partly outside. */
  fine: Size
  /** Coarse grid: one position per 8×8 fine positions. */
  coarse: Size
  /** In raster order. */
  tiles: readonly Tile[]
}>

/**
 * @param tileSide in pixels, a multiple of 64; 0: the whole picture is one tile
 * @example layoutOf(768, 512, 0).fine // { width: 96, height: 64 }
 */
export function layoutOf(width: number, height: number, tileSide: number): Layout {
  const fine = { width: Math.ceil(width / 8), height: Math.ceil(height / 8) }
  const coarse = { width: Math.ceil(fine.width / 8), height: Math.ceil(fine.height / 8) }
  const side = tileSide === 0 ? Math.max(fine.width, fine.height) : tileSide / 8
  const tiles: Tile[] = []
  for (let y = 0; y < fine.height; y += side) {
    for (let x = 0; x < fine.width; x += side) {
      tiles.push({ x, y, width: Math.min(side, fine.width - x), height: Math.min(side, fine.height - y) })
    }
  }
  return { width, height, fine, coarse, tiles }
}

/** Positions beyond an area that its pixels depend on: the lapped transform reaches 4 pixels, the clean-up 6 (SPEC 7). */
export const PIXEL_REACH = 2
/** Positions beyond an area that its coefficients depend on: the lapped transform again. */
export const COEFFICIENT_REACH = 1

/**
 * An area and what is beside it, as far as the picture goes.
 * @param reach positions more on each side
 * @example widened({ x: 0, y: 8, width: 8, height: 8 }, 2, { width: 32, height: 16 }) // x 0, y 6, width 10, height 10
 */
export function widened({ x, y, width, height }: Area, reach: number, fine: Size): Area {
  const [left, top] = [Math.max(0, x - reach), Math.max(0, y - reach)]
  const right = Math.min(fine.width, x + width + reach)
  const bottom = Math.min(fine.height, y + height + reach)
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/**
 * The pixels of an area: the last positions lie partly outside the picture.
 * @example pixelsOf({ x: 1, y: 0, width: 1, height: 1 }, layoutOf(10, 10, 0)) // x 8, y 0, width 2, height 8
 */
export function pixelsOf(area: Area, { width, height }: Layout): Area {
  const [x, y] = [area.x * 8, area.y * 8]
  return { x, y, width: Math.min(area.width * 8, width - x), height: Math.min(area.height * 8, height - y) }
}

/**
 * The positions that pixels lie in.
 * @example positionsOf({ x: 7, y: 8, width: 2, height: 8 }) // x 0, y 1, width 2, height 1
 */
export function positionsOf({ x, y, width, height }: Area): Area {
  const [left, top] = [x >> 3, y >> 3]
  return { x: left, y: top, width: Math.ceil((x + width) / 8) - left, height: Math.ceil((y + height) / 8) - top }
}

/** Positions that two areas share; null if none. */
export function overlap(a: Area, b: Area): Area | null {
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)]
  const width = Math.min(a.x + a.width, b.x + b.width) - x
  const height = Math.min(a.y + a.height, b.y + b.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : null
}
