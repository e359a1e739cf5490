/** Adam's step by native TensorFlow's kernel beside the one that every backend has, on the fastest backend. */
import { expect, test } from 'vitest'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { portableSlots, SLOTS, slotsOn, type FlatSlots } from '../../../src/lab/train/slots.js'
import { numbers } from './gradient.js'

const backend = await loadBackend()
const { tf } = backend
const SETTINGS = { betas: [0.9, 0.98], epsilon: 1e-3 } as const
const SIZE = 50

const valuesOf = (slots: FlatSlots): Record<string, number[]> =>
  tf.tidy(() => Object.fromEntries(SLOTS.map((slot) => [slot, Array.from(slots.read(slot).dataSync())])))

test('the first step, by hand', () => {
  const slots = slotsOn(backend)(tf.tensor1d([1, 1]), { betas: [0.5, 0.75], epsilon: 0 })
  slots.update(tf.tensor1d([4, -4]), { rate: 0.25, updates: 1 })
  // Means of 2 and 4, half and a quarter of what they grow to: a step of the rate against the gradient.
  expect(valuesOf(slots)).toEqual({ weight: [0.75, 1.25], first: [2, -2], second: [4, 4] })
  slots.dispose()
})

test('many steps are those of the portable one, from given slots too', () => {
  const weight = tf.tensor1d(numbers([SIZE], 1))
  const both = [slotsOn(backend), portableSlots(tf)].map((make) => make(weight, SETTINGS))
  for (let updates = 1; updates <= 20; updates++) {
    const gradient = tf.tensor1d(numbers([SIZE], 2 + updates))
    for (const slots of both) {
      slots.update(gradient, { rate: 0.01, updates })
      if (updates === 10) {
        const [first, second] = [tf.tensor1d(numbers([SIZE], 50)), tf.abs(tf.tensor1d(numbers([SIZE], 51)))]
        slots.replace({ weight, first, second })
      }
    }
  }
  const [ours, portable] = both.map(valuesOf)
  for (const slot of SLOTS) ours[slot].forEach((x, i) => expect(x).toBeCloseTo(portable[slot][i], 5))
  both.forEach((slots) => slots.dispose())
})

test('a step leaves nothing behind', () => {
  const slots = slotsOn(backend)(tf.ones([3]), SETTINGS)
  const gradient = tf.ones([3])
  const before = tf.memory().numTensors
  slots.update(gradient, { rate: 0.01, updates: 1 })
  expect(tf.memory().numTensors).toBe(before)
  slots.dispose()
  expect(tf.memory().numTensors).toBe(before - 3)
})
