import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tournament } from '../../../../src/lab/paper/toy2d/tournament.js'

test('the least and the largest of four, and of one', () => {
  const values = Float64Array.of(3, 1, 4, 1)
  expect(new Tournament(values, 'least').winner).toBe(1)
  expect(new Tournament(values, 'largest').winner).toBe(2)
  expect(new Tournament(Float64Array.of(7), 'least').winner).toBe(0)
})

test('of any numbers and after any changes, the first of equal ones', () => {
  const numbers = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 })
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: -3, max: 3 })), { maxLength: 40 })
  fc.assert(
    fc.property(numbers, changes, (start, changed) => {
      const values = Float64Array.from(start)
      const least = new Tournament(values, 'least')
      const largest = new Tournament(values, 'largest')
      for (const [at, value] of changed) {
        const k = at % values.length
        values[k] = value
        for (const tournament of [least, largest]) tournament.update(k)
        expect(least.winner).toBe(values.indexOf(Math.min(...values)))
        expect(largest.winner).toBe(values.indexOf(Math.max(...values)))
      }
    }),
  )
})
