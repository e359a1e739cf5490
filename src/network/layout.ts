/** Grids and tiles of a picture (SPEC 6.0): how many positions, and which of them are walked together. */
import type { Size } from '../engine/engine.js'

/** Positions of the fine grid that are walked together: one stream. */
export type Tile = Readonly<{ x: number; y: number }> & Size

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
