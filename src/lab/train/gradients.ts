/**
 * Gradients of the TensorFlow.js kernels that the network uses, as far as they are missing: the core package registers
 * none, and its own list cannot be imported in Node. Everything else has a gradient of its own (operations.ts).
 */
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core'
import type { Tensorflow } from './backend.js'

/**
 * @param tf gets the gradients that it has not
 * @example registerGradients(tf)
 *   tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3])).dataSync() // Float32Array [6]
 */
export function registerGradients(tf: Tensorflow): void {
  for (const config of configs(tf)) if (!tf.getGradient(config.kernelName)) tf.registerGradient(config)
}

function configs(tf: Tensorflow): GradConfig[] {
  /** Sums over the axes along which an input of this shape was repeated. */
  const reduced = (dy: Tensor, { shape }: Tensor): Tensor => {
    const extra = dy.rank - shape.length
    const axes = dy.shape.map((_, axis) => axis).filter((axis) => axis < extra || shape[axis - extra] < dy.shape[axis])
    return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape)
  }
  const binary = (
    kernelName: string,
    ofA: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
    ofB: (dy: Tensor, a: Tensor, b: Tensor) => Tensor,
  ): GradConfig => ({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => reduced(ofA(dy as Tensor, a, b), a),
      b: () => reduced(ofB(dy as Tensor, a, b), b),
    }),
  })
  const unary = (
    kernelName: string,
    of: (dy: Tensor, x: Tensor, attributes: Record<string, unknown>) => Tensor,
  ): GradConfig => ({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => ({ x: () => of(dy as Tensor, x, attributes as Record<string, unknown>) }),
  })
  const mask = (condition: Tensor): Tensor => tf.cast(condition, 'float32')

  return [
    binary(
      'Add',
      (dy) => dy,
      (dy) => dy,
    ),
    binary(
      'Sub',
      (dy) => dy,
      (dy) => tf.neg(dy),
    ),
    binary(
      'Multiply',
      (dy, _, b) => tf.mul(dy, b),
      (dy, a) => tf.mul(dy, a),
    ),
    unary('Reshape', (dy, x) => tf.reshape(dy, x.shape)),
    unary('Transpose', (dy, _, { perm }) => {
      const axes = perm as number[]
      return tf.transpose(
        dy,
        axes.map((_, axis) => axes.indexOf(axis)),
      )
    }),
    unary('Slice', (dy, x, { begin }) => {
      const from = begin as number[]
      return tf.pad(
        dy,
        x.shape.map((side, axis) => [from[axis], side - from[axis] - dy.shape[axis]]),
      )
    }),
    unary('PadV2', (dy, x, { paddings }) =>
      tf.slice(
        dy,
        (paddings as [number, number][]).map(([before]) => before),
        x.shape,
      ),
    ),
    unary('Sum', (dy, x, { axis }) => {
      const axes = tf.util.parseAxisParam(axis as number | number[], x.shape)
      const kept = x.shape.map((side, i) => (axes.includes(i) ? 1 : side))
      return tf.mul(tf.reshape(dy, kept), tf.ones(x.shape))
    }),
    unary('Relu', (dy, x) => tf.mul(dy, mask(tf.greater(x, 0)))),
    {
      kernelName: 'Concat',
      saveAllInputs: true,
      gradFunc: (dy, inputs, attributes) => {
        const [{ shape }] = inputs
        const axis = tf.util.parseAxisParam((attributes as { axis: number }).axis, shape)[0]
        const parts = tf.split(
          dy as Tensor,
          inputs.map((input) => input.shape[axis]),
          axis,
        )
        return Object.fromEntries(parts.map((part, i) => [i, () => part]))
      },
    },
    {
      kernelName: 'Unpack',
      gradFunc: (dys, _, attributes) => ({
        value: () => tf.stack(dys as unknown as Tensor[], (attributes as { axis: number }).axis),
      }),
    },
    {
      kernelName: 'SplitV',
      gradFunc: (dys, _, attributes) => ({
        x: () => tf.concat(dys as unknown as Tensor[], (attributes as { axis: number }).axis),
      }),
    },
  ]
}
