import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold, unfold } from '../../src/network/fold.js'

test('2×2 positions become one, row by row, their channels together', () => {
  const out = new Int16Array(8)
  fold(Int16Array.of(1, -1, 2, -2, 3, -3, 4, -4), 2, { width: 1, height: 1 }, out, 2)
  expect([...out]).toEqual([1, -1, 2, -2, 3, -3, 4, -4])
  // Two positions beside each other: their first rows alternate in the larger grid.
  const wide = new Int16Array(8)
  fold(Int16Array.of(1, 2, 5, 6, 3, 4, 7, 8), 1, { width: 2, height: 1 }, wide, 2)
  expect([...wide]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('patches of three by three positions: rows of a patch lie side by side', () => {
  // Two patches: pixels 10·patch + 3·dy + dx, row by row of the larger grid.
  const rows = Int32Array.of(0, 1, 2, 10, 11, 12, 3, 4, 5, 13, 14, 15, 6, 7, 8, 16, 17, 18)
  const out = new Int32Array(18)
  fold(rows, 1, { width: 2, height: 1 }, out, 3)
  expect([...out]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18])
})

test('unfolding is the inverse', () => {
  const few = fc.integer({ min: 1, max: 4 })
  fc.assert(
    fc.property(few, few, few, few, (width, height, channels, side) => {
      const x = Int32Array.from({ length: side * side * width * height * channels }, (_, i) => i)
      const folded = new Int32Array(x.length)
      fold(x, channels, { width, height }, folded, side)
      expect(Int32Array.from(folded).sort()).toEqual(x)
      const back = new Int32Array(x.length)
      unfold(folded, channels, { width, height }, back, side)
      expect(back).toEqual(x)
    }),
  )
})
