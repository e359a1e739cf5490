import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold } from '../../src/network/fold.js'
import { addUnfolded } from '../../src/network/wholeBody.js'

test('unfolding is the inverse, added and saturated', () => {
  const h = Int16Array.of(1, 10, 100, 32000)
  addUnfolded(Int32Array.of(1, 2, -300000, 600), 1, { width: 1, height: 1 }, h)
  expect([...h]).toEqual([2, 12, -32512, 32512])
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
        fold(x, channels, { width, height }, folded, 2)
        const back = new Int16Array(x.length)
        addUnfolded(Int32Array.from(folded), channels, { width, height }, back)
        expect(back).toEqual(x)
      },
    ),
  )
})
