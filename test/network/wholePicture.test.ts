import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reference } from '../../src/engine/reference.js'
import { averaged, clampPicture, doubled, pixelsOf, targetOf } from '../../src/network/wholePicture.js'

const size = (width: number, height: number) => ({ width, height })

test('a pixel twice as large is flat, a row of two is a slope', () => {
  expect([...doubled(reference, Int32Array.of(7), size(1, 1), 1)]).toEqual([7, 7, 7, 7])
  expect([...doubled(reference, Int32Array.of(0, 16), size(2, 1), 1)]).toEqual([0, 4, 12, 16, 0, 4, 12, 16])
  // (9·0 + 3·0 + 3·16 + 0) / 16 = 3, and so on; halves round up.
  expect([...doubled(reference, Int32Array.of(0, 0, 16, -8), size(2, 2), 1)]).toEqual([
    0, 0, 0, 0, 4, 3, 0, -2, 12, 8, -1, -6, 16, 10, -2, -8,
  ])
})

test('components do not mix', () => {
  const both = doubled(reference, Int32Array.of(0, 5, 16, 5), size(2, 1), 2)
  expect([...both.filter((_, i) => i % 2 === 0)]).toEqual([0, 4, 12, 16, 0, 4, 12, 16])
  expect(new Set(both.filter((_, i) => i % 2 === 1))).toEqual(new Set([5]))
})

test('means are rounded, half up', () => {
  expect([...averaged(reference, Int32Array.of(1, 2, 3, 4), size(2, 2), 1, 2)]).toEqual([3])
  expect([...averaged(reference, Int32Array.of(-1, -2, -3, -4), size(2, 2), 1, 2)]).toEqual([-2])
  expect([...averaged(reference, Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7), size(4, 2), 1, 2)]).toEqual([3, 5])
  const own = Int32Array.of(1, 2)
  expect(averaged(reference, own, size(2, 1), 1, 1)).toBe(own)
})

test('a flat picture survives both ways', () => {
  fc.assert(
    fc.property(fc.integer({ min: -8192, max: 8192 }), fc.integer({ min: 1, max: 5 }), (grey, side) => {
      const flat = new Int32Array(side * side).fill(grey)
      const large = doubled(reference, flat, size(side, side), 1)
      expect(averaged(reference, large, size(2 * side, 2 * side), 1, 2)).toEqual(flat)
    }),
  )
})

test('samples come back from their targets; what is beyond them is clipped', () => {
  const data = Uint8Array.from({ length: 256 }, (_, i) => i)
  const target = targetOf(reference, { width: 256, height: 1, components: 1, data })
  expect([target[0], target[128], target[255]]).toEqual([-8192, 0, 8128])
  expect(pixelsOf(target)).toEqual(data)
  expect([...pixelsOf(Int32Array.of(-8192, -33, -32, 31, 32, 8192))]).toEqual([0, 127, 128, 128, 129, 255])
  expect([clampPicture(-9000), clampPicture(3), clampPicture(8193)]).toEqual([-8192, 3, 8192])
})
