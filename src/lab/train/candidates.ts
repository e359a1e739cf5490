/** Candidates c = μ + σ·u of a layer, and what the chosen one feeds back. All cells are [r, positions]. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { perPosition } from './cells.js'
import type { Operations } from './operations.js'

/** What all candidates of a cell share. No gradient of its own: `candidate` has it. */
export type Spread = Readonly<{
  mean: Tensor
  sigma: Tensor
  /** (ln λ − 5)/2: [1, positions], or [1, 1] of one picture. */
  t: Tensor
  /** ln σ without the scale, before and after its clamp. */
  before: Tensor
  after: Tensor
}>

/**
 * @param heads [2r, positions]: μ and ln σ in units of the scale
 * @param power [r]: σ ~ λ^(power/2)
 * @param scale [r, 1] in grey levels, constant
 * @param t [batch]
 */
export function spreadOf(operations: Operations, heads: Tensor, power: Tensor, scale: Tensor, t: Tensor): Spread {
  const { tf, detached, clip } = operations
  const [rows, positions] = heads.shape
  const r = rows / 2
  const [mean, sigma, spread, before, after] = detached(() => {
    const everywhere = perPosition(operations, t, positions)
    const [ofMean, ofLogSigma] = tf.split(heads, 2, 0)
    const before = tf.add(ofLogSigma, tf.mul(tf.reshape(power, [r, 1]), everywhere))
    const after = clip(before, -6, 5)
    return [tf.mul(ofMean, scale), tf.mul(scale, tf.exp(after)), everywhere, before, after]
  })
  return { mean, sigma, t: spread, before, after }
}

/**
 * Values of leaves, [r, positions], within ±limit.
 * @param u [r, positions]: of the leaf of each cell
 */
export function candidate(
  { tf, operation, throughClamp, clip }: Operations,
  inputs: Readonly<{ heads: Tensor; power: Tensor; u: Tensor }>,
  scale: Tensor,
  spread: Spread,
  limit: number,
): Tensor {
  return operation([inputs.heads, inputs.power, inputs.u], ([, power, u]) => {
    const free = tf.add(spread.mean, tf.mul(spread.sigma, u))
    const value = clip(free, -limit, limit)
    const { sigma, t, before, after } = spread
    return {
      value,
      saved: [free, value, u, sigma, t, before, after, scale],
      gradient: (dy, [free, value, u, sigma, t, before, after, scale]) => {
        const d = throughClamp(dy, free, value)
        const dNode = tf.mul(d, sigma)
        const dLogSigma = throughClamp(tf.mul(dNode, u), before, after)
        return [
          tf.concat([tf.mul(d, scale), dLogSigma], 0),
          tf.reshape(tf.sum(tf.mul(dLogSigma, t), 1), power.shape),
          dNode,
        ]
      },
    }
  })
}

/** Grey levels at which the logarithm of a value sets in. */
const BEND = 36

/** What a layer's choices feed back: sign(value)·ln(1 + |value|/36), u and |u|, [3r, positions]. */
export function features({ tf, operation }: Operations, value: Tensor, u: Tensor): Tensor {
  return operation([value, u], ([value, u]) => {
    const log = tf.mul(tf.sign(value), tf.log(tf.add(tf.mul(tf.abs(value), 1 / BEND), 1)))
    return {
      value: tf.concat([log, u, tf.abs(u)], 0),
      saved: [value, u],
      gradient: (dy, [value, u]) => {
        const [dLog, dU, dMagnitude] = tf.split(dy, 3, 0)
        return [
          tf.div(dLog, tf.add(tf.abs(value), BEND)),
          // |u| has no slope at 0.
          tf.add(dU, tf.mul(dMagnitude, tf.sign(u))),
        ]
      },
    }
  })
}
