import { expect, test } from 'vitest'
import { inversionsOf } from '../../../src/lab/bench/quality.js'

const point = (quality: number, bytes: number, psnr: number) => ({ quality, bytes, psnr })

test('a scale that only rises, or stays, has no inversion', () => {
  expect(inversionsOf([point(1, 100, 30), point(2, 100, 30), point(3, 101, 31)])).toEqual([])
  expect(inversionsOf([point(100, 5, 50)])).toEqual([])
  expect(inversionsOf([])).toEqual([])
})

test('a PSNR that falls and a file that shrinks are both listed, with their size', () => {
  expect(inversionsOf([point(1, 200, 30), point(2, 190, 29.5), point(4, 300, 31), point(5, 310, 30.75)])).toEqual([
    { from: 1, to: 2, what: 'PSNR', size: '-0.5000 dB' },
    { from: 1, to: 2, what: 'rate', size: '-5.000 %' },
    { from: 4, to: 5, what: 'PSNR', size: '-0.2500 dB' },
  ])
})
