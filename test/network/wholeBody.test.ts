import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addUnfolded, fold, saturated } from '../../src/network/wholeBody.js'

test('2×2 positions become one, row by row, their channels together', () => {
  const out = new Int16Array(8)
  fold(Int16Array.of(1, -1, 2, -2, 3, -3, 4, -4), 2, { width: 1, height: 1 }, out)
  expect([...out]).toEqual([1, -1, 2, -2, 3, -3, 4, -4])
  // Two positions beside each other: their first rows alternate in the larger grid.
  const wide = new Int16Array(8)
  fold(Int16Array.of(1, 2, 5, 6, 3, 4, 7, 8), 1, { width: 2, height: 1 }, wide)
  expect([...wide]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('unfolding is the inverse, added and saturated', () => {
  const h = Int16Array.of(1, 10, 100, 32000)
  addUnfolded(Int32Array.of(1, 2, -300000, 600), 1, { width: 1, height: 1 }, h)
  expect([...h]).toEqual([2, 12, -32512, 32512])
  expect([saturated(-40000), saturated(5)]).toEqual([-32512, 5])
  const anyGrid = fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 3 }),
  )
  fc.assert(
    fc.property(
      anyGrid,
      fc.infiniteStream(fc.integer({ min: -32512, max: 32512 })),
      ([width, height, channels], stream) => {
        const x = Int16Array.from({ length: 4 * width * height * channels }, () => stream.next().value)
        const folded = new Int16Array(x.length)
        fold(x, channels, { width, height }, folded)
        const back = new Int16Array(x.length)
        addUnfolded(Int32Array.from(folded), channels, { width, height }, back)
        expect(back).toEqual(x)
      },
    ),
  )
})
