/** The residual block of every network: a 3×3 and a 1×1 convolution on the trunk (SPEC 6.1). */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { TRUNK_MAX } from '../engine/limits.js'
import type { Block } from './model.js'

/** A trunk, and what its convolutions need besides. */
export type BlockState = Readonly<{
  /** The trunk [positions, channels], 1/256. */
  h: Numbers
  /** [height + 2, width + 2, channels] at least. */
  input: Numbers
  /** [positions, hidden channels] at least. */
  hidden: Numbers
  size: Size
  /** Step of λ, 0…73; blocks without a λ bias do not ask for it. */
  s: number
}>

/**
 * h ← h + output(ReLU(hidden(ReLU(h + λ bias)))), saturated.
 * @example runBlock(engine, layer.block, state)
 */
export function runBlock(engine: Engine, block: Block, { h, input, hidden, size, s }: BlockState): void {
  const bias = block.lambda && engine.lambdaBias(block.lambda, s)
  engine.rectify(h, bias, block.inputShift, block.hidden.inputs, size, true, input)
  engine.conv3x3(block.hidden, input, size, 'activation', hidden)
  engine.conv1x1(block.output, hidden, size.width * size.height, 'accumulate', h)
}

/** What a trunk holds of a number. @example saturated(-40000) // -32512 */
export const saturated = (x: number): number => (x < -TRUNK_MAX ? -TRUNK_MAX : x > TRUNK_MAX ? TRUNK_MAX : x)
