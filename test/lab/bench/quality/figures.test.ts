import { beforeAll, expect, test } from 'vitest'
import type { Picture } from '../../../../src/index.js'
import { figuresOf, scaled } from '../../../../src/lab/bench/quality/figures.js'
import { blurred, noisy, posterised, raccoon } from './distorted.js'

let whole: Picture
let small: Picture
beforeAll(async () => {
  ;[whole, small] = [await raccoon(200, 180), await raccoon(97, 51)]
})

// Of the reference implementation, github.com/cloudinary/ssimulacra2 at 81feacf, on the same pixels.
test('SSIMULACRA 2 is that of the reference implementation, but for the rounding of its floats', () => {
  const expected = [
    [whole, posterised, 68.17842141],
    [whole, blurred, 55.22324508],
    [whole, noisy, 72.53702826],
    [small, posterised, -51.74085911],
    [small, blurred, 84.15936428],
    [small, noisy, -45.95218319],
  ] as const
  for (const [picture, spoil, score] of expected) {
    const found = figuresOf(picture)(spoil(picture)).ssimulacra2 ?? NaN
    expect(Math.abs(found - score), `${spoil.name} ${picture.width}`).toBeLessThan(0.1)
  }
})

test('PSNR of all samples and of the luma', () => {
  const picture: Picture = { width: 2, height: 1, components: 3, data: Uint8Array.of(10, 20, 30, 40, 50, 60) }
  const other = { ...picture, data: Uint8Array.of(20, 20, 30, 40, 50, 60) }
  const { psnr, psnrY, msSsim, ssimulacra2 } = figuresOf(picture)(other)
  expect(psnr).toBeCloseTo(10 * Math.log10(65025 / (100 / 6)), 9)
  expect(psnrY).toBeCloseTo(10 * Math.log10(65025 / (2.99 ** 2 / 2)), 4)
  // Too small for either.
  expect([msSsim, ssimulacra2]).toEqual([null, null])
})

test('no difference: no dB, and the best score', () => {
  expect(figuresOf(whole)(whole)).toEqual({ psnr: null, psnrY: null, msSsim: 1, ssimulacra2: 100 })
  expect(scaled('msSsim', 1)).toBeNull()
  expect(scaled('psnr', null)).toBeNull()
  expect(scaled('msSsim', 0.99)).toBeCloseTo(20, 9)
})

test('grey is as three equal components', () => {
  const grey: Picture = { ...whole, components: 1, data: whole.data.filter((_, at) => at % 3 === 1) }
  const coloured = { ...whole, data: whole.data.map((_, at) => grey.data[Math.floor(at / 3)]) }
  const [one, three] = [grey, coloured].map((picture) => figuresOf(picture)(darker(picture)))
  expect(one.ssimulacra2).toBeCloseTo(three.ssimulacra2 ?? NaN, 6)
  expect(one.msSsim).toBeCloseTo(three.msSsim ?? NaN, 5)
})

/** Darker by 8, of any number of components. */
const darker = (picture: Picture): Picture => ({
  ...picture,
  data: picture.data.map((value) => Math.max(0, value - 8)),
})
