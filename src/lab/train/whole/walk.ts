/**
 * A walk of a whole-image network, differentiable: Single Shot Generator and Recurrence Iteration are one (paper, figure
 * 3). The float mirror of the codec's walk; a trunk saturates as there, pictures and leaks are clamped.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { LevelStructure } from '../../../network/wholeStructure.js'
import { residualBlock, saturate, saturatedSum, type Weights } from '../blocks.js'
import type { Operations } from '../operations.js'
import { chosen, distancesOf, errorOf, pictureOf, rowOf, type Around, type Heads } from './candidates.js'
import type { Whole } from './parameters.js'
import { deepened, doubled, flattened, shrunk } from './scales.js'

/** What a choice hands to the next. */
export type State = Readonly<{
  /** [batch, height, width, channels] */
  h: Tensor
  /** [batch, components + leak, height, width]: what was chosen last, in units of 64 grey levels. */
  x: Tensor
}>

/** One of each a choice. */
export type Choices = Readonly<{
  /** [batch]: squared error of the chosen picture against the target at its stage, in squares of units. */
  errors: readonly Tensor[]
  /** int32 [batch]: what was taken, and the nearest. */
  taken: readonly Tensor[]
  nearest: readonly Tensor[]
  /** [batch, channels]: means of the features over the picture, without a gradient; none without a prior. */
  pooled: readonly Tensor[]
  /** As State. */
  x: readonly Tensor[]
}>

export type Task = Readonly<{
  /** Of every stage (targetsOf). */
  targets: readonly Pick<Around, 'target' | 'row' | 'mask'>[]
  /** int32 [batch]; null: the network has no classes. */
  labels: Tensor | null
  /** int32 [batch] of every choice: taken in place of the nearest; null: the nearest. */
  given: readonly (Tensor | null)[]
  /** All are given: the nearest are not looked for. */
  isReplay?: boolean
  /** [1, K] of every choice: added to the distances, in units of the least of them; undefined: none. */
  balance?: readonly Tensor[] | undefined
}>

export const choicesOf = ({ stages }: Pick<Whole, 'stages'>): number =>
  stages.reduce((sum, { steps }) => sum + steps, 0)

/** Of every choice: its stage, its step there, and the layer that makes it. */
export const placesOf = ({ stages }: Pick<Whole, 'stages'>): { stage: number; step: number; layer: number }[] =>
  stages.flatMap(({ steps, recurrent }, stage) =>
    Array.from({ length: steps }, (_, step) => ({ stage, step, layer: recurrent ? 0 : step })),
  )

/** Before the first choice; the trunk begins with the first stage. */
export function beginning(
  { tf }: Operations,
  { stages, components, leak, width, height }: Whole,
  batch: number,
): State {
  const [{ scale, channels }] = stages
  return {
    h: tf.zeros([batch, height / scale, width / scale, channels]),
    x: tf.zeros([batch, components + leak, height / scale, width / scale]),
  }
}

/**
 * Of every stage, what its candidates are compared with: means of squares of pixels.
 * @param pictures [batch, height, width, components] in units
 */
export function targetsOf(ops: Operations, { stages, components, leak }: Whole, pictures: Tensor): Task['targets'] {
  const isPicture = Array.from({ length: components + leak }, (_, i) => (i < components ? 1 : 0))
  return stages.map(({ scale }) => {
    const own = shrunk(ops, pictures, scale)
    return {
      target: widened(ops, own, leak),
      row: rowOf(ops, own, components),
      mask: leak === 0 ? null : ops.tf.tensor(isPicture, [1, components + leak, 1, 1]),
    }
  })
}

/** A picture as x, leaks 0. */
const widened = ({ tf }: Operations, picture: Tensor, leak: number): Tensor =>
  leak === 0
    ? picture
    : tf.pad(picture, [
        [0, 0],
        [0, leak],
        [0, 0],
        [0, 0],
      ])

/**
 * Makes the choices first … end − 1.
 * @param weights of every layer by name (unstacked)
 * @param from before choice `first`, as a walk up to there gave it
 * @example walk(ops, whole, weights, beginning(ops, whole, 8), { first: 0, end: choicesOf(whole) }, task)
 */
export function walk(
  ops: Operations,
  whole: Whole,
  weights: Weights,
  from: State,
  { first, end }: Readonly<{ first: number; end: number }>,
  task: Task,
): { state: State; choices: Choices } {
  const { tf, relu } = ops
  const places = placesOf(whole)
  const choices = { errors: [] as Tensor[], taken: [] as Tensor[], nearest: [] as Tensor[], pooled: [] as Tensor[] }
  const xs: Tensor[] = []
  let { h, x } = from
  for (let c = first; c < end; c++) {
    const { stage: j, step, layer: i } = places[c]
    const stage = whole.stages[j]
    const name = `stage.${j}`
    const layer = `${name}.layer.${i}`
    if (step === 0) ({ h, x } = entered(ops, whole, weights, j, { h, x }, task.labels))
    else if (stage.recurrent) h = carried(ops, weights, name, h, task.labels)
    if (stage.recurrent) {
      const own = ops.take(weights(`${name}.step`), tf.tensor1d([step], 'int32'))
      h = saturate(ops, tf.add(h, tf.reshape(own, [1, 1, 1, stage.channels])))
    }
    h = body(ops, weights, layer, stage.layers[i].levels, h)

    const features = relu(h)
    const heads: Heads = {
      weights: weights(`${layer}.candidates.weight`),
      bias: weights(`${layer}.candidates.bias`),
      pictures: weights(`${layer}.candidates.pictures`),
      offsets: weights(`${layer}.candidates.offsets`),
    }
    const picture = whole.residual ? pictureOf(ops, x, task.targets[j].mask) : null
    const around: Around = { ...task.targets[j], components: whole.components, picture }
    const nearest = task.isReplay ? task.given[c]! : nearestOf(ops, heads, features, around, task.balance?.[c])
    const taken = task.given[c] ?? nearest
    x = chosen(ops, heads, features, picture, taken)
    choices.errors.push(errorOf(ops, x, around))
    choices.taken.push(taken)
    choices.nearest.push(nearest)
    if (whole.rank > 0) choices.pooled.push(ops.detached(() => [tf.mean(features, [1, 2])])[0])
    xs.push(x)
    // What follows the last choice of all would be seen by nobody.
    if (c + 1 < places.length) {
      const planes = tf.transpose(x, [1, 0, 2, 3])
      const rows = tf.reshape(planes, [planes.shape[0], planes.size / planes.shape[0]])
      h = saturatedSum(ops, h, ops.fromRows(rows, weights(`${layer}.feedback.weight`)))
    }
  }
  return { state: { h, x }, choices: { ...choices, x: xs } }
}

/** The nearest candidates, int32 [batch]; ties to the lowest index. No gradient. */
function nearestOf(
  ops: Operations,
  heads: Heads,
  features: Tensor,
  around: Around,
  balance: Tensor | undefined,
): Tensor {
  const { tf, detached } = ops
  return detached(() => {
    const distances = distancesOf(ops, heads, features, around)
    const costs = balance ? tf.add(distances, tf.mul(balance, tf.min(distances, 1, true))) : distances
    return [tf.cast(tf.argMin(costs, 1), 'int32')]
  })[0]
}

/** Stage entry: the trunk begins, or grows with the picture; leaks are not used before the next choice. */
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
    const [, height, width, channels] = h.shape as [number, number, number, number]
    const start = tf.reshape(weights(`${name}.start`), [1, height, width, channels])
    return { h: classed(ops, weights, name, saturate(ops, tf.add(start, h)), labels), x }
  }
  const up = ops.linear(ops.relu(h), weights(`${name}.up.weight`), weights(`${name}.up.bias`))
  const [batch, , height, width] = x.shape as [number, number, number, number]
  const picture = leak === 0 ? x : tf.slice(x, [0, 0, 0, 0], [batch, components, height, width])
  return {
    h: classed(ops, weights, name, saturate(ops, flattened(ops, up)), labels),
    x: widened(ops, doubled(ops, picture), leak),
  }
}

/** The trunk with what is known of the class. */
function classed(ops: Operations, weights: Weights, stage: string, h: Tensor, labels: Tensor | null): Tensor {
  if (!labels) return h
  const [batch, , , channels] = h.shape as [number, number, number, number]
  const own = ops.take(weights(`${stage}.class`), labels)
  return saturate(ops, ops.tf.add(h, ops.tf.reshape(own, [batch, 1, 1, channels])))
}

/** The trunk of the next step of a recurrent stage: its start, and what is carried from the step before. */
function carried(ops: Operations, weights: Weights, stage: string, h: Tensor, labels: Tensor | null): Tensor {
  const { tf } = ops
  const [, height, width, channels] = h.shape as [number, number, number, number]
  const carry = ops.linear(ops.relu(h), weights(`${stage}.carry.weight`), weights(`${stage}.carry.bias`))
  const start = tf.reshape(weights(`${stage}.start`), [1, height, width, channels])
  return classed(ops, weights, stage, saturate(ops, tf.add(carry, start)), labels)
}

/** The network of a layer: down through its levels, and up again. */
function body(ops: Operations, weights: Weights, layer: string, levels: readonly LevelStructure[], h: Tensor): Tensor {
  const blocks = (d: number, way: 'down' | 'up', x: Tensor): Tensor =>
    levels[d][way].reduce((x, _, b) => residualBlock(ops, weights, `${layer}.level.${d}.${way}.${b}`, x, null), x)
  const linear = (name: string, x: Tensor): Tensor =>
    ops.linear(x, weights(`${layer}.level.${name}.weight`), weights(`${layer}.level.${name}.bias`))
  const all: Tensor[] = []
  let x = h
  levels.forEach((_, d) => {
    if (d > 0) x = saturate(ops, linear(`${d - 1}.downTo`, deepened(ops, ops.relu(x))))
    x = blocks(d, 'down', x)
    all.push(x)
  })
  for (let d = levels.length - 2; d >= 0; d--) {
    const up = flattened(ops, linear(`${d}.upFrom`, ops.relu(x)))
    x = blocks(d, 'up', saturatedSum(ops, all[d], up))
  }
  return x
}
