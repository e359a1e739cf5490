/**
 * The weights of a whole-image network: names, shapes and first values. What every layer of a stage has is one weight
 * with the layers as its first axis: a network of 120 layers would have over a thousand, and each costs operations. Units:
 * 64 grey levels for pictures and leaks, nats for the prior, the trunk as it is.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Weights } from '../blocks.js'
import type { Operations } from '../operations.js'
import { normal, within } from '../start.js'
import type { LevelStructure, StageStructure, WholeImageStructure } from '../../../network/wholeStructure.js'

/** What a structure says of a network. */
export type Whole = WholeImageStructure['whole']

export type WholeParameter = Readonly<{
  name: string
  shape: readonly number[]
  trained: true
  first: (uniform: () => number) => Float32Array
}>

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

const uniformly = (name: string, shape: readonly number[], bound: number): WholeParameter => ({
  name,
  shape,
  trained: true,
  first: (uniform) => within(uniform, sizeOf(shape), bound),
})
const zero = (name: string, shape: readonly number[]): WholeParameter => ({
  name,
  shape,
  trained: true,
  first: () => new Float32Array(sizeOf(shape)),
})
const randomly = (name: string, shape: readonly number[], deviation: number): WholeParameter => ({
  name,
  shape,
  trained: true,
  first: (uniform) => normal(uniform, sizeOf(shape), deviation),
})

/** A 1×1 or 3×3 convolution: uniform within ±factor/√inputs, bias 0. */
function convolution(
  name: string,
  inputs: number,
  outputs: number,
  { side = 1, factor = 1, layers = null }: { side?: 1 | 3; factor?: number; layers?: number | null } = {},
): WholeParameter[] {
  const stack = layers === null ? [] : [layers]
  const kernel = side === 1 ? [] : [side, side]
  return [
    uniformly(`${name}.weight`, [...stack, outputs, inputs, ...kernel], factor / Math.sqrt(inputs * side * side)),
    zero(`${name}.bias`, [...stack, outputs]),
  ]
}

export function wholeParametersOf(whole: Whole): WholeParameter[] {
  return whole.stages.flatMap((stage, j) => stageParameters(whole, stage, j))
}

function stageParameters(whole: Whole, stage: StageStructure, j: number): WholeParameter[] {
  const { width, height, components, classes, K, leak, rank } = whole
  const { scale, channels, steps, recurrent } = stage
  const layers = stage.layers.length
  const name = `stage.${j}`
  const outputs = components + leak
  const positions = (width / scale) * (height / scale)
  const each = `${name}.layers`
  return [
    ...(j === 0
      ? [randomly(`${name}.start`, [positions, channels], 1)]
      : convolution(`${name}.up`, whole.stages[j - 1].channels, 4 * channels)),
    ...(classes > 0 ? [randomly(`${name}.class`, [classes, channels], 0.5)] : []),
    ...(recurrent
      ? [...convolution(`${name}.carry`, channels, channels), randomly(`${name}.step`, [steps, channels], 0.5)]
      : []),
    ...stage.layers[0].levels.flatMap((level, d, levels) =>
      levelParameters(`${each}.level.${d}`, level, levels[d + 1], layers),
    ),
    uniformly(`${each}.candidates.weight`, [layers, K, outputs, channels], CANDIDATES / Math.sqrt(channels)),
    uniformly(`${each}.candidates.bias`, [layers, K, outputs], CANDIDATES / Math.sqrt(channels)),
    // Without a bias: the body that follows has one.
    convolution(`${each}.feedback`, outputs, channels, { side: 3, factor: FEEDBACK, layers })[0],
    ...(rank > 0
      ? [
          ...convolution(`${each}.z`, channels, rank, { layers }),
          randomly(`${each}.priorTable`, [layers, K, rank], 0.1),
          zero(`${each}.priorBias`, [layers, K]),
        ]
      : []),
  ]
}

/** Candidates differ by some grey levels at first, feedback and blocks are quiet: a trunk adds up those of all layers. */
const CANDIDATES = 0.5
const FEEDBACK = 0.5
const OUTPUT = 0.1

function levelParameters(
  name: string,
  level: LevelStructure,
  next: LevelStructure | undefined,
  layers: number,
): WholeParameter[] {
  const { channels } = level
  const blocks = (way: 'down' | 'up'): WholeParameter[] =>
    level[way].flatMap(({ hidden }, b) => [
      ...convolution(`${name}.${way}.${b}.a`, channels, hidden, { side: 3, layers }),
      ...convolution(`${name}.${way}.${b}.b`, hidden, channels, { factor: OUTPUT, layers }),
    ])
  return [
    ...blocks('down'),
    ...(next
      ? [
          ...convolution(`${name}.downTo`, 4 * channels, next.channels, { layers }),
          ...convolution(`${name}.upFrom`, next.channels, 4 * channels, { layers }),
        ]
      : []),
    ...blocks('up'),
  ]
}

/**
 * Weights of every layer by name, from those that are trained: `stage.J.layers.REST` becomes `stage.J.layer.I.REST`.
 */
export function unstacked({ tf }: Operations, weights: ReadonlyMap<string, Tensor>): Weights {
  const all = new Map<string, Tensor>()
  for (const [name, tensor] of weights) {
    if (!name.includes('.layers.')) {
      all.set(name, tensor)
      continue
    }
    // TensorFlow.js's own gradient of unstack fails where it gives one tensor.
    const isOne = tensor.shape[0] === 1
    const layers = isOne ? [tf.reshape(tensor, tensor.shape.slice(1))] : tf.unstack(tensor)
    layers.forEach((own, i) => all.set(name.replace('.layers.', `.layer.${i}.`), own))
  }
  return (name) => {
    const found = all.get(name)
    if (!found) throw new Error(`no weight ${name}`)
    return found
  }
}
