/**
 * Candidates of a whole-image layer: K pictures, each a 1×1 convolution of the features, with leak channels beside each
 * (paper 3.3, Leak Choice). Pictures and leaks are one tensor x [batch, components + leak, height, width] in units of 64
 * grey levels, 0 is grey 128: planes, because operations on many positions are fast where those on three channels are not.
 * All K are evaluated for their distances, without a gradient; the chosen one is on the tape.
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
  /** [1, components + leak, 1, 1]: 1 at components, 0 at leaks; null: there are none. */
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
  { tf, product, clip, shaped }: Operations,
  { weights, bias }: Heads,
  features: Tensor,
  { target, components, picture }: Around,
): Tensor {
  const [K, outputs, channels] = weights.shape as [number, number, number]
  const [batch, height, width] = features.shape as [number, number, number, number]
  const samples = components * batch * height * width
  const own = (of: Tensor): Tensor =>
    outputs === components
      ? of
      : tf.slice(
          of,
          of.shape.map(() => 0),
          [K, components, ...of.shape.slice(2)],
        )
  /** Pictures of the batch as one row, plane by plane. */
  const row = (x: Tensor): Tensor => {
    const planes = outputs === components ? x : tf.slice(x, [0, 0, 0, 0], [batch, components, height, width])
    return tf.reshape(components === 1 ? planes : tf.transpose(planes, [1, 0, 2, 3]), [1, samples])
  }
  const matrix = tf.reshape(own(weights), [K * components, channels])
  const each = product(matrix, tf.reshape(features, [-1, channels]), false, true)
  const rows = shaped(tf.add(each, tf.reshape(own(bias), [K * components, 1])), [K, samples])
  const free = picture ? tf.add(rows, row(picture)) : rows
  const error = tf.sub(clip(free, -LIMIT, LIMIT), row(target))
  const sums = tf.sum(tf.reshape(tf.square(error), [K * components, batch, height * width]), 2)
  const distances = components === 1 ? sums : tf.sum(tf.reshape(sums, [K, components, batch]), 1)
  return tf.transpose(distances)
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
  const positions = height * width
  const shape = [batch, outputs, height, width]
  return operation([features, heads.weights, heads.bias, ...(picture ? [picture] : [])], (inputs) => {
    const [features, weights, bias, picture] = inputs
    const flat = tf.reshape(features, [batch, positions, channels])
    const own = entries(weights, index)
    const offset = tf.reshape(entries(bias, index), [batch, outputs, 1])
    const y = tf.reshape(tf.add(product(own, flat, false, true), offset), shape)
    const free = picture ? tf.add(y, picture) : y
    const value = clip(free, -LIMIT, LIMIT)
    return {
      value,
      saved: [flat, own, index, free, value],
      gradient: (dy, [flat, own, index, free, value]) => {
        const planes = inward(tf, dy, free, value)
        const d = tf.reshape(planes, [batch, outputs, positions])
        return [
          tf.reshape(product(d, own, true), features.shape),
          sumPerEntry(product(d, flat), index, [K, outputs, channels]),
          sumPerEntry(tf.sum(d, 2), index, [K, outputs]),
          ...(picture ? [planes] : []),
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
