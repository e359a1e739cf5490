/** The guide of training, and what it needs to know of λ. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { CellGridStructure, LayerStructure } from '../../network/structure.js'
import { perPosition } from './cells.js'
import type { Operations } from './operations.js'
import { tableRows } from './paths.js'
import { logsOfLeaves, type Prior } from './prior.js'

/** λ of every picture of a batch. */
export type Rates = Readonly<{
  /** [batch] */
  logLambda: Tensor
  /** [batch, 2]: (ln λ − 5)/2 and its square, the inputs of λ biases. */
  inputs: Tensor
  /** [batch]: (ln λ − 5)/2. */
  t: Tensor
  /** All candidates cost the same, and the prior is not run. */
  isPlain: boolean
}>

/** Is the network trained for the plain profile alone? */
export const isPlain = ({ profiles }: Pick<CellGridStructure, 'profiles'>): boolean => !profiles.includes('entropy')

/**
 * The leaf of least D + λ·bits of every cell, int32 [r, positions]; ties to the lowest index. Not differentiable.
 * @param mean, sigma [r, positions]
 * @param prior null: all cost the same
 * @param nodes [r, rows]
 * @param target [r, positions]
 * @param balance [r, leaves]: added to D in units of σ² (usage.ts)
 */
export function cheapest(
  operations: Operations,
  { K, n }: LayerStructure,
  { mean, sigma }: Readonly<{ mean: Tensor; sigma: Tensor }>,
  prior: Prior | null,
  nodes: Tensor,
  target: Tensor,
  { logLambda }: Rates,
  balance?: Tensor,
): Tensor {
  const { tf } = operations
  const [r, positions] = mean.shape
  const [leaves, rows] = [K ** n, tableRows(K, n)]
  const u = tf.slice(nodes, [0, rows - leaves], [r, leaves])
  const error = tf.sub(mean, target)
  // (error + σu)², less error², which is the same for all leaves; in units of a nat's price.
  const price = perPosition(operations, tf.mul(tf.exp(logLambda), 1 / Math.LN2), positions)
  const slope = tf.mul(error, tf.mul(sigma, 2))
  const distances = tf.matMul(
    tf.stack([u, balance ? tf.add(tf.square(u), balance) : tf.square(u)], 2),
    tf.stack(prior ? [tf.div(slope, price), tf.div(tf.square(sigma), price)] : [slope, tf.square(sigma)], 1),
  )
  const costs = prior ? tf.sub(distances, logsOfLeaves(operations, { K }, prior)) : distances
  // argMin, which is slow over an inner axis: the first leaf that costs the least has the largest rank.
  const isLeast = tf.cast(tf.equal(costs, tf.min(costs, 1, true)), 'float32')
  const ranks = tf.reshape(tf.range(leaves, 0, -1), [1, leaves, 1])
  // Costs that are no numbers equal nothing: then the last.
  return tf.cast(tf.minimum(tf.sub(leaves, tf.max(tf.mul(isLeast, ranks), 1)), leaves - 1), 'int32')
}
