/**
 * Operations of the network that TensorFlow.js lacks, or lacks the gradient of, or is slow at. Those of several steps
 * have one gradient, formed by hand: on small crops a step of training costs as much as the number of operations, not
 * only as their arithmetic.
 */
import type { Tensor, Tensor1D as Vector, Tensor4D } from '@tensorflow/tfjs-core'
import type { Backend, Tensorflow } from './backend.js'
import { rawOperations } from './raw.js'

export type Operations = Readonly<{
  backend: Backend
  tf: Tensorflow
  /** An operation with a gradient of its own. Only its inputs and what it saves are still there when that is formed. */
  operation(inputs: Tensor[], f: (inputs: Tensor[]) => Operation): Tensor
  /** Runs f without recording it: nothing that it gives has a gradient. */
  detached(f: () => Tensor[]): Tensor[]
  /** dy where y, which ReLU gave, is over 0. No gradient of its own. */
  throughRelu(dy: Tensor, y: Tensor): Tensor
  /** dy where clamping changed nothing, at a bound too. No gradient of its own. */
  throughClamp(dy: Tensor, before: Tensor, after: Tensor): Tensor
  /** x within the bounds. No gradient of its own. */
  clip(x: Tensor, low: number, high: number): Tensor
  /** x within ±limit. */
  clamp(x: Tensor, limit: number): Tensor
  /**
   * The same of an x that hardly ever lies beyond, for operations that have it as a part. Where looking is cheap nothing is
   * done for an x that lies within: what is saved is then empty. No gradient of its own.
   */
  bounded(x: Tensor, limit: number): Readonly<{ value: Tensor; saved: readonly Tensor[] }>
  /** dy through what `bounded` saved. No gradient of its own. */
  throughBounded(dy: Tensor, saved: readonly Tensor[]): Tensor
  /** ReLU. */
  relu(x: Tensor): Tensor
  /** a·b, or of every pair of a batch, each transposed if asked, in the way that the backend is fast at. No gradient. */
  product(a: Tensor, b: Tensor, turnA?: boolean, turnB?: boolean): Tensor
  /** A view with that shape; x if it has it. A view costs as much as any small operation. No gradient. */
  shaped(x: Tensor, shape: readonly number[]): Tensor
  /** [n, i]·[i, o] with a matrix that has no gradient. */
  transform(x: Tensor, matrix: Tensor): Tensor
  /** A 1×1 convolution: x […, i], weights [o, i] with any number of sides of 1 behind, bias [o] → […, o]. */
  linear(x: Tensor, weights: Tensor, bias: Tensor): Tensor
  /** The same of an x [n, i] that needs no gradient. */
  linearOfConstant(x: Tensor, weights: Tensor, bias: Tensor): Tensor
  /** The same with the result's channels as rows: x […, i] → [o, positions]. */
  toRows(x: Tensor, weights: Tensor, bias: Tensor): Tensor
  /** The same from rows, without a bias: x [i, positions] → [positions, o]. */
  fromRows(x: Tensor, weights: Tensor): Tensor
  /** 3×3, zeros beyond the edges: x [batch, height, width, i], weights [o, i, 3, 3], bias [o]; null: none. */
  convolve(x: Tensor, weights: Tensor, bias: Tensor | null): Tensor
  /** A 3×3 convolution without bias, and its gradients, for operations that have it as a part. */
  convolution: Readonly<{
    forward(x: Tensor, weights: Tensor): Tensor
    ofInput(dy: Tensor, x: Tensor, weights: Tensor): Tensor
    ofWeights(dy: Tensor, x: Tensor, weights: Tensor): Tensor
  }>
  /** Entries of the first axis, without a gradient: table [entries, …], indices int32 [n] → [n, …]. */
  entries(table: Tensor, indices: Tensor): Tensor
  /** The same, with a gradient: a sum per entry. */
  take(table: Tensor, indices: Tensor): Tensor
  /** out[indices[i]] += values[i], over the first axis of an out of that shape; indices int32 [n]. No gradient. */
  sumPerEntry(values: Tensor, indices: Tensor, shape: readonly number[]): Tensor
  /** Rows in another order: out[i] = x[order[i]], order a permutation. */
  reorder(x: Tensor, order: readonly number[]): Tensor
}>

/** A value, what its gradient needs of it, and the gradient of every input. */
export type Operation = Readonly<{
  value: Tensor
  saved: Tensor[]
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[]
}>

/**
 * @param backend everything runs on it
 * @example const { linear } = operations(await loadBackend())
 */
export function operations(backend: Backend): Operations {
  const { name, tf } = backend
  const raw = rawOperations({ name, tf })

  const operation = (inputs: Tensor[], f: (inputs: Tensor[]) => Operation): Tensor =>
    tf.customGrad((...all) => {
      const { value, saved, gradient } = f(all.slice(0, -1) as Tensor[])
      const save = all[inputs.length] as unknown as (tensors: Tensor[]) => void
      save(saved)
      return { value, gradFunc: (dy: Tensor, kept: Tensor[]) => gradient(dy, kept) }
    })(...inputs)

  // No inputs: no way leads from what it gives back to a variable.
  const detached = (f: () => Tensor[]): Tensor[] => {
    const engine = tf.engine() as unknown as {
      runKernelFunc(call: { forwardFunc: () => Tensor[]; backwardsFunc: () => object; inputs: object }): Tensor[]
    }
    return engine.runKernelFunc({ forwardFunc: f, backwardsFunc: () => ({}), inputs: {} })
  }

  const turned = (x: Tensor): Tensor => tf.transpose(x, x.rank === 3 ? [0, 2, 1] : [1, 0])
  // matMul is slow on wasm when it has to transpose.
  const product = (a: Tensor, b: Tensor, turnA = false, turnB = false): Tensor =>
    name === 'wasm' ? tf.matMul(turnA ? turned(a) : a, turnB ? turned(b) : b) : tf.matMul(a, b, turnA, turnB)
  const shaped = (x: Tensor, shape: readonly number[]): Tensor =>
    x.rank === shape.length && x.shape.every((side, i) => side === shape[i]) ? x : tf.reshape(x, [...shape])
  const matrix = (weights: Tensor): Tensor => shaped(weights, weights.shape.slice(0, 2))
  const flat = (x: Tensor): Tensor => {
    const channels = x.shape[x.shape.length - 1]!
    return x.rank === 2 ? x : tf.reshape(x, [x.size / channels, channels])
  }

  const throughRelu = raw.throughRelu
  const throughClamp = (dy: Tensor, before: Tensor, after: Tensor): Tensor =>
    tf.mul(dy, tf.cast(tf.equal(before, after), 'float32'))

  const clamp = (x: Tensor, limit: number): Tensor =>
    operation([x], ([x]) => {
      const value = raw.clip(x, -limit, limit)
      return { value, saved: [x, value], gradient: (dy, [x, value]) => [throughClamp(dy, x, value)] }
    })

  const bounded: Operations['bounded'] = (x, limit) => {
    if (raw.isWithin?.(x, limit)) return { value: x, saved: [] }
    const value = raw.clip(x, -limit, limit)
    return { value, saved: [x, value] }
  }
  const throughBounded: Operations['throughBounded'] = (dy, [before, after]) =>
    before && after ? throughClamp(dy, before, after) : dy

  const relu = (x: Tensor): Tensor =>
    operation([x], ([x]) => {
      const value = tf.relu(x)
      return { value, saved: [value], gradient: (dy, [value]) => [throughRelu(dy, value)] }
    })

  const transform = (x: Tensor, matrix: Tensor): Tensor =>
    operation([x], ([x]) => ({
      value: tf.matMul(x, matrix),
      saved: [matrix],
      gradient: (dy, [matrix]) => [product(dy, matrix, false, true)],
    }))

  const linear = (x: Tensor, weights: Tensor, bias: Tensor): Tensor =>
    operation([x, weights, bias], ([x, weights, bias]) => ({
      value: shaped(tf.add(product(flat(x), matrix(weights), false, true), bias), [...x.shape.slice(0, -1), bias.size]),
      saved: [x, weights],
      gradient: (dy, [x, weights]) => {
        const d = flat(dy)
        return [
          shaped(tf.matMul(d, matrix(weights)), x.shape),
          shaped(product(d, flat(x), true), weights.shape),
          tf.sum(d, 0),
        ]
      },
    }))

  const linearOfConstant = (x: Tensor, weights: Tensor, bias: Tensor): Tensor =>
    operation([weights, bias], ([weights, bias]) => ({
      value: tf.add(product(x, weights, false, true), bias),
      saved: [x],
      gradient: (dy, [x]) => [product(dy, x, true), tf.sum(dy, 0)],
    }))

  const toRows = (x: Tensor, weights: Tensor, bias: Tensor): Tensor =>
    operation([x, weights, bias], ([x, weights, bias]) => ({
      value: tf.add(product(matrix(weights), flat(x), false, true), tf.reshape(bias, [bias.size, 1])),
      saved: [x, weights],
      gradient: (dy, [x, weights]) => [
        shaped(product(dy, matrix(weights), true), x.shape),
        shaped(tf.matMul(dy, flat(x)), weights.shape),
        tf.sum(dy, 1),
      ],
    }))

  const fromRows = (x: Tensor, weights: Tensor): Tensor =>
    operation([x, weights], ([x, weights]) => ({
      value: product(x, matrix(weights), true, true),
      saved: [x, weights],
      gradient: (dy, [x, weights]) => [
        product(matrix(weights), dy, true, true),
        shaped(product(dy, x, true, true), weights.shape),
      ],
    }))

  const conv2d = (x: Tensor, filter: Tensor): Tensor => tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, 'same')

  const convolution = {
    forward: (x: Tensor, weights: Tensor): Tensor => conv2d(x, tf.transpose(weights, [2, 3, 1, 0])),
    ofInput: (dy: Tensor, x: Tensor, weights: Tensor): Tensor =>
      raw.convolutionOfInput
        ? raw.convolutionOfInput(dy, tf.transpose(weights, [2, 3, 1, 0]), x.shape)
        : conv2d(dy, tf.transpose(tf.reverse(weights, [2, 3]), [2, 3, 0, 1])),
    ofWeights: (dy: Tensor, x: Tensor, { shape }: Tensor): Tensor => {
      const [outputs, inputs] = shape as [number, number, number, number]
      const filter = raw.convolutionOfFilter
        ? raw.convolutionOfFilter(dy, x, [3, 3, inputs, outputs])
        : tf.reshape(product(neighbours(x), flat(dy), true), [3, 3, inputs, outputs])
      return tf.transpose(filter, [3, 2, 0, 1])
    },
  }

  /** [positions, 9·channels]: the 3×3 neighbours of every position, row by row; for a backend that has no kernel. */
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

  const convolve = (x: Tensor, weights: Tensor, bias: Tensor | null): Tensor =>
    operation([x, weights, ...(bias ? [bias] : [])], ([x, weights, bias]) => {
      const sum = convolution.forward(x, weights)
      return {
        value: bias ? tf.add(sum, bias) : sum,
        saved: [x, weights],
        gradient: (dy, [x, weights]) => [
          convolution.ofInput(dy, x, weights),
          convolution.ofWeights(dy, x, weights),
          ...(bias ? [tf.sum(flat(dy), 0)] : []),
        ],
      }
    })

  const sumPerEntry = (values: Tensor, indices: Tensor, shape: readonly number[]): Tensor => {
    if (tf.getKernel('UnsortedSegmentSum', tf.getBackend())) {
      return tf.unsortedSegmentSum(values, indices as Vector, shape[0])
    }
    const [from, to] = [values.dataSync(), indices.dataSync()]
    const width = values.size / indices.size
    const sums = new Float64Array(shape.reduce((a, b) => a * b, 1))
    for (let i = 0; i < to.length; i++) {
      for (let j = 0; j < width; j++) sums[to[i] * width + j] += from[i * width + j]
    }
    return tf.tensor(Float32Array.from(sums), [...shape])
  }

  const take = (table: Tensor, indices: Tensor): Tensor =>
    operation([table], ([table]) => ({
      value: raw.entries(table, indices),
      saved: [indices],
      gradient: (dy, [indices]) => [sumPerEntry(dy, indices, table.shape)],
    }))

  const reorder = (x: Tensor, order: readonly number[]): Tensor => {
    const gathered = (x: Tensor, order: readonly number[]): Tensor => raw.entries(x, tf.tensor1d([...order], 'int32'))
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

  return {
    backend,
    tf,
    operation,
    detached,
    throughRelu,
    throughClamp,
    clip: raw.clip,
    clamp,
    bounded,
    throughBounded,
    relu,
    product,
    shaped,
    transform,
    linear,
    linearOfConstant,
    toRows,
    fromRows,
    convolve,
    convolution,
    entries: raw.entries,
    take,
    sumPerEntry,
    reorder,
  }
}
