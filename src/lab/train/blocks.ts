/** Residual blocks and the trunk's saturation, each with one gradient for all its steps. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { TRUNK_MAX } from '../../engine/limits.js'
import type { Operations } from './operations.js'

/** Gives a parameter by its name (parameters.ts). */
export type Weights = (name: string) => Tensor

const LIMIT = TRUNK_MAX / 256

/** The trunk's clamp. */
export const saturate = ({ clamp }: Operations, h: Tensor): Tensor => clamp(h, LIMIT)

/** A 1×1 convolution of a grid. */
export const pointwise = ({ linear }: Operations, weights: Weights, name: string, x: Tensor): Tensor =>
  linear(x, weights(`${name}.weight`), weights(`${name}.bias`))

/**
 * A bias that follows λ.
 * @param inputs [batch, 2], as Rates has them
 * @returns [batch, 1, 1, channels]
 */
export function lambdaBias(
  { tf, linearOfConstant }: Operations,
  weights: Weights,
  name: string,
  inputs: Tensor,
): Tensor {
  const bias = linearOfConstant(inputs, weights(`${name}.weight`), weights(`${name}.bias`))
  return tf.reshape(bias, [inputs.shape[0], 1, 1, bias.shape[1]!])
}

/**
 * h ← saturate(h + output(ReLU(hidden(ReLU(h + shift)))))
 * @param h [batch, height, width, channels]
 * @param shift [batch, 1, 1, channels]; null: none
 */
export function residualBlock(
  { tf, operation, product, shaped, convolution, throughRelu, bounded, throughBounded }: Operations,
  weights: Weights,
  name: string,
  h: Tensor,
  shift: Tensor | null,
): Tensor {
  const parts = ['a.weight', 'a.bias', 'b.weight', 'b.bias'].map((part) => weights(`${name}.${part}`))
  const hasShift = shift !== null
  const shiftOf = (shift: Tensor | null | undefined): Tensor[] => (shift ? [shift] : [])
  return operation([h, ...parts, ...shiftOf(shift)], ([h, first, firstBias, second, secondBias, shift]) => {
    const [channels, hidden] = second.shape
    const positions = h.size / channels
    const matrix = (w: Tensor): Tensor => shaped(w, [channels, hidden])
    const input = tf.relu(shift ? tf.add(h, shift) : h)
    const middle = tf.reshape(tf.relu(tf.add(convolution.forward(input, first), firstBias)), [positions, hidden])
    const change = tf.add(product(middle, matrix(second), false, true), secondBias)
    const sum = bounded(tf.add(h, tf.reshape(change, h.shape)), LIMIT)
    return {
      value: sum.value,
      saved: [input, middle, first, second, ...shiftOf(shift), ...sum.saved],
      gradient: (dy, [input, middle, first, second, ...rest]) => {
        const [shift, clamped] = hasShift ? [rest[0], rest.slice(1)] : [null, rest]
        const d = throughBounded(dy, clamped)
        const flat = tf.reshape(d, [positions, channels])
        const dMiddle = throughRelu(tf.matMul(flat, matrix(second)), middle)
        const dHidden = tf.reshape(dMiddle, [...input.shape.slice(0, 3), hidden])
        const dInput = throughRelu(convolution.ofInput(dHidden, input, first), input)
        return [
          tf.add(d, dInput),
          convolution.ofWeights(dHidden, input, first),
          tf.sum(dMiddle, 0),
          shaped(product(flat, middle, true), second.shape),
          tf.sum(flat, 0),
          ...(shift ? [perPicture(tf, dInput, shift)] : []),
        ]
      },
    }
  })
}

/** ReLU(h + shift), shift [batch, 1, 1, channels]. */
export function shiftedRelu({ tf, operation, throughRelu }: Operations, h: Tensor, shift: Tensor): Tensor {
  return operation([h, shift], ([h, shift]) => {
    const value = tf.relu(tf.add(h, shift))
    return {
      value,
      saved: [value, shift],
      gradient: (dy, [value, shift]) => {
        const d = throughRelu(dy, value)
        return [d, perPicture(tf, d, shift)]
      },
    }
  })
}

/** The trunk after a feedback: saturate(h + feedback), of one size. */
export function saturatedSum(
  { tf, operation, bounded, throughBounded }: Operations,
  h: Tensor,
  feedback: Tensor,
): Tensor {
  return operation([h, feedback], ([h, feedback]) => {
    const { value, saved } = bounded(tf.add(h, tf.reshape(feedback, h.shape)), LIMIT)
    return {
      value,
      saved: [...saved],
      gradient: (dy, saved) => {
        const d = throughBounded(dy, saved)
        // Two tensors: the engine frees the gradients that it adds up.
        return [d, d === dy ? tf.reshape(tf.clone(dy), feedback.shape) : tf.reshape(d, feedback.shape)]
      },
    }
  })
}

/** The gradient of a shift: sums over the positions of each picture. */
const perPicture = (tf: Operations['tf'], d: Tensor, shift: Tensor): Tensor => {
  const [batch, height, width, channels] = d.shape
  return tf.reshape(tf.sum(tf.reshape(d, [batch, height * width, channels]), 1), shift.shape)
}
