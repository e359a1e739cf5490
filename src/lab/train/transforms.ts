/** What moves samples and does not learn: pixel shuffles, colour, the lapped transform as matrix products. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { analyse } from '../../network/lapped.js'
import type { Operations } from './operations.js'

/**
 * Every position becomes side × side positions: x [batch, height, width, channels·side²], channel outermost →
 * [batch, height·side, width·side, channels].
 * @example shuffle(operations, x, 2) // channels 0 … 3 are one 2×2 square, row by row
 */
export function shuffle({ tf }: Operations, x: Tensor, side: number): Tensor {
  const [batch, height, width, all] = x.shape
  const channels = all / (side * side)
  const split = tf.reshape(x, [batch * height, width, channels, side, side])
  return tf.reshape(tf.transpose(split, [0, 3, 1, 4, 2]), [batch, height * side, width * side, channels])
}

/** The inverse of `shuffle`. */
export function unshuffle({ tf }: Operations, x: Tensor, side: number): Tensor {
  const [batch, height, width, channels] = x.shape
  const [down, across] = [height / side, width / side]
  const split = tf.reshape(x, [batch * down, side, across, side, channels])
  return tf.reshape(tf.transpose(split, [0, 2, 4, 1, 3]), [batch, down, across, channels * side * side])
}

/** Rows: the opponent axes of SPEC 7.6, orthonormal. */
const OPPONENT = [
  [1, 1, 1],
  [1, 0, -1],
  [1, -2, 1],
].map((row) => row.map((x) => x / Math.hypot(...row)))

/**
 * @param rgb [batch, height, width, 3], 0 … 255
 * @returns opponent planes of x − 128, same shape
 */
export function toOpponent({ tf, transform }: Operations, rgb: Tensor): Tensor {
  const columns = [0, 1, 2].map((i) => OPPONENT.map((row) => row[i]))
  return tf.reshape(transform(tf.reshape(tf.sub(rgb, 128), [rgb.size / 3, 3]), tf.tensor2d(columns)), rgb.shape)
}

/** The inverse of `toOpponent`, not clamped. */
export function toRgb({ tf, transform }: Operations, planes: Tensor): Tensor {
  return tf.add(
    tf.reshape(transform(tf.reshape(planes, [planes.size / 3, 3]), tf.tensor2d(OPPONENT)), planes.shape),
    128,
  )
}

/**
 * Lapped transform of every plane (SPEC 7.4).
 * @param planes [batch, height, width, 3], sides multiples of 8
 * @returns [192, positions]: plane·64 + row·8 + column; positions of the pictures' 8×8 blocks
 */
export function analysed({ tf, transform }: Operations, planes: Tensor): Tensor {
  const [batch, height, width] = planes.shape
  const rows = tf.reshape(tf.transpose(planes, [0, 3, 1, 2]), [batch * 3 * height, width])
  const across = tf.reshape(transform(rows, lapped(tf, width, true)), [batch * 3, height, width])
  const columns = tf.reshape(tf.transpose(across, [0, 2, 1]), [batch * 3 * width, height])
  const split = tf.reshape(transform(columns, lapped(tf, height, true)), [batch, 3, width / 8, 8, height / 8, 8])
  return tf.reshape(tf.transpose(split, [1, 5, 3, 0, 4, 2]), [192, (batch * height * width) / 64])
}

/**
 * The inverse of `analysed`.
 * @param down, across blocks of a picture
 */
export function synthesised(
  { tf, transform }: Operations,
  coefficients: Tensor,
  { batch, down, across }: Readonly<{ batch: number; down: number; across: number }>,
): Tensor {
  const [height, width] = [8 * down, 8 * across]
  const split = tf.transpose(tf.reshape(coefficients, [3, 8, 8, batch, down, across]), [3, 0, 5, 2, 4, 1])
  const columns = transform(tf.reshape(split, [batch * 3 * width, height]), lapped(tf, height, false))
  const rows = tf.transpose(tf.reshape(columns, [batch * 3, width, height]), [0, 2, 1])
  const planes = transform(tf.reshape(rows, [batch * 3 * height, width]), lapped(tf, width, false))
  return tf.transpose(tf.reshape(planes, [batch, 3, height, width]), [0, 2, 3, 1])
}

const matrices = new Map<number, Float64Array>()

/**
 * The transform of one side as the matrix that a row of samples (analysis) or of coefficients (synthesis) is multiplied
 * by. It is read off the codec's own transform, so there is one set of constants.
 */
function lapped(tf: Operations['tf'], side: number, analysis: boolean): Tensor {
  let matrix = matrices.get(side)
  if (!matrix) {
    matrix = new Float64Array(side * side)
    for (let i = 0; i < side; i++) {
      // Eight equal rows: the vertical transform leaves √8 times the row in row 0.
      const plane = new Float64Array(8 * side)
      for (let y = 0; y < 8; y++) plane[y * side + i] = 1
      const coefficients = analyse(plane, side, 8)
      for (let j = 0; j < side; j++) matrix[i * side + j] = coefficients[(j >> 3) * 64 + (j & 7)] / Math.sqrt(8)
    }
    matrices.set(side, matrix)
  }
  const tensor = tf.tensor2d(new Float32Array(matrix), [side, side])
  return analysis ? tensor : tf.transpose(tensor)
}
