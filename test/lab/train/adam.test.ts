import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Adam } from '../../../src/lab/train/adam.js'
import type { Slots } from '../../../src/lab/train/checkpoint.js'
import { randomFrom } from '../../../src/network/uniform.js'

const backend = { name: 'cpu', tf } as const
const SETTINGS = { betas: [0.9, 0.98], epsilon: 1e-8, clip: 1 } as const
const SHAPES: Record<string, number[]> = { 'ac.0.a': [2, 3], 'ac.0.b': [4], 'ac.1.a': [1100], up: [3, 1] }

beforeAll(async () => {
  tf.env().set('PROD', true)
  await tf.setBackend('cpu')
})
afterEach(() => tf.disposeVariables())

let made = 0
/** Variables as a network has them; their names in TensorFlow.js must be the keys, and are unique per test. */
function variablesOf(): Map<string, tf.Variable> {
  made++
  const random = randomFrom(made)
  return new Map(
    Object.entries(SHAPES).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1)
      const values = Float32Array.from({ length: size }, () => random.next() - 0.5)
      return [name, tf.variable(tf.tensor(values, shape), true, `${name}/${made}`)]
    }),
  )
}

const gradientsOf = (values: Record<string, (i: number) => number>): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const shape = SHAPES[name]
      return [
        name,
        tf.tensor(
          Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
          shape,
        ),
      ]
    }),
  )

const valuesOf = (variables: ReadonlyMap<string, tf.Variable>): Record<string, number[]> =>
  Object.fromEntries([...variables].map(([name, variable]) => [name, [...variable.dataSync()]]))

test('the first step moves every weight by the rate, against its gradient', async () => {
  const variables = variablesOf()
  const before = valuesOf(variables)
  const adam = new Adam(backend, variables, SETTINGS)
  expect(await adam.update(gradientsOf({ up: (i) => [0.3, -0.4, 0][i] }), 0.01)).toBeCloseTo(0.5, 6)
  const after = valuesOf(variables)
  expect(after.up.map((x, i) => x - before.up[i])).toEqual([-0.01, 0.01, 0].map((x) => expect.closeTo(x, 6) as unknown))
  expect({ ...after, up: [] }).toEqual({ ...before, up: [] })
})

test('many steps, as Adam is defined weight by weight; what has no gradient waits', async () => {
  const variables = variablesOf()
  const expected = Object.entries(valuesOf(variables)).map(([name, values]) => ({
    name,
    values,
    first: values.map(() => 0),
    second: values.map(() => 0),
    updates: 0,
  }))
  const adam = new Adam(backend, variables, SETTINGS)
  const random = randomFrom(9)
  for (let step = 0; step < 12; step++) {
    const skipped = step % 3 === 1 ? ['ac.1.a'] : []
    const gradients: Record<string, number[]> = {}
    for (const { name, values } of expected) {
      if (!skipped.includes(name))
        gradients[name] = values.map(() => (random.next() - 0.5) * (step % 2 === 0 ? 4 : 1e-3))
    }
    const norm = Math.hypot(...Object.values(gradients).flat())
    const clip = Math.min(1, 1 / norm)
    for (const weight of expected) {
      const gradient = gradients[weight.name]
      if (!gradient) continue
      weight.updates++
      gradient.forEach((g, i) => {
        weight.first[i] = 0.9 * weight.first[i] + 0.1 * g * clip
        weight.second[i] = 0.98 * weight.second[i] + 0.02 * (g * clip) ** 2
        const mean = weight.first[i] / (1 - 0.9 ** weight.updates)
        const square = weight.second[i] / (1 - 0.98 ** weight.updates)
        weight.values[i] -= (0.01 * mean) / (Math.sqrt(square) + 1e-8)
      })
    }
    const tensors = gradientsOf(Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, (i) => g[i]])))
    const found = await adam.update(tensors, 0.01)
    expect(Math.abs(found / norm - 1)).toBeLessThan(1e-5)
  }
  const found = valuesOf(variables)
  for (const { name, values } of expected) {
    values.forEach((value, i) => expect(Math.abs(found[name][i] - value)).toBeLessThan(1e-5))
  }
  expect([...(await adam.save())].map(([name, { updates }]) => [name, updates])).toEqual([
    ['ac.0.a', 12],
    ['ac.0.b', 12],
    ['ac.1.a', 8],
    ['up', 12],
  ])
})

test('gradients that are no numbers change nothing', async () => {
  const variables = variablesOf()
  const adam = new Adam(backend, variables, SETTINGS)
  await adam.update(gradientsOf({ up: () => 1 }), 0.01)
  const before = await adam.save()
  expect(await adam.update(gradientsOf({ up: (i) => [1, NaN, 1][i], 'ac.0.a': () => 1 }), 0.01)).toBeNaN()
  expect(await adam.save()).toEqual(before)
})

test('the average follows the weights, and stands in for them while something runs', async () => {
  const variables = variablesOf()
  const adam = new Adam(backend, variables, SETTINGS)
  const first = valuesOf(variables).up
  await adam.update(gradientsOf({ up: () => 1 }), 0.5)
  const second = valuesOf(variables).up
  adam.average(0.75)
  const seen = await adam.withAverage(() => Promise.resolve(valuesOf(variables).up))
  seen.forEach((x, i) => expect(x).toBeCloseTo(0.75 * first[i] + 0.25 * second[i], 6))
  expect(valuesOf(variables).up).toEqual(second)
  await expect(adam.withAverage(() => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped')
  expect(valuesOf(variables).up).toEqual(second)
})

describe('saved slots', () => {
  const train = async (adam: Adam, from: number, to: number): Promise<void> => {
    for (let step = from; step < to; step++) {
      const gradient = (i: number): number => Math.sin(step * 3 + i)
      const gradients = gradientsOf(
        step % 2 ? { up: gradient } : { up: gradient, 'ac.0.a': gradient, 'ac.1.a': gradient },
      )
      await adam.update(gradients, 0.01)
      tf.dispose(gradients)
      adam.average(0.9)
    }
  }

  test('training that goes on from them is the same, to the bit', async () => {
    const adam = new Adam(backend, variablesOf(), SETTINGS)
    await train(adam, 0, 5)
    const saved = await adam.save()
    await train(adam, 5, 10)
    const other = new Adam(backend, variablesOf(), SETTINGS)
    other.load(saved)
    await train(other, 5, 10)
    expect(await other.save()).toEqual(await adam.save())
    expect(valuesOf(other.variables)).toEqual(valuesOf(adam.variables))
  })

  test('of another network are refused, and change nothing', async () => {
    const adam = new Adam(backend, variablesOf(), SETTINGS)
    await train(adam, 0, 2)
    const saved = await adam.save()
    const before = await adam.save()
    const changed = (name: string, changes: Partial<Slots> | null): Map<string, Slots> => {
      const slots = new Map(saved)
      if (changes === null) slots.delete(name)
      else slots.set(name, { ...(slots.get(name) ?? saved.get('up')!), ...changes })
      return slots
    }
    expect(() => adam.load(changed('up', null))).toThrow('weight up is missing')
    expect(() => adam.load(changed('up', { shape: [1, 3] }))).toThrow('weight up is of shape [1,3]')
    expect(() => adam.load(changed('down', {}))).toThrow('weight down is there')
    expect(() => adam.load(changed('ac.0.b', { updates: 7 }))).toThrow('weight ac.0.b is updated 7 times')
    expect(await adam.save()).toEqual(before)
  })

  test('steps leave no tensors behind, and disposing leaves only the variables', async () => {
    const variables = variablesOf()
    const before = tf.memory().numTensors
    const adam = new Adam(backend, variables, SETTINGS)
    const kept = tf.memory().numTensors
    await train(adam, 0, 6)
    adam.load(await adam.save())
    expect(tf.memory().numTensors).toBe(kept)
    adam.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
