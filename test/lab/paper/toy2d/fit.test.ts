import { describe, expect, test } from 'vitest'
import { fitOf, splitAndPruneOf, type Fitting } from '../../../../src/lab/paper/toy2d/fit.js'

const plane = (x: readonly number[], y: readonly number[]) => ({ x: Float64Array.from(x), y: Float64Array.from(y) })

const fitted = (method: Fitting['method'], start: readonly number[], samples: readonly number[], biasStep = 0) => {
  const zeros = (values: readonly number[]) => values.map(() => 0)
  const fit = fitOf(plane(start, zeros(start)), plane(samples, zeros(samples)), { move: 0.5, method, biasStep })
  fit.learn(samples.length)
  return [...fit.points().x]
}

test('by gradient descent alone, only the nearest node moves', () => {
  expect(fitted('gradient', [-0.5, 0.5], [1, 1, 0.75])).toEqual([-0.5, 0.8125])
})

test('a node that was never chosen takes the place of the one that was', () => {
  // Of one choice, 0 is below 0.5/2: the second is cloned into the first after it has moved.
  expect(fitted('splitAndPrune', [-0.5, 0.5], [1])).toEqual([0.75, 0.75])
})

test('with balancing a choice costs: the other node is taken where it is less than that further', () => {
  // Squared distances 0.16 and 0.36, then 0.04 + bias and 0.36.
  expect(fitted('balancing', [0, 1], [0.4, 0.4], 0)).toEqual([0.30000000000000004, 1])
  expect(fitted('balancing', [0, 1], [0.4, 0.4], 0.33)).toEqual([0.2, 0.7])
})

describe('algorithm 1', () => {
  test('fires while a node is below 0.5/K, and divides the count of the largest', () => {
    const counts = splitAndPruneOf(4)
    expect(counts.count(2)).toEqual({ split: 2, pruned: 0 }) // ½ 0 ½ 0, n = 1
    expect(counts.count(2)).toEqual({ split: 2, pruned: 1 }) // ½ ¾ ¾ 0, n = 2
    expect(counts.count(0)).toEqual({ split: 0, pruned: 3 }) // ¾ ¾ ¾ ¾, n = 3
    expect(counts.count(0)).toBeNull() // 1¾ of 4: neither over 2/4 nor below 0.5/4
  })

  test('fires where a node is over 2/K, and the pruned count leaves n', () => {
    const counts = splitAndPruneOf(4)
    for (const k of [2, 2, 0, 0]) counts.count(k) // 1¾ ¾ ¾ ¾, n = 4
    expect(counts.count(0)).toEqual({ split: 0, pruned: 1 }) // 2¾ of 5 > 2/4: 1⅜ 1⅜ ¾ ¾, n = 4¼
    expect(counts.count(3)).toBeNull() // 1⅜ 1⅜ ¾ 1¾, n = 5¼
    expect(counts.count(3)).toEqual({ split: 3, pruned: 2 }) // 2¾ of 6¼ is less than 2/4; ¾ of 6¼ is 0.48/4
  })
})
