/** What training minimises (prototype/photo: loss). */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { squaredError } from './cells.js'
import type { Forward } from './network.js'
import type { Operations } from './operations.js'

export type Loss = Readonly<{
  /** [batch]: (D + λ·bits) / pixels, D the squared error over R, G and B; plain: D / pixels. */
  cost: Tensor
  /**
   * [batch], what only helps training: D without the clean-up, and what each layer leaves of its own band, at inner nodes
   * too; / pixels.
   */
  aid: Tensor
}>

/** @example const { cost, aid } = lossOf(operations, forward(operations, structure, weights, rgb, [5])) */
export function lossOf(operations: Operations, result: Forward): Loss {
  const { tf } = operations
  const { opponent, out, linear, logLambda, bits, left, inner, isPlain } = result
  const pixels = opponent.shape[1]! * opponent.shape[2]!
  const row = (planes: Tensor): Tensor => tf.reshape(planes, [1, planes.size])
  const target = row(opponent)
  const error = (planes: Tensor): Tensor => squaredError(operations, row(planes), target, opponent.shape[0])
  const aids = [...left, ...inner].reduce((a, b) => tf.add(a, b), error(linear))
  return {
    cost: tf.mul(isPlain ? error(out) : tf.add(error(out), tf.mul(tf.exp(logLambda), bits)), 1 / pixels),
    aid: tf.mul(aids, 1 / pixels),
  }
}

/**
 * The number to differentiate: mean of (cost + weight·aid) / usual, or what some pictures of a batch add to it.
 * @param usual [batch]: the usual cost at each picture's λ, so that every rate weighs the same; without a gradient
 * @param weight of the aids
 * @param batch pictures that it is the mean of
 */
export function objective(
  { tf }: Operations,
  { cost, aid }: Loss,
  usual: Tensor,
  weight: number,
  batch = usual.size,
): Scalar {
  return tf.sum(tf.mul(tf.add(cost, tf.mul(aid, weight)), tf.div(1 / batch, usual)))
}
