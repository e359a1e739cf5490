import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resampled } from '../../../src/lab/train/resample.js'
import type { Picture } from '../../../src/network/picture.js'

const pictureOf = (width: number, height: number, value: (x: number, y: number, c: number) => number): Picture => ({
  width,
  height,
  components: 3,
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) =>
    value(Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3),
  ),
})

test('a row of four pixels to two', () => {
  // Factor 2, centres 1 and 3. Cubic at ±1/4: 111/128, at 3/4: 29/128, at 5/4: −9/128, at 7/4: −3/128.
  // The first output sees pixels 0 … 3 at distances −1/4, 1/4, 3/4, 5/4: 111, 111, 29, −9, of 242.
  const picture = pictureOf(4, 4, (x) => [0, 0, 0, 242][x])
  expect([...resampled(picture, 0, 0, 4, 2)].filter((_, at) => at % 3 === 0)).toEqual([0, 111, 0, 111])
  const other = pictureOf(4, 4, (x) => [0, 121, 0, 0][x])
  // 111 / 242 and 29 / 242 of 121
  expect([...resampled(other, 0, 0, 4, 2)].slice(0, 6)).toEqual([56, 56, 56, 15, 15, 15])
})

test('a part keeps its place, its components and its levels', () => {
  const anyColour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255))
  fc.assert(
    fc.property(anyColour, fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.nat(3), (colour, side, more, corner) => {
      const from = side + more
      // One colour inside the part, its opposite around it.
      const isInside = (x: number) => x >= corner && x < corner + from
      const picture = pictureOf(from + 5, from + 5, (x, y, c) =>
        isInside(x) && isInside(y) ? colour[c] : 255 - colour[c],
      )
      const out = resampled(picture, corner, corner, from, side)
      expect([...out]).toEqual(Array.from({ length: side * side * 3 }, (_, at) => colour[at % 3]))
    }),
  )
})

test('a ramp stays one, away from the edges', () => {
  const out = resampled(
    pictureOf(48, 48, (x, y) => 2 * x + 3 * y),
    0,
    0,
    48,
    16,
  )
  // The middle of three pixels: 3x + 1.
  for (let y = 3; y < 13; y++) {
    for (let x = 3; x < 13; x++) expect(out[(y * 16 + x) * 3]).toBe(2 * (3 * x + 1) + 3 * (3 * y + 1))
  }
})

test('stripes of one pixel become grey: no aliasing', () => {
  const out = resampled(
    pictureOf(64, 64, (x) => (x % 2) * 200),
    0,
    0,
    64,
    32,
  )
  for (let x = 2; x < 30; x++) expect(Math.abs(out[x * 3] - 100)).toBeLessThan(8)
})

test('the same size is a copy', () => {
  const picture = pictureOf(6, 6, (x, y, c) => (x * 37 + y * 91 + c * 50) % 256)
  expect(resampled(picture, 0, 0, 6, 6)).toEqual(picture.data)
})
