import { expect, test } from 'vitest'
import { finitePsnrOf, lossesOf, meanScore, psnrOf, scoreOf, scoreText } from '../../../src/lab/train/score.js'

const entropy = scoreOf({ profiles: ['entropy'] })
const plain = scoreOf({ profiles: ['plain'] })

test('losses of all rates in one number', () => {
  // ln(e^1.85 / e^0.85) = 1 and ln(1) = 0
  const losses = [
    { at: 1, loss: Math.exp(1.85) },
    { at: 0, loss: 1 },
  ]
  expect(meanScore(entropy, losses)).toBeCloseTo(0.5, 12)
  expect(scoreText(entropy, losses)).toBe('log loss 0.500')
})

test('plain, a loss is a distortion: λ does not count', () => {
  // An error of one grey level in each of three samples is 48.13 dB.
  const losses = [1, 8].map((at) => ({ at, loss: 3 }))
  expect(scoreText(plain, losses)).toBe('PSNR 48.131 dB')
  expect(scoreOf({ profiles: ['entropy', 'plain'] })).toBe(entropy)
})

test('the losses of a row, at the middle of their rate', () => {
  const loss = [2, ...new Array<null>(8).fill(null), 5]
  expect(lossesOf(entropy, { loss }).map(({ at, loss }) => [Number(at.toFixed(3)), loss])).toEqual([
    [1.365, 2],
    [7.935, 5],
  ])
})

test('PSNR of an error, and of none', () => {
  expect(psnrOf(65025)).toBe(0)
  expect(psnrOf(65.025)).toBeCloseTo(30, 12)
  expect(finitePsnrOf(65.025)).toBe(psnrOf(65.025))
  expect([psnrOf(0), finitePsnrOf(0)]).toEqual([Infinity, 100])
})
