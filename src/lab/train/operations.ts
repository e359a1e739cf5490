/** Operations of the network that TensorFlow.js lacks, or lacks the gradient of, or is slow at. */
import type { Tensor, Tensor1D as Vector, Tensor4D } from '@tensorflow/tfjs-core'
import { PROBABILITY_ONE } from '../../engine/limits.js'
import type { Backend, Tensorflow } from './backend.js'

export type Operations = Readonly<{
  tf: Tensorflow
  /** Runs f without recording it: nothing that it gives has a gradient. */
  detached(f: () => Tensor): Tensor
  /** a·b: [n, i]·[i, o], or the same for every member of a batch. */
  product(a: Tensor, b: Tensor): Tensor
  /** [n, i]·[i, o] with a matrix that has no gradient. */
  transform(x: Tensor, matrix: Tensor): Tensor
  /** x·weightsᵀ + bias: x [n, i], weights [o, i] with any number of sides of 1 behind, bias [o] → [n, o]. */
  linear(x: Tensor, weights: Tensor, bias?: Tensor): Tensor
  /** 3×3, zeros beyond the edges: x [batch, height, width, i], weights [o, i, 3, 3], bias [o]. */
  convolve(x: Tensor, weights: Tensor, bias: Tensor): Tensor
  /** Entries of the first axis: table [entries, …], indices int32 [n] → [n, …]. The gradient is a sum per entry. */
  take(table: Tensor, indices: Tensor): Tensor
  /** The last axis in another order: out[…, i] = x[…, order[i]], order a permutation. */
  reorder(x: Tensor, order: readonly number[]): Tensor
  /** −log₂ of the coder's probability of a choice: logits [n, K], chosen int32 [n] → [n]. */
  choiceBits(logits: Tensor, chosen: Tensor): Tensor
  /** sign(x)·ln(1 + |x|/36) */
  logFeature(x: Tensor): Tensor
  /** |x|, with gradient 0 at 0. */
  magnitude(x: Tensor): Tensor
}>

/** A value, what its gradient needs of it, and the gradient of every input. */
type Operation = Readonly<{
  value: Tensor
  saved: Tensor[]
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[]
}>

/** Share of the coder's probabilities that every choice has at least (SPEC 5.5). */
export const FLOOR = 1 / PROBABILITY_ONE

/**
 * @param backend everything runs on it
 * @example const { product } = operations(await loadBackend())
 */
export function operations({ name, tf }: Backend): Operations {
  /**
   * An operation with its own gradient. Only its inputs and what it says that it saves are still there when the gradient
   * is formed.
   */
  const operation = (inputs: Tensor[], f: (inputs: Tensor[]) => Operation): Tensor =>
    tf.customGrad((...all) => {
      const { value, saved, gradient } = f(all.slice(0, -1) as Tensor[])
      const save = all[inputs.length] as unknown as (tensors: Tensor[]) => void
      save(saved)
      return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradient(dy, kept) }
    })(...inputs)

  const turned = (x: Tensor): Tensor => tf.transpose(x, x.rank === 3 ? [0, 2, 1] : [1, 0])
  // matMul is slow on wasm when it has to transpose.
  const timesTransposed = (a: Tensor, b: Tensor): Tensor =>
    name === 'wasm' ? tf.matMul(a, turned(b)) : tf.matMul(a, b, false, true)
  const transposedTimes = (a: Tensor, b: Tensor): Tensor =>
    name === 'wasm' ? tf.matMul(turned(a), b) : tf.matMul(a, b, true, false)

  const product = (a: Tensor, b: Tensor): Tensor =>
    operation([a, b], ([a, b]) => ({
      value: tf.matMul(a, b),
      saved: [a, b],
      gradient: (dy, [a, b]) => [timesTransposed(dy, b), transposedTimes(a, dy)],
    }))

  const transform = (x: Tensor, matrix: Tensor): Tensor =>
    operation([x], ([x]) => ({
      value: tf.matMul(x, matrix),
      saved: [matrix],
      gradient: (dy, [matrix]) => [timesTransposed(dy, matrix)],
    }))

  const linear = (x: Tensor, weights: Tensor, bias?: Tensor): Tensor => {
    const matrix = tf.reshape(weights, weights.shape.slice(0, 2))
    const y = operation([x, matrix], ([x, w]) => ({
      value: timesTransposed(x, w),
      saved: [x, w],
      gradient: (dy, [x, w]) => [tf.matMul(dy, w), transposedTimes(dy, x)],
    }))
    return bias ? tf.add(y, bias) : y
  }

  const convolved = (x: Tensor, filter: Tensor): Tensor => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same')

  /** [positions, 9·channels]: the 3×3 neighbours of every position, row by row. */
  const neighbours = (x: Tensor): Tensor => {
    const [batch, height, width, channels] = x.shape
    const padded = tf.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ])
    const shifted = Array.from({ length: 9 }, (_, tap) =>
      tf.slice(padded, [0, Math.floor(tap / 3), tap % 3, 0], [batch, height, width, channels]),
    )
    return tf.reshape(tf.concat(shifted, 3), [batch * height * width, 9 * channels])
  }

  /** The gradient of the weights as one matrix product: wasm has no kernel for it. */
  const convolvedByProducts = (x: Tensor, weights: Tensor): Tensor =>
    operation([x, weights], ([x, w]) => ({
      value: convolved(x, tf.transpose(w, [2, 3, 1, 0])),
      saved: [x, w],
      gradient: (dy, [x, w]) => {
        const [outputs, inputs] = w.shape
        const flat = tf.reshape(dy, [dy.size / outputs, outputs])
        const filter = tf.reshape(transposedTimes(neighbours(x), flat), [3, 3, inputs, outputs])
        return [convolved(dy, tf.transpose(tf.reverse(w, [2, 3]), [2, 3, 0, 1])), tf.transpose(filter, [3, 2, 0, 1])]
      },
    }))

  const convolve = (x: Tensor, weights: Tensor, bias: Tensor): Tensor =>
    tf.add(
      tf.getGradient('Conv2D') ? convolved(x, tf.transpose(weights, [2, 3, 1, 0])) : convolvedByProducts(x, weights),
      bias,
    )

  /** out[indices[i]] += values[i], over the first axis. */
  const sumPerEntry = (values: Tensor, indices: Tensor, shape: number[]): Tensor => {
    if (tf.getKernel('UnsortedSegmentSum', tf.getBackend())) {
      return tf.unsortedSegmentSum(values, indices as Vector, shape[0])
    }
    const [from, to] = [values.dataSync(), indices.dataSync()]
    const width = values.size / indices.size
    const sums = new Float64Array(shape.reduce((a, b) => a * b, 1))
    for (let i = 0; i < to.length; i++) {
      for (let j = 0; j < width; j++) sums[to[i] * width + j] += from[i * width + j]
    }
    return tf.tensor(Float32Array.from(sums), shape)
  }

  const take = (table: Tensor, indices: Tensor): Tensor =>
    operation([table], ([table]) => ({
      value: tf.gather(table, indices as Vector),
      saved: [indices],
      gradient: (dy, [indices]) => [sumPerEntry(dy, indices, table.shape)],
    }))

  const reorder = (x: Tensor, order: readonly number[]): Tensor => {
    const gathered = (x: Tensor, order: readonly number[]): Tensor =>
      tf.gather(x, tf.tensor1d([...order], 'int32'), x.rank - 1)
    return operation([x], ([x]) => ({
      value: gathered(x, order),
      saved: [],
      gradient: (dy) => [
        gathered(
          dy,
          order.map((_, i) => order.indexOf(i)),
        ),
      ],
    }))
  }

  const choiceBits = (logits: Tensor, chosen: Tensor): Tensor =>
    operation([logits], ([logits]) => {
      const [n, K] = logits.shape
      const softmax = tf.softmax(logits)
      const at = tf.add(chosen, tf.range(0, n * K, K, 'int32'))
      const share = tf.gather(tf.reshape(softmax, [n * K]), at as Vector)
      const p = tf.add(tf.mul(share, 1 - K * FLOOR), FLOOR)
      return {
        value: tf.mul(tf.log(p), -1 / Math.LN2),
        saved: [softmax, chosen, tf.div(tf.mul(share, (K * FLOOR - 1) / Math.LN2), p)],
        // d s_k / d logit_j = s_k·([j = k] − s_j)
        gradient: (dy, [softmax, chosen, slope]) => {
          const towards = tf.sub(tf.cast(tf.oneHot(chosen as Vector, K), 'float32'), softmax)
          return [tf.mul(tf.reshape(tf.mul(dy, slope), [n, 1]), towards)]
        },
      }
    })

  const logFeature = (x: Tensor): Tensor =>
    operation([x], ([x]) => ({
      value: tf.mul(tf.sign(x), tf.log(tf.add(tf.mul(tf.abs(x), 1 / 36), 1))),
      saved: [x],
      gradient: (dy, [x]) => [tf.div(dy, tf.add(tf.abs(x), 36))],
    }))

  const magnitude = (x: Tensor): Tensor =>
    operation([x], ([x]) => ({
      value: tf.abs(x),
      saved: [x],
      gradient: (dy, [x]) => [tf.mul(dy, tf.sign(x))],
    }))

  return {
    tf,
    // No inputs: no way leads from what it gives back to a variable.
    detached: (f) => tf.customGrad(() => ({ value: f(), gradFunc: () => [] }))(),
    product,
    transform,
    linear,
    convolve,
    take,
    reorder,
    choiceBits,
    logFeature,
    magnitude,
  }
}
