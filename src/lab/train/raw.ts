/**
 * Kernels that TensorFlow.js has and does not offer, or offers with a check that costs more than the kernel: native ones
 * by their names in TensorFlow, else what does the same.
 */
import type { Tensor, Tensor1D as Vector } from '@tensorflow/tfjs-core'
import type { Backend, Tensorflow } from './backend.js'

export type RawOperations = Readonly<{
  /** dy where y > 0. */
  throughRelu(dy: Tensor, y: Tensor): Tensor
  clip(x: Tensor, low: number, high: number): Tensor
  /** Is all of x within ±limit? null where to ask costs more than to clip. */
  isWithin: ((x: Tensor, limit: number) => boolean) | null
  /** Sum of all squares, a scalar. */
  squares(x: Tensor): Tensor
  /** Entries of the first axis. Indices are not checked on every backend. */
  entries(table: Tensor, indices: Tensor): Tensor
  /** Gradients of a convolution with stride 1 and zeros beyond the edges; null where there is no kernel. */
  convolutionOfInput: ((dy: Tensor, filter: Tensor, shape: readonly number[]) => Tensor) | null
  convolutionOfFilter: ((dy: Tensor, x: Tensor, shape: readonly number[]) => Tensor) | null
}>

/** What tfjs-node's backend has beside the common interface: any operation of TensorFlow by its name. */
type NativeBackend = Readonly<{
  isUsingGpuDevice?: boolean
  binding: Readonly<
    Record<'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_BOOL' | 'TF_ATTR_SHAPE' | 'TF_ATTR_STRING', number> &
      Record<'TF_FLOAT' | 'TF_INT32', number>
  >
  executeSingleOutput(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[]
}>
type Attribute = { name: string; type: number; value: number | boolean | string | number[] }

/** @param tf with the backend `tensorflow` */
export const nativeBackend = (tf: Tensorflow): NativeBackend => tf.backend() as unknown as NativeBackend

/** Squares in a row while they are added. */
const ROW = 1024

export function rawOperations({ name, tf }: Pick<Backend, 'name' | 'tf'>): RawOperations {
  const convolution = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: undefined } as const
  const has = (kernel: string): boolean => tf.getKernel(kernel, tf.getBackend()) !== undefined
  const run = (kernel: string, inputs: Record<string, Tensor>, attributes: object): Tensor =>
    tf.engine().runKernel(kernel, inputs, { ...attributes })
  const portable: RawOperations = {
    throughRelu: (dy, y) => tf.mul(dy, tf.cast(tf.greater(y, 0), 'float32')),
    clip: (x, low, high) => tf.clipByValue(x, low, high),
    isWithin: null,
    // In rows: float32 sums of millions lose digits on some backends.
    squares: (x) => {
      const padded = tf.pad(tf.reshape(tf.square(x), [x.size]), [[0, (ROW - (x.size % ROW)) % ROW]])
      return tf.sum(tf.sum(tf.reshape(padded, [-1, ROW]), 1))
    },
    entries: (table, indices) => tf.gather(table, indices as Vector),
    convolutionOfInput: has('Conv2DBackpropInput')
      ? (dy, filter, shape) => run('Conv2DBackpropInput', { dy, filter }, { ...convolution, inputShape: [...shape] })
      : null,
    convolutionOfFilter: has('Conv2DBackpropFilter')
      ? (dy, x, shape) => run('Conv2DBackpropFilter', { dy, x }, { ...convolution, filterShape: [...shape] })
      : null,
  }
  if (name !== 'tensorflow') return portable
  const native = nativeBackend(tf)
  const { TF_ATTR_TYPE, TF_ATTR_INT, TF_FLOAT, TF_INT32 } = native.binding
  const type = (attribute: string, value: number): Attribute => ({ name: attribute, type: TF_ATTR_TYPE, value })
  const ofGather = [
    { name: 'batch_dims', type: TF_ATTR_INT, value: 0 },
    type('Tparams', TF_FLOAT),
    type('Tindices', TF_INT32),
    type('Taxis', TF_INT32),
  ]
  return {
    ...portable,
    // tfjs-node's clipByValue is two kernels.
    clip: (x, low, high) =>
      tf.tidy(() =>
        native.executeSingleOutput('ClipByValue', [type('T', TF_FLOAT)], [x, tf.scalar(low), tf.scalar(high)]),
      ),
    // Two passes that write nothing, in place of four that do; a GPU would have to be waited for.
    isWithin: native.isUsingGpuDevice
      ? null
      : (x, limit) => tf.tidy(() => tf.max(x).dataSync()[0] <= limit && tf.min(x).dataSync()[0] >= -limit),
    throughRelu: (dy, y) => native.executeSingleOutput('ReluGrad', [type('T', TF_FLOAT)], [dy, y]),
    squares: (x) => tf.mul(native.executeSingleOutput('L2Loss', [type('T', TF_FLOAT)], [x]), 2),
    // tf.gather looks at every index in JavaScript; the kernel does so as well.
    entries: (table, indices) =>
      tf.tidy(() => native.executeSingleOutput('GatherV2', ofGather, [table, indices, tf.scalar(0, 'int32')])),
  }
}
