/** Loss and gradient of a batch of whole images, at once or in segments of choices. */
import type { NamedTensorMap, Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Operations } from '../operations.js'
import { UNIT } from './candidates.js'
import { unstacked, type Whole } from './parameters.js'
import { priorBits } from './prior.js'
import { beginning, choicesOf, placesOf, walk, type Choices, type State, type Task } from './walk.js'

export type Objective = Readonly<{
  whole: Whole
  /** Of the prior's bits, in nats. */
  prior: number
  /** Pictures that it is a mean over: the whole batch, of which these may be a part. */
  batch: number
}>

/** Numbers of a picture's choices, kept: the caller disposes of them. */
export type Seen = Readonly<{
  /** [choices, pictures]: mean squared errors, in grey levels. */
  errors: Tensor
  /** [choices, pictures]; null without a prior. */
  bits: Tensor | null
  /** int32 [choices, pictures] */
  nearest: Tensor
}>

/**
 * What some choices add to the loss: the mean over all choices, and pictures of the batch, of the chosen picture's mean
 * squared error, in units of 64 grey levels.
 */
function lossOf(ops: Operations, { whole, batch }: Objective, first: number, { errors }: Choices): Scalar {
  const { tf } = ops
  const scaled = tf.mul(stacked(ops, errors), tf.tensor2d(perSample(whole, first, errors.length)))
  return tf.mul(tf.sum(scaled), 1 / (batch * choicesOf(whole)))
}

/** What the prior's bits of all choices add to it. @param bits [choices, pictures] */
const priorLossOf = ({ tf }: Operations, { whole, prior, batch }: Objective, bits: Tensor): Scalar =>
  tf.mul(tf.sum(bits), (prior * Math.LN2) / (batch * choicesOf(whole)))

/** [n, pictures] of n tensors [pictures]. */
const stacked = ({ tf }: Operations, rows: readonly Tensor[]): Tensor =>
  // concat of one is a copy, which has no gradient everywhere.
  tf.reshape(rows.length === 1 ? rows[0] : tf.concat([...rows], 0), [rows.length, rows[0].size])

/** One over the number of samples of a picture, of every choice. */
function perSample(whole: Whole, first: number, count: number): number[][] {
  const { width, height, components, stages } = whole
  const samples = placesOf(whole).map(({ stage }) => (width * height * components) / stages[stage].scale ** 2)
  return samples.slice(first, first + count).map((count) => [1 / count])
}

/**
 * Loss and gradients by the trained variables.
 * @param weights by name, as they are trained
 * @param segment choices whose operations are recorded at once. Fewer than all: they are walked once without recording,
 *   and the states between segments kept; then each is walked again from its state, the last first, with the gradient of
 *   the state that it ends in. The sum is the same gradient.
 * @example const { grads, seen } = gradientsOf(ops, objective, weights, task, null)
 */
export function gradientsOf(
  ops: Operations,
  objective: Objective,
  weights: ReadonlyMap<string, Tensor>,
  task: Task,
  segment: number | null,
): { grads: NamedTensorMap; seen: Seen } {
  const { tf } = ops
  const { whole } = objective
  const all = choicesOf(whole)
  const [{ target }] = task.targets
  const begin = (): State => beginning(ops, whole, target.shape[0])
  if (segment === null || segment >= all) {
    let seen: Seen | null = null
    const { grads } = tf.variableGrads(() => {
      const { choices } = walk(ops, whole, unstacked(ops, whole, weights), begin(), { first: 0, end: all }, task)
      const bits = whole.rank > 0 ? priorBits(ops, whole, weights, choices) : null
      seen = seenOf(ops, whole, choices, bits)
      const loss = lossOf(ops, objective, 0, choices)
      return bits ? tf.add(loss, priorLossOf(ops, objective, bits)) : loss
    })
    return { grads, seen: seen! }
  }
  return segmented(ops, objective, weights, task, segment, begin())
}

/** Names of the variables that stand for a state. */
const STATE = ['state/h', 'state/x'] as const

function segmented(
  ops: Operations,
  objective: Objective,
  weights: ReadonlyMap<string, Tensor>,
  task: Task,
  segment: number,
  begin: State,
): { grads: NamedTensorMap; seen: Seen } {
  const { tf } = ops
  const { whole } = objective
  const count = choicesOf(whole)
  const parts = Array.from({ length: Math.ceil(count / segment) }, (_, i) => ({
    first: i * segment,
    end: Math.min(count, (i + 1) * segment),
  }))
  const states: State[] = [begin]
  const choices: Choices[] = []
  const unpacked = unstacked(ops, whole, weights)
  for (const part of parts) {
    const from = states[states.length - 1]
    const walked = kept(ops, () => walk(ops, whole, unpacked, from, part, task))
    states.push(walked.state)
    choices.push(walked.choices)
  }
  const taken = choices.flatMap((part) => part.taken)
  const grads: NamedTensorMap = {}
  let after: State | null = null
  for (let i = parts.length - 1; i >= 0; i--) {
    const variables = STATE.map((name, k) => tf.variable([states[i].h, states[i].x][k], true, name))
    const { grads: own } = tf.variableGrads(() => {
      const [h, x] = variables
      const again = walk(ops, whole, unstacked(ops, whole, weights), { h, x }, parts[i], {
        ...task,
        given: taken,
        isReplay: true,
      })
      const loss = lossOf(ops, objective, parts[i].first, again.choices)
      if (!after) return loss
      const along = (a: Tensor, b: Tensor): Tensor => tf.sum(tf.mul(a, b))
      return tf.add(loss, tf.add(along(again.state.h, after.h), along(again.state.x, after.x))) as Scalar
    })
    const zerosFor = (k: number): Tensor => own[STATE[k]] ?? tf.zerosLike(variables[k])
    after = { h: zerosFor(0), x: zerosFor(1) }
    for (const [name, gradient] of Object.entries(own)) {
      if ((STATE as readonly string[]).includes(name)) continue
      grads[name] = grads[name] ? tf.add(grads[name], gradient) : gradient
    }
    variables.forEach((variable) => variable.dispose())
  }
  const join = (of: (part: Choices) => readonly Tensor[]): Tensor[] => choices.flatMap((part) => [...of(part)])
  const joined = { errors: join((part) => part.errors), nearest: join((part) => part.nearest) }
  let bits: Tensor | null = null
  if (whole.rank > 0) {
    const { grads: own } = tf.variableGrads(() => {
      bits = tf.keep(priorBits(ops, whole, weights, { pooled: join((part) => part.pooled), taken }))
      return priorLossOf(ops, objective, bits)
    })
    Object.assign(grads, own)
  }
  const seen = seenOf(ops, whole, joined, bits)
  tf.dispose(bits ?? [])
  return { grads, seen }
}

/** A walk of which nothing stays but its end and what was chosen; not the pictures on the way. */
function kept({ tf }: Operations, run: () => ReturnType<typeof walk>): ReturnType<typeof walk> {
  const walked = tf.tidy(() => {
    const { state, choices } = run()
    const { errors, taken, nearest, pooled } = choices
    return [[state.h, state.x], [...errors], [...taken], [...nearest], [...pooled]]
  })
  const [[h, x], errors, taken, nearest, pooled] = walked
  return { state: { h, x }, choices: { errors, taken, nearest, pooled, x: [] } }
}

/** Kept, without a gradient. */
function seenOf(
  ops: Operations,
  whole: Whole,
  { errors, nearest }: Pick<Choices, 'errors' | 'nearest'>,
  bits: Tensor | null,
): Seen {
  const { tf, detached } = ops
  const levels = perSample(whole, 0, errors.length).map(([x]) => [x * UNIT ** 2])
  const [errorsOf, nearestOf, bitsOf] = detached(() => [
    tf.mul(stacked(ops, errors), tf.tensor2d(levels)),
    stacked(ops, nearest),
    ...(bits ? [tf.clone(bits)] : []),
  ])
  return { errors: tf.keep(errorsOf), nearest: tf.keep(nearestOf), bits: bitsOf ? tf.keep(bitsOf) : null }
}
