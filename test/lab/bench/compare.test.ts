import { expect, test } from 'vitest'
import type { Picture } from '../../../src/index.js'
import { comparePictures, differencePicture } from '../../../src/lab/bench/compare.js'

const colour = (...data: number[]): Picture => ({
  width: data.length / 3,
  height: 1,
  components: 3,
  data: Uint8Array.from(data),
})
const grey = (...data: number[]): Picture => ({
  width: data.length,
  height: 1,
  components: 1,
  data: Uint8Array.from(data),
})

test('no difference', () => {
  expect(comparePictures(colour(1, 2, 3), colour(1, 2, 3))).toEqual({
    width: 1,
    height: 1,
    components: 3,
    identical: true,
    psnr: Infinity,
    psnrY: Infinity,
    msSsim: null,
    largestDifference: 0,
    largestAlphaDifference: 0,
  })
})

test('PSNR of samples and of luma, and the largest difference', () => {
  const found = comparePictures(colour(10, 20, 30, 40, 50, 60), colour(10, 30, 30, 40, 50, 60))
  expect(found.psnr).toBeCloseTo(10 * Math.log10((65025 * 6) / 100), 12)
  expect(found.psnrY).toBeCloseTo(10 * Math.log10((65025 * 2) / 5.87 ** 2), 12)
  expect(found).toMatchObject({ identical: false, largestDifference: 10 })
})

test('grey beside colour counts as colour; beside grey as grey', () => {
  expect(comparePictures(grey(7), colour(7, 7, 7))).toMatchObject({ components: 3, identical: true })
  const found = comparePictures(grey(7, 7), grey(7, 9))
  expect(found.components).toBe(1)
  expect(found.psnr).toBeCloseTo(10 * Math.log10((65025 * 2) / 4), 12)
  expect(found.psnrY).toBe(found.psnr)
})

test('what both hide does not count; what one shows does, and a difference of alpha is one', () => {
  const one = { ...colour(1, 2, 3, 4, 5, 6), alpha: Uint8Array.of(0, 255) }
  const hidden = { ...colour(200, 200, 200, 4, 5, 6), alpha: Uint8Array.of(0, 255) }
  expect(comparePictures(one, hidden)).toMatchObject({ identical: true, psnr: Infinity, psnrY: Infinity })
  const shown = { ...hidden, alpha: undefined }
  const found = comparePictures(one, shown)
  expect(found).toMatchObject({ identical: false, largestDifference: 199, largestAlphaDifference: 255 })
  expect(found.psnr).toBeCloseTo(10 * Math.log10((65025 * 6) / (199 ** 2 + 198 ** 2 + 197 ** 2)), 12)
})

test('pictures of two sizes are not compared', () => {
  expect(() => comparePictures(grey(1, 2), grey(1))).toThrow(/the other picture is 1 x 1, allowed is 2 x 1/)
})

test('differences are drawn as large as the largest allows', () => {
  const { picture, amplified } = differencePicture(grey(10, 20, 30), grey(10, 25, 18))
  expect(amplified).toBe(21) // 12 · 21 = 252
  expect(picture).toEqual(grey(0, 105, 252))
  expect(differencePicture(grey(1), grey(1))).toEqual({ picture: grey(0), amplified: 255 })
})
