import { describe, expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../../src/lab/train/backend.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { readRecipe, wholeImageRecipe } from '../../../../src/lab/train/recipe.js'
import { gradientsOf } from '../../../../src/lab/train/whole/objective.js'
import { unstacked, wholeParametersOf, type Whole } from '../../../../src/lab/train/whole/parameters.js'
import { priorBits } from '../../../../src/lab/train/whole/prior.js'
import { beginning, choicesOf, placesOf, targetsOf, walk, type Task } from '../../../../src/lab/train/whole/walk.js'
import { uniformFrom } from '../../../../src/network/uniform.js'
import { numbers } from '../gradient.js'
import { UNET_STAGES, wholeRecipe } from './tiny.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)
const BATCH = 2

const wholeOf = (changes: object): Whole => wholeImageRecipe(readRecipe(wholeRecipe(changes))).structure.whole
const first = (whole: Whole): Map<string, Float32Array> => {
  const uniform = uniformFrom(5)
  return new Map(wholeParametersOf(whole).map(({ name, first }) => [name, first({ uniform, mean: [0, 0.1, 0.2] })]))
}
/** Variables of a name can be made once. */
function variablesOf(whole: Whole): Map<string, Tensor> {
  tf.disposeVariables()
  const values = first(whole)
  return new Map(
    wholeParametersOf(whole).map(({ name, shape }) => [
      name,
      tf.variable(tf.tensor(values.get(name)!, [...shape]), true, name),
    ]),
  )
}
function taskOf(whole: Whole): Task {
  const { width, height, components, classes } = whole
  const pictures = tf.tensor4d(numbers([BATCH * height * width * components], 7), [BATCH, height, width, components])
  return {
    targets: targetsOf(ops, whole, pictures),
    labels: classes > 0 ? tf.tensor1d([2, 0], 'int32') : null,
    given: Array.from({ length: choicesOf(whole) }, () => null),
  }
}

const KINDS: [string, object][] = [
  ['single shot', {}],
  ['single shot with classes and a prior, not residual', { classes: 3, rank: 2, residual: false }],
  ['single shot in colour, without leaks', { components: 3, leak: 0, K: 2 }],
  ['a UNet, over and over, with classes', { stages: UNET_STAGES, classes: 3, rank: 1 }],
]

describe.each(KINDS)('%s', (_, changes) => {
  const whole = wholeOf(changes)
  const count = choicesOf(whole)

  test('gradients are those of finite differences, in every weight', () => {
    const variables = variablesOf(whole)
    const task = taskOf(whole)
    const objective = { whole, prior: 0.5, batch: BATCH }
    const { grads, seen } = gradientsOf(ops, objective, variables, task, null)
    tf.dispose([seen.errors, seen.nearest, ...(seen.bits ? [seen.bits] : [])])
    // Choices are held: a difference must not change them, and they have no gradient.
    const walked = walk(ops, whole, unstacked(ops, whole, variables), beginning(ops, whole, BATCH), { first: 0, end: count }, task) // prettier-ignore
    const given = walked.choices.taken
    /**
     * The loss in doubles, from errors and bits of every choice, with a weight moved. The prior must not move the network:
     * its bits count for its own weights alone.
     */
    const lossAt = (name: string, direction: Float32Array, by: number): number =>
      tf.tidy(() => {
        const variable = variables.get(name)!
        const data = variable.dataSync<'float32'>().map((x, i) => x + by * direction[i])
        const all = new Map([...variables, [name, tf.tensor(data, variable.shape)]])
        const moved = unstacked(ops, whole, all)
        const replay = { ...task, given, isReplay: true }
        const { choices } = walk(ops, whole, moved, beginning(ops, whole, BATCH), { first: 0, end: count }, replay)
        let loss = 0
        placesOf(whole).forEach(({ stage }, c) => {
          const samples = (whole.width * whole.height * whole.components) / whole.stages[stage].scale ** 2
          for (const error of choices.errors[c].dataSync<'float32'>()) loss += error / samples
        })
        if (/\.(z\.|prior)/.test(name)) {
          const bits = priorBits(ops, whole, all, choices).dataSync<'float32'>()
          for (const x of bits) loss += 0.5 * Math.LN2 * x
        }
        return loss / (BATCH * count)
      })
    for (const [name, variable] of variables) {
      const gradient = grads[name].dataSync<'float32'>()
      const norm = Math.hypot(...gradient)
      expect(norm, name).toBeGreaterThan(0)
      // Along the gradient, and some other way; short steps, since corners of ReLU lie close.
      const other = numbers([variable.size], 3)
      for (const direction of [gradient.map((x) => x / norm), other.map((x) => x / Math.hypot(...other))]) {
        const slope = gradient.reduce((sum, x, i) => sum + x * direction[i], 0)
        const found = (lossAt(name, direction, 3e-4) - lossAt(name, direction, -3e-4)) / 6e-4
        expect(Math.abs(found - slope), `${name}: ${slope} and ${found}`).toBeLessThan(0.02 * norm + 1e-4)
      }
    }
  })

  test.each([1, 2])('the gradient in segments of %i is the same', (segment) => {
    const variables = variablesOf(whole)
    const task = taskOf(whole)
    const objective = { whole, prior: 0.5, batch: BATCH }
    const at = (segment: number | null) => {
      const { grads, seen } = gradientsOf(ops, objective, variables, task, segment)
      return {
        grads: Object.fromEntries(Object.entries(grads).map(([name, x]) => [name, x.dataSync<'float32'>()])),
        seen: [seen.errors, seen.nearest, ...(seen.bits ? [seen.bits] : [])].map((x) => [...x.dataSync()]),
      }
    }
    const [all, some] = [at(null), at(segment)]
    expect(some.seen).toEqual(all.seen)
    for (const [name, gradient] of Object.entries(all.grads)) {
      const most = gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6)
      some.grads[name].forEach((x, i) => expect(Math.abs(x - gradient[i])).toBeLessThan(1e-4 * most))
    }
  })
})

test('nothing stays behind but what was seen', () => {
  const whole = wholeOf({ rank: 2 })
  const variables = variablesOf(whole)
  const task = taskOf(whole)
  for (const segment of [null, 2]) {
    const before = tf.memory().numTensors
    tf.tidy(() => void gradientsOf(ops, { whole, prior: 1, batch: BATCH }, variables, task, segment))
    expect(tf.memory().numTensors - before).toBe(3)
  }
})

test('segments need less memory', async () => {
  const stages = [{ scale: 1, steps: 12, recurrent: false, levels: [{ channels: 4, down: [4], up: [] }] }]
  const whole = wholeOf({ stages })
  const variables = variablesOf(whole)
  const task = taskOf(whole)
  const peak = async (segment: number | null): Promise<number> => {
    const before = tf.memory().numBytes
    const { peakBytes } = await tf.profile(() =>
      tf.tidy(() => {
        const { seen } = gradientsOf(ops, { whole, prior: 0, batch: BATCH }, variables, task, segment)
        tf.dispose([seen.errors, seen.nearest])
      }),
    )
    return peakBytes - before
  }
  expect(await peak(2)).toBeLessThan(0.6 * (await peak(null)))
})

test('balancing moves choices, and what is given is taken', () => {
  const whole = wholeOf({})
  const weights = unstacked(ops, whole, variablesOf(whole))
  const task = taskOf(whole)
  const run = (changes: Partial<Task>) =>
    walk(ops, whole, weights, beginning(ops, whole, BATCH), { first: 0, end: 1 }, { ...task, ...changes }).choices
  const [k] = run({}).taken[0].dataSync()
  const bias = [0, 0, 0].with(k, 1e6)
  expect(run({ balance: [tf.tensor2d([bias])] }).taken[0].dataSync()[0]).not.toBe(k)
  // The nearest is told beside it: Chain Dropout's choices are not counted.
  const given = run({ given: [tf.tensor1d([(k + 1) % 3, 0], 'int32')] })
  expect(given.taken[0].dataSync()[0]).toBe((k + 1) % 3)
  expect(given.nearest[0].dataSync()[0]).toBe(k)
})
