import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lambdaOf, plainSteps, stepOfLambda, stepOfQuality } from '../../src/codec/lambda.js'
import type { CellGridModel } from '../../src/network/model.js'

test('ln λ = 1 + s/10', () => {
  expect(lambdaOf(0)).toBeCloseTo(2.71828, 5)
  expect(lambdaOf(40)).toBeCloseTo(148.413, 3)
  expect(lambdaOf(73)).toBeCloseTo(4023.87, 2)
})

test('qualities map evenly to steps, the best to 0 and the worst to 73', () => {
  expect([1, 2, 50, 75, 99, 100].map(stepOfQuality)).toEqual([73, 72, 37, 18, 1, 0])
  const steps = Array.from({ length: 100 }, (_, i) => stepOfQuality(i + 1))
  expect(steps.toSorted((a, b) => b - a)).toEqual(steps)
  expect(new Set(steps).size).toBe(74)
})

test.each([0, 0.99, 100.5, 101, -1, NaN, Infinity])('quality %d is refused', (quality) => {
  expect(() => stepOfQuality(quality)).toThrow('allowed is 1…100')
})

test('plain rates: the middle of the steps that code the same fine layers', () => {
  const of = (...untils: number[]): number[] =>
    plainSteps({ fine: { layers: untils.map((until) => ({ until })) } } as unknown as CellGridModel)
  expect(of(73)).toEqual([37])
  expect(of(73, 73, 40)).toEqual([20, 57])
  expect(of(72, 1)).toEqual([1, 37, 73]) // the last codes no fine layer
})

test('a λ maps to its nearest step', () => {
  expect(stepOfLambda(Math.E * (1 - 2 ** -52))).toBe(0) // not −0
  const anyStep = fc.integer({ min: 0, max: 73 })
  fc.assert(
    fc.property(anyStep, fc.double({ min: -0.049, max: 0.049, noNaN: true }), (s, off) => {
      expect(stepOfLambda(lambdaOf(s) * Math.exp(off))).toBe(s)
    }),
  )
})

test.each([0, -1, NaN, 2.5, 4500, Infinity])('λ %d is refused', (lambda) => {
  expect(() => stepOfLambda(lambda)).toThrow('allowed is 2.72…4023')
})
