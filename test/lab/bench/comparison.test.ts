import { expect, test } from 'vitest'
import { bdTable } from '../../../src/lab/bench/benchTables.js'
import { differencesOf, summariesOf } from '../../../src/lab/bench/comparison.js'
import type { RateRow } from '../../../src/lab/bench/rates.js'

/** 0.1 to 3.2 bits per pixel, 3 dB a doubling. */
const rows = (picture: string, codec: string, share: number): RateRow[] =>
  [0.1, 0.2, 0.4, 0.8, 1.6, 3.2].map((bpp, at) => ({
    ...{ picture, codec, setting: at, pixels: 80_000, bytes: bpp * 10_000 * share },
    figures: { psnr: 28 + 3 * at, psnrY: 29 + 3 * at, msSsim: null, ssimulacra2: 10 * at },
  }))

const all = [
  ...[...rows('a', 'ours', 1), ...rows('a', 'theirs', 2)],
  ...[...rows('b', 'ours', 1), ...rows('b', 'theirs', 0.8)],
]

test('the first against the others, by picture, measure and interpolation', () => {
  const differences = differencesOf(all, ['ours', 'theirs'])
  // Two pictures, three measures that have figures, two interpolations.
  expect(differences).toHaveLength(12)
  for (const { picture, rate } of differences) expect(rate).toBeCloseTo(Math.log(picture === 'a' ? 0.5 : 1.25), 6)
  const psnr = differences.find(({ picture, measure }) => picture === 'a' && measure === 'psnr')
  expect(psnr?.quality).toBeCloseTo(3, 6)
})

test('means, the worst picture, and the table', () => {
  const summaries = summariesOf(differencesOf(all, ['ours', 'theirs']))
  const psnr = summaries.find(({ measure, interpolation }) => measure === 'psnr' && interpolation === 'akima')!
  expect(psnr).toMatchObject({ codec: 'theirs', pictures: 2, worstPicture: 'b', better: 1 })
  expect(psnr.rate).toBeCloseTo(Math.log(0.5 * 1.25) / 2, 6)
  const [, row] = bdTable(summaries, (codec) => codec.toUpperCase())
  expect(row).toEqual(['THEIRS', '-20.9', '-20.9', '-', '-20.9', '-20.9', '+25.0', 'b', '1 of 2', row[9]])
})

test('a codec without files of a picture has no difference there', () => {
  expect(differencesOf(rows('a', 'ours', 1), ['ours', 'theirs'])).toEqual([])
})
