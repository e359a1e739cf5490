import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Slots } from '../../../../src/lab/train/checkpoint.js'
import type { splitOf } from '../../../../src/lab/train/splitPrune.js'
import { cloneCandidate, splitAndPruneCounts } from '../../../../src/lab/train/whole/splitPrune.js'

const PAPER = { split: 2, prune: 0.5 }
const after = (counts: number[]): [ReturnType<typeof splitOf>, number[]] => {
  const own = [...counts]
  return [splitAndPruneCounts(own, PAPER), own]
}

test('nothing is split while all shares lie between 0.5/K and 2/K, the bounds with them', () => {
  expect(after([0, 0, 0, 0])[0]).toBeNull() // nothing was counted
  expect(after([5, 5, 5, 5])[0]).toBeNull()
  expect(after([8, 2, 3, 3])).toEqual([null, [8, 2, 3, 3]]) // n = 16: 8 is 2/K, 2 is 0.5/K
})

test('over 2/K: the largest is halved, its copy takes the place of the smallest, whose choices are gone', () => {
  expect(after([9, 2, 3, 2])).toEqual([{ from: 0, to: 1 }, [4.5, 4.5, 3, 2]])
})

test('under 0.5/K: the same', () => {
  expect(after([5, 6, 1, 6])).toEqual([{ from: 1, to: 2 }, [5, 3, 3, 6]])
  expect(after([3, 0, 3, 0])).toEqual([{ from: 0, to: 1 }, [1.5, 1.5, 3, 0]]) // ties: the lowest index
})

test('K = 2: both end with half of what the one had', () => {
  expect(after([10, 1])).toEqual([{ from: 0, to: 1 }, [5, 5]])
  expect(after([1, 3])).toEqual([null, [1, 3]]) // 1 of 4 is 0.5/K
  expect(after([1, 4])).toEqual([{ from: 1, to: 0 }, [2, 2]])
})

test('repeated, it comes to an end, with all shares within the bounds', () => {
  const counts = fc.array(fc.nat(1000), { minLength: 2, maxLength: 64 }).filter((all) => all.some((x) => x > 0))
  fc.assert(
    fc.property(counts, (all) => {
      const own = [...all]
      let splits = 0
      while (splitAndPruneCounts(own, PAPER)) expect(splits++).toBeLessThan(100 * own.length)
      const n = own.reduce((a, b) => a + b, 0)
      for (const count of own) {
        expect(count * own.length).toBeLessThanOrEqual(2 * n)
        expect(count * own.length).toBeGreaterThanOrEqual(0.5 * n)
      }
    }),
  )
})

/** Slots whose numbers tell their place. */
const slots = (shape: number[], start: number): Slots => {
  const size = shape.reduce((a, b) => a * b, 1)
  const row = (kind: number): Float32Array => Float32Array.from({ length: size }, (_, i) => start + 1000 * kind + i)
  return { shape, updates: 1, weight: row(0), first: row(1), second: row(2), average: row(3) }
}

test('a candidate is copied in weights, Adam’s slots and averages, in its own layer alone', () => {
  // Two layers, K = 3, rows of 4 weights, 2 biases, 1 of the prior's table.
  const all = new Map([
    ['stage.1.layers.candidates.weight', slots([2, 3, 2, 2], 0)],
    ['stage.1.layers.candidates.bias', slots([2, 3, 2], 100)],
    ['stage.1.layers.priorTable', slots([2, 3, 1], 200)],
    ['stage.1.layers.priorBias', slots([2, 3], 300)],
    ['stage.0.layers.candidates.bias', slots([2, 3, 2], 400)],
  ])
  const before = structuredClone(all)
  cloneCandidate('stage.1', 1, 3, { from: 2, to: 0 }, all)
  const own = (part: string, kind: 'weight' | 'first' | 'second' | 'average') => [
    ...all.get(`stage.1.layers.${part}`)![kind],
  ]
  expect(own('candidates.weight', 'weight').slice(8)).toEqual([8, 9, 10, 11, 20, 21, 22, 23, 16, 17, 18, 19, 20, 21, 22, 23]) // prettier-ignore
  expect(own('candidates.bias', 'first')).toEqual([1100, 1101, 1102, 1103, 1104, 1105, 1110, 1111, 1108, 1109, 1110, 1111]) // prettier-ignore
  expect(own('priorTable', 'second')).toEqual([2200, 2201, 2202, 2205, 2204, 2205])
  // The two of the prior share what the one had.
  const [halved] = Float32Array.of(305 - Math.LN2)
  expect(own('priorBias', 'weight')).toEqual([300, 301, 302, halved, 304, halved])
  expect(own('priorBias', 'first')).toEqual([1300, 1301, 1302, 1305, 1304, 1305])
  expect(all.get('stage.0.layers.candidates.bias')).toEqual(before.get('stage.0.layers.candidates.bias'))
})
