import { expect, test } from 'vitest'
import type { Photographs as Data } from '../../../src/lab/train/data.js'
import { deviationsOf } from '../../../src/lab/train/deviations.js'
import { randomFrom } from '../../../src/network/uniform.js'

const NOTHING = { drawings: 0, shrink: 0, smallest: 0.5, tone: 0, validation: 0 }
const dataOf = (value: (at: number) => number): Data => {
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => value(at))
  return { photographs: [{ width: 32, height: 32, components: 3, data }], drawings: [] }
}

test('a flat grey picture is one coefficient: 8·√3 levels for one', () => {
  const deviations = deviationsOf(
    dataOf(() => 129),
    NOTHING,
    randomFrom(1),
    2,
    16,
  )
  expect(deviations).toHaveLength(192)
  expect(deviations[0]).toBeCloseTo(8 * Math.sqrt(3), 10)
  for (const deviation of deviations.subarray(1)) expect(deviation).toBeLessThan(1e-10)
})

test('white noise is the same in every coefficient of a plane', () => {
  const random = randomFrom(2)
  const deviations = deviationsOf(
    dataOf(() => 128 + (random.next() < 0.5 ? -20 : 20)),
    NOTHING,
    randomFrom(1),
    200,
    32,
  )
  // Independent samples of 20: orthonormal transforms keep it. Of one picture of 16 positions, in 8 turns: ± 18 %.
  const mean = deviations.reduce((a, b) => a + b, 0) / 192
  expect(Math.abs(mean - 20)).toBeLessThan(1)
  for (const deviation of deviations) expect(Math.abs(deviation - 20)).toBeLessThan(14)
})
