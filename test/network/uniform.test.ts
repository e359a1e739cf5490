import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomFrom, uniformFrom } from '../../src/network/uniform.js'

test('the first numbers of seed 1', () => {
  const uniform = uniformFrom(1)
  expect([uniform(), uniform()]).toEqual([0.6270739405881613, 0.002735721180215478])
})

test('a generator goes on from its state', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(20), (seed, drawn) => {
      const random = randomFrom(seed)
      for (let i = 0; i < drawn; i++) random.next()
      const later = randomFrom(random.state())
      expect([later.next(), later.next()]).toEqual([random.next(), random.next()])
      expect(later.state()).toBe(random.state())
    }),
  )
})

test('numbers are spread evenly over [0, 1)', () => {
  const uniform = uniformFrom(7)
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 10_000; i++) counts[Math.floor(uniform() * 10)]++
  // 1,000 each, standard deviation 30
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
