/** What a layer's choices are: the guide, the bits of a path, and where a path stands in the tables. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayerStructure, Structure } from '../../network/structure.js'
import { FLOOR, type Operations } from './operations.js'

/** λ of every picture of a batch. */
export type Rates = Readonly<{
  /** [batch] */
  logLambda: Tensor
  /** [batch, 2]: (ln λ − 5)/2 and its square, the inputs of λ biases. */
  inputs: Tensor
  /** All candidates cost the same, and the prior is not run. */
  isPlain: boolean
}>

/** Is the network trained for the plain profile alone? */
export const isPlain = ({ profiles }: Pick<Structure, 'profiles'>): boolean => !profiles.includes('entropy')

/** What candidates and their prior come from. */
export type Predicted = Readonly<{
  /** [r, positions] in grey levels. */
  mean: Tensor
  sigma: Tensor
  /** [r, positions, rows] in nats; null where choices cost the same. */
  logits: Tensor | null
}>

/** Rows of a layer's tables: one for each child of every inner node, K + K² + … + Kⁿ. */
export const tableRows = (K: number, n: number): number => (K ** (n + 1) - K) / (K - 1)

/** A number of each picture at each of its positions: [1, batch·positions]. */
export function perPosition({ tf }: Operations, numbers: Tensor, positions: number): Tensor {
  return tf.reshape(tf.tile(tf.reshape(numbers, [numbers.size, 1]), [1, positions]), [1, numbers.size * positions])
}

/**
 * The leaf of least D + λ·bits of every cell; ties to the lowest index. Not differentiable.
 * @param balance [r, leaves]: added to D in units of σ² (usage.ts)
 */
export function cheapest(
  operations: Operations,
  { K, n }: LayerStructure,
  { mean, sigma, logits }: Predicted,
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
  // (error + σu)², less error², which is the same for all leaves.
  const distances = tf.matMul(
    tf.stack([tf.mul(tf.mul(error, sigma), 2), tf.square(sigma)], 2),
    tf.stack([u, balance ? tf.add(tf.square(u), balance) : tf.square(u)], 1),
  )
  if (!logits) return tf.argMin(distances, 2)
  const price = perPosition(operations, tf.mul(tf.exp(logLambda), 1 / Math.LN2), positions / logLambda.size)
  const logPrior = logPriorOfLeaves(operations, K, n, logits)
  return tf.argMin(tf.sub(distances, tf.mul(tf.reshape(price, [1, positions, 1]), logPrior)), 2)
}

/** ln p of every leaf, the product along its path: [r, positions, Kⁿ]. */
function logPriorOfLeaves({ tf }: Operations, K: number, n: number, logits: Tensor): Tensor {
  const [r, positions] = logits.shape
  let total: Tensor | null = null
  for (let depth = 1; depth <= n; depth++) {
    const nodes = K ** (depth - 1)
    const rows = tf.slice(logits, [0, 0, tableRows(K, depth - 1)], [r, positions, K * nodes])
    const p = tf.add(tf.mul(tf.softmax(tf.reshape(rows, [r, positions, nodes, K])), 1 - K * FLOOR), FLOOR)
    const log: Tensor = tf.log(p)
    const sum: Tensor = total ? tf.add(tf.reshape(total, [r, positions, nodes, 1]), log) : log
    total = tf.reshape(sum, [r, positions, K * nodes])
  }
  return total!
}

/** −log₂ p of the path of every cell, [r, positions]; n·log₂ K if there is no prior. */
export function pathBits(
  { tf, take, choiceBits }: Operations,
  { K, n }: LayerStructure,
  logits: Tensor | null,
  leaf: Tensor,
): Tensor {
  const [r, positions] = leaf.shape
  if (!logits) return tf.fill([r, positions], n * Math.log2(K))
  const cells = r * positions
  const flat = tf.reshape(leaf, [cells])
  const passed = (depth: number): Tensor => tf.floorDiv(flat, tf.scalar(K ** (n - depth), 'int32'))
  let bits: Tensor | null = null
  for (let depth = 1; depth <= n; depth++) {
    const nodes = K ** (depth - 1)
    const rows = tf.reshape(tf.slice(logits, [0, 0, tableRows(K, depth - 1)], [r, positions, K * nodes]), [
      cells * nodes,
      K,
    ])
    const parent = depth === 1 ? null : passed(depth - 1)
    const own = parent ? take(rows, tf.add(parent, tf.range(0, cells * nodes, nodes, 'int32'))) : rows
    const child = parent ? tf.sub(passed(depth), tf.mul(parent, tf.scalar(K, 'int32'))) : passed(depth)
    const spent: Tensor = choiceBits(own, child)
    bits = bits ? tf.add(bits, spent) : spent
  }
  return tf.reshape(bits!, [r, positions])
}

/** Index into the flat table [r·rows] of the node of that depth that each path passes. */
export function tableIndex({ tf }: Operations, { K, n }: LayerStructure, leaf: Tensor, depth: number): Tensor {
  const [r] = leaf.shape
  const rows = tableRows(K, n)
  const first = tf.reshape(tf.range(tableRows(K, depth - 1), r * rows, rows, 'int32'), [r, 1])
  return tf.reshape(tf.add(tf.floorDiv(leaf, tf.scalar(K ** (n - depth), 'int32')), first), [leaf.size])
}

/** [1, positions]: 1 at the positions of the half-pass; null for all. */
export function halfPass(
  { tf }: Operations,
  { cells }: LayerStructure,
  batch: number,
  height: number,
  width: number,
): Tensor | null {
  if (cells === 'all') return null
  const parity = cells === 'odd' ? 1 : 0
  const one = Float32Array.from({ length: height * width }, (_, i) =>
    ((i % width) + Math.floor(i / width)) % 2 === parity ? 1 : 0,
  )
  return tf.tile(tf.tensor2d(one, [1, height * width]), [1, batch])
}
