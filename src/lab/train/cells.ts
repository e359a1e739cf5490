/**
 * Coefficients of a grid as rows: [coefficients, positions], the positions of all pictures of a batch one after another.
 * A band is then a run of rows, and nothing is transposed between the heads, the choices and the sum.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Operations } from './operations.js'

/** Rows of a band. */
export const bandOf = ({ tf }: Pick<Operations, 'tf'>, rows: Tensor, first: number, end: number): Tensor =>
  end - first === rows.shape[0] ? rows : tf.slice(rows, [first, 0], [end - first, rows.shape[1]!])

/** A number of each picture at each of its positions: [1, positions]; of one picture [1, 1], which stands for that. */
export function perPosition({ tf }: Pick<Operations, 'tf'>, numbers: Tensor, positions: number): Tensor {
  if (numbers.size === 1) return tf.reshape(numbers, [1, 1])
  const each = positions / numbers.size
  return tf.reshape(tf.tile(tf.reshape(numbers, [numbers.size, 1]), [1, each]), [1, positions])
}

/** Sums over the cells of each picture: [rows, positions] → [batch]. */
export function perPicture({ tf, backend }: Pick<Operations, 'tf' | 'backend'>, cells: Tensor, batch: number): Tensor {
  if (batch === 1 && backend.name === 'tensorflow') return tf.reshape(tf.sum(cells), [1])
  const each = cells.shape[1]! / batch
  const rows = cells.shape[0] === 1 ? cells : tf.sum(cells, 0)
  // In stages: wasm adds large tensors imprecisely.
  const stage = each % 64 === 0 ? 64 : 1
  const sums = tf.sum(tf.reshape(rows, [batch, stage, each / stage]), 2)
  return tf.sum(sums, 1)
}

/** Squared error of each picture, [batch]: of [rows, positions]. */
export function squaredError(operations: Operations, a: Tensor, b: Tensor, batch: number): Tensor {
  const { tf, operation } = operations
  return operation([a, b], ([a, b]) => {
    const error = tf.sub(a, b)
    return {
      value: perPicture(operations, tf.square(error), batch),
      saved: [error],
      gradient: (dy, [error]) => {
        const d = tf.mul(error, perPosition(operations, tf.mul(dy, 2), error.shape[1]!))
        return [d, tf.neg(d)]
      },
    }
  })
}

/** The sum with a layer's values added to its band, which is clamped. */
export function addedTo(
  operations: Operations,
  sum: Tensor,
  value: Tensor,
  { first, end }: Readonly<{ first: number; end: number }>,
  limit: number,
): Tensor {
  const { tf, operation, throughClamp } = operations
  const rows = sum.shape[0]
  /** Other rows in place of the band. */
  const replaced = (all: Tensor, band: Tensor): Tensor => {
    const around = [
      ...(first > 0 ? [bandOf(operations, all, 0, first)] : []),
      band,
      ...(end < rows ? [bandOf(operations, all, end, rows)] : []),
    ]
    return around.length === 1 ? band : tf.concat(around, 0)
  }
  return operation([sum, value], ([sum, value]) => {
    const before = tf.add(bandOf(operations, sum, first, end), value)
    const after = tf.clipByValue(before, -limit, limit)
    return {
      value: replaced(sum, after),
      saved: [before, after],
      gradient: (dy, [before, after]) => {
        const d = throughClamp(bandOf(operations, dy, first, end), before, after)
        // Two tensors, whatever the band: the engine frees the gradients that it adds up.
        return [replaced(dy, d), tf.clone(d)]
      },
    }
  })
}
