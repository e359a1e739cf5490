/**
 * The weights of a whole-image network: names, shapes and first values. What every layer of a stage has is one weight
 * with the layers as its first axis: a network of 120 layers would have over a thousand, and each costs operations. Units:
 * 64 grey levels for pictures and leaks, nats for the prior, the trunk as it is.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Weights } from '../blocks.js'
import type { Operations } from '../operations.js'
import { normal, weights, within, zeros, type ParameterFrom } from '../start.js'
import { picturesOf } from './candidates.js'
import {
  insideOf,
  type LevelStructure,
  type StageStructure,
  type WholeImageStructure,
} from '../../../network/wholeStructure.js'

/** What a structure says of a network inside: patches are positions of more components. */
export type Whole = ReturnType<typeof insideOf<WholeImageStructure['whole']>>

/** What first values are made of. */
export type WholeStart = Readonly<{
  /** Uniform in [0, 1). */
  uniform: () => number
  /** [components], mean of the pictures in units of 64 grey levels around 128: where candidates lie at first. */
  mean: ArrayLike<number>
}>

type WholeParameter = ParameterFrom<WholeStart>

const uniformly = (name: string, shape: readonly number[], bound: number): WholeParameter =>
  weights(name, shape, (size, { uniform }) => within(uniform, size, bound))
const zero = (name: string, shape: readonly number[]): WholeParameter => weights(name, shape, zeros)
const randomly = (name: string, shape: readonly number[], deviation: number): WholeParameter =>
  weights(name, shape, (size, { uniform }) => normal(uniform, size, deviation))

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
    candidateBias(`${each}.candidates.bias`, whole, stage, j),
    // Without a bias: the body that follows has one.
    convolution(`${each}.feedback`, outputs, channels, { factor: FEEDBACK, layers })[0],
    ...(rank > 0
      ? [
          ...convolution(`${each}.z`, channels, rank, { layers }),
          randomly(`${each}.priorTable`, [layers, K, rank], 0.1),
          zero(`${each}.priorBias`, [layers, K]),
        ]
      : []),
  ]
}

/** Around the mean of the pictures, where a candidate is no increment: in the first layer, or in all. */
function candidateBias(
  name: string,
  { K, components, leak, residual }: Whole,
  stage: StageStructure,
  j: number,
): WholeParameter {
  const outputs = components + leak
  return weights(name, [stage.layers.length, K, outputs], (size, { uniform, mean }) => {
    const bias = within(uniform, size, CANDIDATES / Math.sqrt(stage.channels))
    // Of a recurrent layer the first step begins with grey 128: the others then have nothing to add.
    const isWhole = (layer: number): boolean => !residual || (j === 0 && layer === 0)
    return bias.map((x, i) => {
      const output = i % outputs
      return isWhole(Math.floor(i / (K * outputs))) && output < components ? x + mean[output] : x
    })
  })
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

/** Names of the prior's weights. */
const PRIOR = /\.(z\.weight|z\.bias|priorTable|priorBias)$/

/**
 * Weights of every layer by name, from those that are trained: `stage.J.layers.REST` becomes `stage.J.layer.I.REST`. The
 * prior's are left out: it takes those of a stage together.
 */
export function unstacked(ops: Operations, { components }: Whole, weights: ReadonlyMap<string, Tensor>): Weights {
  const { tf, detached } = ops
  const all = new Map<string, Tensor>()
  // tfjs has a gradient of unstack for two or more alone.
  const layersOf = (tensor: Tensor): Tensor[] =>
    tensor.shape[0] === 1 ? [tf.reshape(tensor, tensor.shape.slice(1))] : tf.unstack(tensor)
  const put = (name: string, layers: readonly Tensor[]): void =>
    layers.forEach((own, i) => all.set(name.replace('.layers.', `.layer.${i}.`), own))
  for (const [name, tensor] of weights) {
    if (PRIOR.test(name)) continue
    if (!name.includes('.layers.')) all.set(name, tensor)
    else put(name, layersOf(tensor))
    if (!name.endsWith('.candidates.weight')) continue
    const stem = name.slice(0, -'weight'.length)
    const parts = detached(() =>
      picturesOf(ops, tensor, weights.get(`${stem}bias`)!, components).flatMap((part) => layersOf(part)),
    )
    put(`${stem}pictures`, parts.slice(0, parts.length / 2))
    put(`${stem}offsets`, parts.slice(parts.length / 2))
  }
  return (name) => {
    const found = all.get(name)
    if (!found) throw new Error(`no weight ${name}`)
    return found
  }
}
