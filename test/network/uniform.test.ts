import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uniformFrom } from '../../src/network/uniform.js'

test('the first numbers of seed 1, as everywhere', () => {
  const uniform = uniformFrom(1)
  expect([uniform(), uniform(), uniform()].map((x) => x * 2 ** 32)).toEqual([2693262067, 11749833, 2265367787])
})

test('equal seeds give equal numbers, all in [0, 1)', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [a, b] = [uniformFrom(seed), uniformFrom(seed)]
      for (let i = 0; i < 20; i++) {
        const x = a()
        expect(x).toBe(b())
        expect(x >= 0 && x < 1).toBe(true)
      }
    }),
  )
})

test('a tenth of them lies in each tenth', () => {
  const uniform = uniformFrom(7)
  const counts = new Uint32Array(10)
  for (let i = 0; i < 100_000; i++) counts[Math.floor(10 * uniform())]++
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400) // four standard deviations
})
