/**
 * Candidates of a whole-image layer: K pictures, each a 1×1 convolution of the features, with leak channels beside each
 * (paper 3.3, Leak Choice). Pictures and leaks are one tensor x [batch, height, width, components + leak] in units of 64
 * grey levels, 0 is grey 128. All K are evaluated for their distances, without a gradient; the chosen one is on the tape.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Operations } from '../operations.js'

/** Grey levels of a unit of x. */
export const UNIT = 64
/** Clamp of pictures and leaks: 128 grey levels. */
const LIMIT = 2

export type Heads = Readonly<{
  /** [K, components + leak, channels] */
  weights: Tensor
  /** [K, components + leak] */
  bias: Tensor
}>

/** What candidates are compared with, and added to. */
export type Around = Readonly<{
  /** As x, leaks 0. */
  target: Tensor
  /** [1, height, width, components + leak]: 1 at components, 0 at leaks; null: there are none. */
  mask: Tensor | null
  components: number
  /** As x, leaks 0: the picture that candidates are added to (paper 3.3, Learning Residual); null: they stand alone. */
  picture: Tensor | null
}>

/**
 * Squared distances of all candidates to the target (paper, equation 1), [batch, K], in squares of units. No gradient.
 * @param features [batch, height, width, channels], rectified
 */
export function distancesOf(
  { tf, product, clip }: Operations,
  { weights, bias }: Heads,
  features: Tensor,
  { target, components, picture }: Around,
): Tensor {
  const [K, outputs, channels] = weights.shape as [number, number, number]
  const [batch] = features.shape
  const samples = (features.size / (batch * channels)) * components
  const own = (of: Tensor): Tensor =>
    outputs === components
      ? of
      : tf.slice(
          of,
          of.shape.map(() => 0),
          ownShape(of),
        )
  const ownShape = ({ shape }: Tensor): number[] => [K, components, ...shape.slice(2)]
  const column = (x: Tensor): Tensor =>
    tf.reshape(outputs === components ? x : tf.slice(x, [0, 0, 0, 0], [...x.shape.slice(0, 3), components]), [
      batch * samples,
      1,
    ])
  // Components before candidates: what is summed over is then one axis.
  const matrix = tf.reshape(tf.transpose(own(weights), [1, 0, 2]), [components * K, channels])
  const offset = tf.reshape(tf.transpose(own(bias)), [1, components * K])
  const each = tf.add(product(tf.reshape(features, [-1, channels]), matrix, false, true), offset)
  const rows = tf.reshape(each, [batch * samples, K])
  const free = picture ? tf.add(rows, column(picture)) : rows
  const error = tf.sub(clip(free, -LIMIT, LIMIT), column(target))
  return tf.sum(tf.reshape(tf.square(error), [batch, samples, K]), 1)
}

/**
 * The chosen candidates as x, within ±2.
 * The clamp's gradient passes where it leads back into the range: pixels that are black are left alone by what would
 * make them blacker, and return when they should be lighter.
 * @param index int32 [batch]
 */
export function chosen(
  { tf, operation, product, entries, clip, sumPerEntry }: Operations,
  heads: Heads,
  features: Tensor,
  picture: Tensor | null,
  index: Tensor,
): Tensor {
  const [batch, height, width, channels] = features.shape as [number, number, number, number]
  const [K, outputs] = heads.weights.shape as [number, number]
  const [positions, shape] = [height * width, [batch, height, width, outputs]]
  return operation([features, heads.weights, heads.bias, ...(picture ? [picture] : [])], (inputs) => {
    const [features, weights, bias, picture] = inputs
    const flat = tf.reshape(features, [batch, positions, channels])
    const own = entries(weights, index)
    const offset = tf.reshape(entries(bias, index), [batch, 1, outputs])
    const y = tf.reshape(tf.add(product(flat, own, false, true), offset), shape)
    const free = picture ? tf.add(y, picture) : y
    const value = clip(free, -LIMIT, LIMIT)
    return {
      value,
      saved: [flat, own, index, free, value],
      gradient: (dy, [flat, own, index, free, value]) => {
        const grid = inward(tf, dy, free, value)
        const d = tf.reshape(grid, [batch, positions, outputs])
        return [
          tf.reshape(product(d, own), features.shape),
          sumPerEntry(product(d, flat, true), index, [K, outputs, channels]),
          sumPerEntry(tf.sum(d, 1), index, [K, outputs]),
          ...(picture ? [grid] : []),
        ]
      },
    }
  })
}

/** dy where nothing was clamped, or where a step against dy leads back: free − value is over 0 above the range. */
const inward = (tf: Operations['tf'], dy: Tensor, free: Tensor, value: Tensor): Tensor =>
  tf.mul(dy, tf.cast(tf.greaterEqual(tf.mul(dy, tf.sub(free, value)), 0), 'float32'))

/** x without its leaks. */
export function pictureOf({ tf, operation }: Operations, x: Tensor, mask: Tensor | null): Tensor {
  if (!mask) return x
  return operation([x], ([x]) => ({
    value: tf.mul(x, mask),
    saved: [mask],
    gradient: (dy, [mask]) => [tf.mul(dy, mask)],
  }))
}

/** Squared error of the picture in each x, [batch], in squares of units. */
export function errorOf(
  { tf, operation }: Operations,
  x: Tensor,
  { target, mask }: Pick<Around, 'target' | 'mask'>,
): Tensor {
  const [batch] = x.shape
  return operation([x], ([x]) => {
    const free = tf.sub(x, target)
    const error = mask ? tf.mul(free, mask) : free
    return {
      value: tf.sum(tf.reshape(tf.square(error), [batch, error.size / batch]), 1),
      saved: [error],
      gradient: (dy, [error]) => [tf.mul(error, tf.reshape(tf.mul(dy, 2), [batch, 1, 1, 1]))],
    }
  })
}
