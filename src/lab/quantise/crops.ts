/** Small crops of pictures for calibration and comparison: floats are slow. */
import { cropped } from '../../codec/pixels.js'
import type { Picture } from '../../network/picture.js'

/**
 * A square crop, its corner spread over the picture by a counter, so that many pictures show many places.
 * @returns the whole picture if it is smaller
 * @example pictures.map((picture, i) => cropOf(picture, 128, i))
 */
export function cropOf({ width, height, components, data }: Picture, side: number, counter: number): Picture {
  const [w, h] = [Math.min(side, width), Math.min(side, height)]
  // Golden ratio steps: any number of corners lies evenly.
  const place = (room: number, step: number): number => Math.floor((room + 1) * ((counter * step) % 1))
  const [left, top] = [place(width - w, 0.6180339887), place(height - h, 0.7548776662)]
  const area = { x: left, y: top, width: w, height: h }
  return { width: w, height: h, components, data: cropped(data, width, components, area) }
}

/**
 * `count` of a list, evenly spaced; all if there are fewer.
 * @example spread([0, 1, 2, 3, 4, 5], 2) // [1, 4]
 */
export const spread = <T>(list: readonly T[], count: number): T[] =>
  Array.from(
    { length: Math.min(count, list.length) },
    (_, i) => list[Math.floor(((i + 0.5) * list.length) / Math.min(count, list.length))],
  )
