import { expect, test } from 'vitest'
import type { Picture } from '../../../src/index.js'
import { decibelOf, MS_SSIM_MIN_SIDE, msSsim } from '../../../src/lab/bench/msSsim.js'

/** A picture of slopes and edges, and the same with errors of up to `noise` levels. */
function pictures(width: number, height: number, noise: number): [Picture, Picture] {
  const sample = (at: number, error: number): number => {
    const [c, x, y] = [at % 3, Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    const level = (x * 3 + y * 2 + c * 40 + (x > y ? 60 : 0) + ((x * y) % 17)) % 256
    const added = ((x * 7 + y * 13 + c * 5) % (2 * error + 1)) - error
    return Math.min(255, Math.max(0, level + added))
  }
  const picture = (error: number): Picture => {
    const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => sample(at, error))
    return { width, height, components: 3, data }
  }
  return [picture(0), picture(noise)]
}

// The figures are of a transcription of pytorch-msssim 1.0.0 to numpy in 64 bits, its finest scale that of scikit-image.
test.each([
  [176, 161, 4, 0.998285316288],
  [163, 170, 20, 0.963329602565],
  [161, 161, 100, 0.555490570276],
])('%i x %i with errors of %i: as pytorch-msssim', (width, height, noise, expected) => {
  const [original, other] = pictures(width, height, noise)
  expect(msSsim(original, other)).toBeCloseTo(expected, 9)
  expect(msSsim(other, original)).toBeCloseTo(expected, 9)
})

test('equal pictures have 1, also grey ones', () => {
  const [{ width, height, data }] = pictures(161, 161, 0)
  const grey: Picture = { width, height, components: 1, data: data.subarray(0, width * height) }
  expect(msSsim(grey, grey)).toBe(1)
})

test('a side under 161 is too small for five scales', () => {
  expect(MS_SSIM_MIN_SIDE).toBe(161)
  const [small] = pictures(300, 160, 0)
  expect(msSsim(small, small)).toBeNull()
})

test('pictures of two sizes are not compared', () => {
  const [[one], [other]] = [pictures(161, 162, 0), pictures(162, 161, 0)]
  expect(() => msSsim(one, other)).toThrow(/the other picture is 162 x 161 x 3, allowed is 161 x 162 x 3/)
})

test('in decibels', () => {
  expect(decibelOf(0.99)).toBeCloseTo(20, 9)
  expect(decibelOf(1)).toBe(Infinity)
})
