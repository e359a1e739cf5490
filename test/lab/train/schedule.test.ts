import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Size } from '../../../src/lab/train/training.js'
import {
  averageDecay,
  drawLogLambdas,
  learningRate,
  pixelsOfSteps,
  sizeAt,
  stepsThatFit,
} from '../../../src/lab/train/schedule.js'
import { randomFrom } from '../../../src/network/uniform.js'

const anySizes = fc
  .array(
    fc.record({
      from: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      batch: fc.integer({ min: 1, max: 4 }),
      crop: fc.integer({ min: 1, max: 8 }).map((x) => 8 * x),
    }),
    { maxLength: 3 },
  )
  .map((later): Size[] => [
    { from: 0, batch: 2, crop: 24 },
    ...[...new Map(later.map((size) => [size.from, size])).values()].sort((a, b) => a.from - b.from),
  ])

test('the learning rate rises, holds, and falls', () => {
  const rate = { start: 1, warmUp: 10, hold: 0.5, lowest: 0.02 }
  expect([0, 4, 9, 49].map((step) => learningRate(rate, step, 100))).toEqual([0.1, 0.5, 1, 1])
  expect(learningRate(rate, 75, 100)).toBeCloseTo(0.5, 12)
  expect(learningRate(rate, 99, 100)).toBe(0.02)
  expect(learningRate({ ...rate, hold: 1, warmUp: 0 }, 99, 100)).toBe(1)
})

test('sizes by share of the run', () => {
  const sizes = [
    { from: 0, batch: 2, crop: 192 },
    { from: 0.5, batch: 1, crop: 320 },
    { from: 0.9, batch: 1, crop: 448 },
  ]
  expect([0, 49, 50, 89, 90, 99].map((step) => sizeAt(sizes, step, 100).crop)).toEqual([192, 192, 320, 320, 448, 448])
})

test('the pixels of a run are those of its steps', () => {
  fc.assert(
    fc.property(anySizes, fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 60 }), (sizes, a, b, steps) => {
      const [from, to] = [Math.min(a, steps), Math.min(a + b, steps)]
      let sum = 0
      for (let step = from; step < to; step++) {
        const { batch, crop } = sizeAt(sizes, step, steps)
        sum += batch * crop ** 2
      }
      expect(pixelsOfSteps(sizes, from, to, steps)).toBe(sum)
    }),
  )
})

describe('steps from a time', () => {
  test('of one size', () => {
    expect(stepsThatFit([{ from: 0, batch: 1, crop: 8 }], 10, 640, 9)).toBe(100)
  })

  test('of two sizes: half of 100 steps with 64 pixels, half with 256', () => {
    const sizes = [
      { from: 0, batch: 1, crop: 8 },
      { from: 0.5, batch: 1, crop: 16 },
    ]
    expect(stepsThatFit(sizes, 0, 50 * 64 + 50 * 256, 1)).toBe(100)
  })

  test('one more than the warm-up if no time is left', () => {
    expect(stepsThatFit([{ from: 0, batch: 1, crop: 8 }], 10, 640, -1)).toBe(11)
  })

  test('fit, and leave less time than a step and what the move of the sizes costs', () => {
    fc.assert(
      fc.property(anySizes, fc.nat(20), fc.integer({ min: 20_000, max: 10 ** 6 }), (sizes, warm, budget) => {
        const steps = stepsThatFit(sizes, warm, budget, 1)
        const pixels = pixelsOfSteps(sizes, warm, steps, steps)
        expect(pixels).toBeLessThanOrEqual(budget)
        expect(pixels).toBeGreaterThan(budget - 5 * 4 * 64 ** 2)
      }),
    )
  })
})

test('ln λ of a batch are near each other and in the range', () => {
  const settings = { range: [1, 8.3], middle: [4, 7.5], middleShare: 0.5, spread: 0.5 } as const
  const random = randomFrom(1)
  const all = Array.from({ length: 4000 }, () => drawLogLambdas(settings, random, 2))
  for (const [a, b] of all) {
    expect(Math.abs(a - b)).toBeLessThanOrEqual(1)
    expect(Math.min(a, b)).toBeGreaterThanOrEqual(1)
    expect(Math.max(a, b)).toBeLessThanOrEqual(8.3)
  }
  // 0.5 and half of 3.5 / 7.3 have their centre in the middle: 0.74, of 4,000 with a standard deviation of 0.007
  const middle = all.filter(([a, b]) => (a + b) / 2 > 4 && (a + b) / 2 < 7.5).length / all.length
  expect(Math.abs(middle - 0.74)).toBeLessThan(0.03)
})

test('the mean of the weights forgets the first ones soon', () => {
  expect(averageDecay(0.998, 10)).toBe(0.5 ** 10)
  expect(averageDecay(0.998, 100_000)).toBe(0.998 ** 10)
})
