import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cropOf, spread } from '../../src/lab/quantise/crops.js'
import type { Picture } from '../../src/network/picture.js'

/** Every sample tells its place and component. */
const placed = (width: number, height: number, components: 1 | 3): Picture => ({
  width,
  height,
  components,
  data: Uint8Array.from({ length: width * height * components }, (_, i) => i),
})

test('the first crop is the corner, a small picture is itself', () => {
  const picture = placed(4, 3, 1)
  expect(cropOf(picture, 2, 0)).toEqual({ width: 2, height: 2, components: 1, data: Uint8Array.of(0, 1, 4, 5) })
  expect(cropOf(picture, 5, 3)).toEqual(picture)
})

test('a crop is a part of the picture, of the side asked for or less', () => {
  const side = fc.integer({ min: 1, max: 8 })
  fc.assert(
    fc.property(side, side, fc.constantFrom(1 as const, 3 as const), side, fc.nat(1000), (w, h, components, s, i) => {
      const crop = cropOf(placed(w, h, components), s, i)
      expect([crop.width, crop.height]).toEqual([Math.min(w, s), Math.min(h, s)])
      const corner = crop.data[0]
      crop.data.forEach((sample, at) => {
        const [x, y] = [at % (crop.width * components), Math.floor(at / (crop.width * components))]
        expect(sample).toBe(corner + y * w * components + x)
      })
    }),
  )
})

test('corners of many crops lie on either side of the middle', () => {
  const corners = Array.from({ length: 20 }, (_, i) => cropOf(placed(16, 1, 1), 1, i).data[0])
  expect(corners.filter((x) => x < 8).length).toBe(10)
})

test('some of a list, evenly spaced', () => {
  expect(spread([0, 1, 2, 3, 4, 5], 2)).toEqual([1, 4])
  expect(spread([0, 1, 2], 5)).toEqual([0, 1, 2])
  expect(spread([], 5)).toEqual([])
})
