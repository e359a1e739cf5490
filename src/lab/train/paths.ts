/** Where the paths of a layer stand in its tables: rows breadth first, one for each child of every inner node. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayerStructure } from '../../network/structure.js'
import type { Operations } from './operations.js'

/** Rows of a layer's tables: one for each child of every inner node, K + K² + … + Kⁿ. */
export const tableRows = (K: number, n: number): number => (K ** (n + 1) - K) / (K - 1)

/** The child of that depth, among all Kᵈᵉᵖᵗʰ, that each path passes: int32 [r, positions]. */
export const passed = ({ tf }: Operations, leaf: Tensor, K: number, n: number, depth: number): Tensor =>
  depth === n ? leaf : tf.floorDiv(leaf, tf.scalar(K ** (n - depth), 'int32'))

/** 1 at the child of that depth that each path passes, else 0: [r, Kᵈᵉᵖᵗʰ, positions]. */
export function oneHot(operations: Operations, leaf: Tensor, K: number, n: number, depth: number): Tensor {
  const { tf } = operations
  const [r, positions] = leaf.shape
  const children = tf.reshape(tf.range(0, K ** depth, 1, 'int32'), [1, K ** depth, 1])
  const own = tf.reshape(passed(operations, leaf, K, n, depth), [r, 1, positions])
  return tf.cast(tf.equal(own, children), 'float32')
}

/** Index into the flat table [r·rows] of the node of that depth that each path passes. */
export function tableIndex(operations: Operations, { K, n }: LayerStructure, leaf: Tensor, depth: number): Tensor {
  const { tf } = operations
  const [r] = leaf.shape
  const rows = tableRows(K, n)
  const first = tf.reshape(tf.range(tableRows(K, depth - 1), r * rows, rows, 'int32'), [r, 1])
  return tf.reshape(tf.add(passed(operations, leaf, K, n, depth), first), [leaf.size])
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
