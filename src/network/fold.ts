/** Space to depth and back (SPEC 6.9): side × side positions of a grid are one position of more channels. */
import type { Numbers, Size } from '../engine/engine.js'

/**
 * Goes through both orders at once, in that of the folded one: the positions of a row of a patch lie side by side in both.
 * @param size of the folded grid
 * @param run numbers of such a row: side · channels
 * @param visit told where it begins in [side·height, side·width, channels], and in [height, width, side²·channels]
 */
export function forEachRun(
  { width, height }: Size,
  run: number,
  side: number,
  visit: (flat: number, folded: number) => void,
): void {
  let folded = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let dy = 0; dy < side; dy++, folded += run) visit(((side * y + dy) * width + x) * run, folded)
    }
  }
}

/**
 * Space to depth.
 * @param x [side·height, side·width, channels]
 * @param size of the folded grid
 * @param out [height, width, side²·channels], channel c of the position (dy, dx) at (side·dy + dx)·channels + c
 * @example fold(Int16Array.of(1, 2, 3, 4), 1, { width: 1, height: 1 }, out, 2) // 1, 2, 3, 4
 */
export function fold(x: Numbers, channels: number, size: Size, out: Numbers, side: number): void {
  const run = side * channels
  forEachRun(size, run, side, (flat, folded) => {
    for (let i = 0; i < run; i++) out[folded + i] = x[flat + i]
  })
}

/**
 * Depth to space, the inverse of `fold`.
 * @param x [height, width, side²·channels]
 * @param size of the folded grid
 * @param out [side·height, side·width, channels]
 */
export function unfold(x: Numbers, channels: number, size: Size, out: Numbers, side: number): void {
  const run = side * channels
  forEachRun(size, run, side, (flat, folded) => {
    for (let i = 0; i < run; i++) out[flat + i] = x[folded + i]
  })
}
