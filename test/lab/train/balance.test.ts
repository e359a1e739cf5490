import { expect, test } from 'vitest'
import { noUsualLoss, rateOf, usualOf, withLosses } from '../../../src/lab/train/balance.js'

test('ten rates from ln λ = 1 to 8.3', () => {
  expect([0.9, 1, 1.72, 1.74, 4.7, 8.2, 8.3, 9].map(rateOf)).toEqual([0, 0, 0, 1, 5, 9, 9, 9])
})

test('the first loss of a rate is its mean, later ones move it by a fiftieth each', () => {
  const first = withLosses(noUsualLoss, [3, 5, 100], [1, 1, 8])
  expect(first).toEqual([4, 0, 0, 0, 0, 0, 0, 0, 0, 100])
  expect(withLosses(first, [54], [1])[0]).toBeCloseTo(5, 12)
  // two pictures at once: 1 − 0.98²
  expect(withLosses(first, [14, 14], [1, 1])[0]).toBeCloseTo(4.396, 12)
})

test('a loss that is no number leaves the mean as it was', () => {
  const first = withLosses(noUsualLoss, [4, NaN, Infinity], [1, 1, 8])
  expect(first).toEqual([4, ...noUsualLoss.slice(1)])
  expect(withLosses(first, [NaN], [1])).toEqual(first)
})

test('the usual loss of a picture, before its loss is known', () => {
  const usual = noUsualLoss.map((_, rate) => (rate === 3 ? 0 : 10 * rate))
  const logLambdas = [1, 3.3, 3.4, 8, 8.1, 8.2]
  const losses = [4, 5, 7, 80, 90, 130]
  const after = withLosses(usual, losses, logLambdas)
  const { before, weights } = usualOf(usual, logLambdas)
  logLambdas.forEach((logLambda, i) => {
    const found = weights[i].reduce((sum, weight, j) => sum + weight * losses[j], before[i])
    expect(found).toBeCloseTo(after[rateOf(logLambda)], 10)
  })
})
