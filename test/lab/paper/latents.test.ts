import { expect, test } from 'vitest'
import { accuracies, lengthsFor } from '../../../src/lab/paper/latents.js'
import { uniformFrom } from '../../../src/network/uniform.js'

/** Any class for each of the 256 paths, told rightly nine times of ten: what table 3 is about. */
function drawn(count: number, seed: number) {
  const ofCodes = uniformFrom(0)
  const classes = Uint8Array.from({ length: 256 }, () => Math.floor(ofCodes() * 10))
  const uniform = uniformFrom(seed)
  const labels = new Uint8Array(count)
  const choices = new Uint16Array(count * 4)
  for (let i = 0; i < count; i++) {
    const code = Math.floor(uniform() * 256)
    labels[i] = uniform() < 0.9 ? classes[code] : Math.floor(uniform() * 10)
    choices.set([code >> 6, (code >> 4) & 3, (code >> 2) & 3, code & 3], i * 4)
  }
  return { paths: { K: 4, length: 4, choices }, labels }
}

const all = accuracies(drawn(12_000, 1), drawn(2000, 2), 10, 3)

test('judged at the lengths of the table, or whole', () => {
  expect(lengthsFor(8, 40)).toEqual([3, 5, 10])
  expect(lengthsFor(8, 5)).toEqual([3, 5])
  expect(lengthsFor(64, 20)).toEqual([10])
  expect(lengthsFor(3, 5)).toEqual([5])
})

test('as many numbers of labels as there are labels for, each drawn several times', () => {
  expect(all.map(({ labels, values }) => [labels, values.length])).toEqual([
    [128, 20],
    [1024, 20],
    [10_000, 5],
  ])
})

test('the more labels, the more classes are told', () => {
  const [few, more, most] = all.map(({ values }) => values.reduce((a, b) => a + b, 0) / values.length)
  expect(few).toBeGreaterThan(0.25)
  expect(more).toBeGreaterThan(few + 0.2)
  expect(most).toBeGreaterThan(more + 0.02)
  // One in ten is told by chance.
  expect(most).toBeLessThan(0.93)
})
