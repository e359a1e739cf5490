/** A walk of whole-image layers, differentiable: Single Shot Generator and Recurrence Iteration are one (paper, fig. 3). */
import type { Tensor } from '@tensorflow/tfjs-core'
import { residualBlock, saturate, saturatedSum, type Weights } from '../blocks.js'
import type { Operations } from '../operations.js'
import { chosen, distancesOf, errorOf, pictureOf, type Around, type Heads } from './candidates.js'
import { deepened, doubled, flattened, shrunk } from './scales.js'
import type { LevelStructure, StageStructure, Whole } from './structure.js'

/** What a choice hands to the next. */
export type State = Readonly<{
  /** [batch, height, width, channels] */
  h: Tensor
  /** [batch, height, width, components + leak]: what was chosen last, in units of 64 grey levels. */
  x: Tensor
}>

export type Walked = Readonly<{
  state: State
  /** [batch] a choice: mean squared error of the chosen picture, in squares of units. */
  errors: readonly Tensor[]
  /** int32 [batch] a choice: what the guide took. */
  paths: readonly Tensor[]
  /** int32 [batch] a choice: the nearest. */
  nearest: readonly Tensor[]
}>

export type Task = Readonly<{
  /** Of every stage. */
  targets: readonly Pick<Around, 'target' | 'mask'>[]
  /** int32 [batch]; null: the network has no classes. */
  labels: Tensor | null
  /** int32 [batch] a choice: taken in place of the nearest; null: the nearest. */
  given: readonly (Tensor | null)[]
  /** [1, K] a choice: added to the distances in units of the least of them; null: nothing. */
  balance: readonly (Tensor | null)[]
}>

/** Where choice c belongs. */
export const placeOf = (whole: Whole, c: number): { stage: number; step: number } => {
  let stage = 0
  let step = c
  while (step >= whole.stages[stage].steps) step -= whole.stages[stage++].steps
  return { stage, step }
}

export const choicesOf = ({ stages }: Whole): number => stages.reduce((sum, { steps }) => sum + steps, 0)

/** Before the first choice. */
export function beginning(
  { tf }: Operations,
  { stages, components, leak, width, height }: Whole,
  batch: number,
): State {
  const { scale, channels } = stages[0]
  return {
    h: tf.zeros([batch, height / scale, width / scale, channels]),
    x: tf.zeros([batch, height / scale, width / scale, components + leak]),
  }
}

/**
 * Choices from … to − 1.
 */
export function walk(
  ops: Operations,
  whole: Whole,
  weights: Weights,
  from: State,
  { first, end }: Readonly<{ first: number; end: number }>,
  task: Task,
): Walked {
  const { tf, detached, relu } = ops
  const { components, residual } = whole
  let { h, x } = from
  const errors: Tensor[] = []
  const paths: Tensor[] = []
  const allNearest: Tensor[] = []
  const last = choicesOf(whole) - 1
  for (let c = first; c < end; c++) {
    const { stage: j, step } = placeOf(whole, c)
    const stage = whole.stages[j]
    const name = `stage.${j}`
    const layerName = `${name}.layer.${stage.recurrent ? 0 : step}`
    if (step === 0) ({ h, x } = entered(ops, whole, weights, j, { h, x }, task.labels))
    else if (stage.recurrent) h = carried(ops, weights, name, h, task.labels)
    if (stage.recurrent) {
      h = saturate(
        ops,
        tf.add(
          h,
          tf.reshape(ops.take(weights(`${name}.step`), tf.tensor1d([step], 'int32')), [1, 1, 1, stage.channels]),
        ),
      )
    }
    const layer = stage.layers[stage.recurrent ? 0 : step]
    h = body(ops, weights, layerName, layer.levels, h)
    const features = relu(h)
    const heads: Heads = {
      weights: weights(`${layerName}.candidates.weight`),
      bias: weights(`${layerName}.candidates.bias`),
    }
    const { target, mask } = task.targets[j]
    const picture = residual ? pictureOf(ops, x, mask) : null
    const around = { target, mask, components, picture }
    const bias = task.balance[c]
    const [nearest] = detached(() => {
      const distances = distancesOf(ops, heads, features, around)
      const costs = bias ? tf.add(distances, tf.mul(bias, tf.min(distances, 1, true))) : distances
      return [tf.cast(tf.argMin(costs, 1), 'int32')]
    })
    const index = task.given[c] ?? nearest
    x = chosen(ops, heads, features, picture, index)
    errors.push(errorOf(ops, x, around))
    paths.push(index)
    allNearest.push(nearest)
    if (c < last) {
      const change = ops.convolve(x, weights(`${layerName}.feedback.weight`), weights(`${layerName}.feedback.bias`))
      h = saturatedSum(ops, h, change)
    }
  }
  return { state: { h, x }, errors, paths, nearest: allNearest }
}

/** Stage entry. */
function entered(
  ops: Operations,
  whole: Whole,
  weights: Weights,
  j: number,
  { h, x }: State,
  labels: Tensor | null,
): State {
  const { tf } = ops
  const { components, leak } = whole
  const name = `stage.${j}`
  if (j === 0) {
    const [batch, height, width, channels] = h.shape as [number, number, number, number]
    const start = tf.reshape(weights(`${name}.start`), [1, height, width, channels])
    return { h: classed(ops, weights, name, tf.add(start, tf.zeros([batch, height, width, channels])), labels), x }
  }
  const up = ops.linear(ops.relu(h), weights(`${name}.up.weight`), weights(`${name}.up.bias`))
  const [batch, height, width] = x.shape
  const picture = leak === 0 ? x : tf.slice(x, [0, 0, 0, 0], [batch, height, width, components])
  const grown = doubled(ops, picture)
  return {
    h: classed(ops, weights, name, saturate(ops, flattened(ops, up)), labels),
    x:
      leak === 0
        ? grown
        : tf.pad(grown, [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, leak],
          ]),
  }
}

function classed(ops: Operations, weights: Weights, name: string, h: Tensor, labels: Tensor | null): Tensor {
  if (!labels) return h
  const [batch, , , channels] = h.shape as [number, number, number, number]
  const own = ops.take(weights(`${name}.class`), labels)
  return saturate(ops, ops.tf.add(h, ops.tf.reshape(own, [batch, 1, 1, channels])))
}

/** The feature map that goes from one step of a recurrent stage to the next. */
function carried(ops: Operations, weights: Weights, name: string, h: Tensor, labels: Tensor | null): Tensor {
  const { tf } = ops
  const [, height, width, channels] = h.shape as [number, number, number, number]
  const carry = ops.linear(ops.relu(h), weights(`${name}.carry.weight`), weights(`${name}.carry.bias`))
  const start = tf.reshape(weights(`${name}.start`), [1, height, width, channels])
  return classed(ops, weights, name, saturate(ops, tf.add(carry, start)), labels)
}

function body(ops: Operations, weights: Weights, layer: string, levels: readonly LevelStructure[], h: Tensor): Tensor {
  const { tf } = ops
  const blocks = (d: number, way: 'down' | 'up', x: Tensor): Tensor =>
    levels[d][way].reduce((x, _, b) => residualBlock(ops, weights, `${layer}.level.${d}.${way}.${b}`, x, null), x)
  const all: Tensor[] = []
  let x = h
  levels.forEach((_, d) => {
    if (d > 0) {
      const name = `${layer}.level.${d - 1}.downTo`
      x = saturate(ops, ops.linear(deepened(ops, ops.relu(x)), weights(`${name}.weight`), weights(`${name}.bias`)))
    }
    x = blocks(d, 'down', x)
    all.push(x)
  })
  for (let d = levels.length - 2; d >= 0; d--) {
    const name = `${layer}.level.${d}.upFrom`
    const up = flattened(ops, ops.linear(ops.relu(x), weights(`${name}.weight`), weights(`${name}.bias`)))
    x = blocks(d, 'up', saturatedSum(ops, all[d], up))
  }
  return x
}

export type { StageStructure }

/** Of every stage, what its candidates are compared with. @param pictures [batch, height, width, components] in units */
export function targetsOf(ops: Operations, { stages, components, leak }: Whole, pictures: Tensor): Task['targets'] {
  const { tf } = ops
  return stages.map(({ scale }) => {
    const own = shrunk(ops, pictures, scale)
    if (leak === 0) return { target: own, mask: null }
    const [, height, width] = own.shape
    const one = Float32Array.from({ length: height! * width! * (components + leak) }, (_, i) =>
      i % (components + leak) < components ? 1 : 0,
    )
    return {
      target: tf.pad(own, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, leak],
      ]),
      mask: tf.tensor(one, [1, height!, width!, components + leak]),
    }
  })
}
