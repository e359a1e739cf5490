/** From one grid to another of half or double its sides. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { Operations } from '../operations.js'

/**
 * Every position becomes 2×2: x [batch, height, width, 4·channels] → [batch, 2·height, 2·width, channels]. For channel c
 * and offsets dy, dx: index (2·dy + dx)·channels + c. (depthToSpace, which has no gradient.)
 */
export function flattened({ tf }: Operations, x: Tensor): Tensor {
  const [batch, height, width, all] = x.shape as [number, number, number, number]
  const channels = all / 4
  const split = tf.reshape(x, [batch * height, width, 2, 2 * channels])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch, 2 * height, 2 * width, channels])
}

/** The inverse of `flattened`. */
export function deepened({ tf }: Operations, x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number]
  const split = tf.reshape(x, [(batch * height) / 2, 2, width / 2, 2 * channels])
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch, height / 2, width / 2, 4 * channels])
}

/** Planes [batch, planes, height, width] at double their sides, bilinear, edges repeated: weights 9, 3, 3, 1 of 16. */
export function doubled({ tf, transform }: Operations, picture: Tensor): Tensor {
  const [batch, planes, height, width] = picture.shape as [number, number, number, number]
  const rows = tf.reshape(picture, [batch * planes * height, width])
  const across = tf.reshape(transform(rows, doubling(tf, width)), [batch * planes, height, 2 * width])
  const columns = tf.reshape(tf.transpose(across, [0, 2, 1]), [batch * planes * 2 * width, height])
  const all = tf.reshape(transform(columns, doubling(tf, height)), [batch, planes, 2 * width, 2 * height])
  return tf.transpose(all, [0, 1, 3, 2])
}

/** [side, 2·side]: columns have ¾ of the sample that they lie in and ¼ of its neighbour on that side. */
function doubling(tf: Operations['tf'], side: number): Tensor {
  const matrix = new Float32Array(side * 2 * side)
  for (let i = 0; i < 2 * side; i++) {
    const own = i >> 1
    const other = Math.min(side - 1, Math.max(0, i % 2 === 0 ? own - 1 : own + 1))
    matrix[own * 2 * side + i] += 0.75
    matrix[other * 2 * side + i] += 0.25
  }
  return tf.tensor2d(matrix, [side, 2 * side])
}

/** Pictures [batch, height, width, components] → planes at a part of their sides: means of scale × scale. No gradient. */
export const shrunk = ({ tf }: Operations, pictures: Tensor, scale: number): Tensor =>
  tf.transpose(scale === 1 ? pictures : tf.avgPool(pictures as Tensor4D, scale, scale, 'valid'), [0, 3, 1, 2])
