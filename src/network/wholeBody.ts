/** The network of a whole-image layer up to its heads (SPEC 6.9): blocks at one resolution, or a UNet over several. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { runBlock, saturated } from './block.js'
import { fold, forEachRun } from './fold.js'
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
  fold(input, channels, below, folded, 2)
  const lower = trunks[d + 1].fill(0)
  engine.conv1x1(next.to, folded, below.width * below.height, 'accumulate', lower)
  runLevels(engine, levels, d + 1, below, state)
  engine.rectify(lower, null, next.upShift, next.from.inputs, below, false, input)
  engine.conv1x1(next.from, input, below.width * below.height, 'wide', wide)
  addUnfolded(wide, channels, below, h)
  for (const block of up) runBlock(engine, block, blockState)
}

/**
 * Depth to space, added to a trunk: h ← h ⊕ y, the inverse order of `fold`.
 * @param y [height, width, 4·channels] int32; |y| < 2^31 − 2^16, so the sum has 32 bits
 * @param size of the smaller grid
 * @param h [2·height, 2·width, channels]
 */
export function addUnfolded(y: Numbers, channels: number, size: Size, h: Numbers): void {
  const run = 2 * channels
  forEachRun(size, run, 2, (flat, folded) => {
    for (let i = 0; i < run; i++) h[flat + i] = saturated(h[flat + i] + y[folded + i])
  })
}
