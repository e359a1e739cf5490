/** The network of a whole-image layer up to its heads (SPEC 6.9): blocks at one resolution, or a UNet over several. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { TRUNK_MAX } from '../engine/limits.js'
import { runBlock } from './block.js'
import type { Level } from './wholeModel.js'

/** What a body writes to: arrays that have room for the largest level. */
export type BodyState = Readonly<{
  /** Trunks of the levels, [positions, channels] each, 1/256; the first is the stage's own. */
  trunks: readonly Numbers[]
  input: Numbers
  /** [positions / 4, 4 · channels] */
  folded: Numbers
  hidden: Numbers
  /** int32 [positions / 4, 4 · channels] */
  wide: Numbers
}>

const half = ({ width, height }: Size): Size => ({ width: width / 2, height: height / 2 })

/**
 * Runs a layer's blocks: down to the last level, and back up.
 * @param d the level at hand
 * @param size of its grid
 * @example runLevels(engine, layer.levels, 0, stage.size, state)
 */
export function runLevels(engine: Engine, levels: readonly Level[], d: number, size: Size, state: BodyState): void {
  const { channels, down, up, next } = levels[d]
  const { trunks, input, folded, hidden, wide } = state
  const h = trunks[d]
  const blockState = { h, input, hidden, size, s: 0 }
  for (const block of down) runBlock(engine, block, blockState)
  if (!next) return
  const below = half(size)
  engine.rectify(h, null, next.downShift, channels, size, false, input)
  fold(input, channels, below, folded)
  const lower = trunks[d + 1].fill(0)
  engine.conv1x1(next.to, folded, below.width * below.height, 'accumulate', lower)
  runLevels(engine, levels, d + 1, below, state)
  engine.rectify(lower, null, next.upShift, next.from.inputs, below, false, input)
  engine.conv1x1(next.from, input, below.width * below.height, 'wide', wide)
  addUnfolded(wide, channels, below, h)
  for (const block of up) runBlock(engine, block, blockState)
}

/**
 * Space to depth: 2×2 positions become one.
 * @param x [2·height, 2·width, channels]
 * @param size of the smaller grid
 * @param out [height, width, 4·channels], channel c of the position (dy, dx) at (2·dy + dx)·channels + c
 * @example fold(Int16Array.of(1, 2, 3, 4), 1, { width: 1, height: 1 }, out) // 1, 2, 3, 4
 */
export function fold(x: Numbers, channels: number, { width, height }: Size, out: Numbers): void {
  let to = 0
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      for (let dy = 0; dy < 2; dy++) {
        // The two positions of a row lie side by side.
        const from = ((2 * y + dy) * 2 * width + 2 * column) * channels
        for (let i = 0; i < 2 * channels; i++) out[to++] = x[from + i]
      }
    }
  }
}

/**
 * Depth to space, added to a trunk: h ← h ⊕ y, the inverse order of `fold`.
 * @param y [height, width, 4·channels] int32; |y| < 2^31 − 2^16, so the sum has 32 bits
 * @param size of the smaller grid
 * @param h [2·height, 2·width, channels]
 */
export function addUnfolded(y: Numbers, channels: number, { width, height }: Size, h: Numbers): void {
  let from = 0
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let dy = 0; dy < 2; dy++) {
        const to = ((2 * row + dy) * 2 * width + 2 * column) * channels
        for (let i = 0; i < 2 * channels; i++) h[to + i] = saturated(h[to + i] + y[from++])
      }
    }
  }
}

export const saturated = (x: number): number => (x < -TRUNK_MAX ? -TRUNK_MAX : x > TRUNK_MAX ? TRUNK_MAX : x)
