import { expect, test } from 'vitest'
import { atBits, pointsOf } from '../../../src/lab/paper/compression.js'

/** Two pictures, three choices among eight. */
const coded = {
  paths: { K: 8, length: 3, choices: Uint16Array.of(0, 1, 2, 4, 1, 3) },
  errors: Float32Array.of(9, 4, 1, 11, 6, 2),
}

test('a point for every prefix: error, and how the last choice is used', () => {
  expect(pointsOf(coded)).toEqual([
    { choices: 1, bits: 3, mse: 10, entropy: 1, dead: 6 },
    { choices: 2, bits: 6, mse: 5, entropy: 0, dead: 7 },
    { choices: 3, bits: 9, mse: 1.5, entropy: 1, dead: 6 },
  ])
})

test('the longest prefix within so many bits, if the path has them', () => {
  const points = pointsOf(coded)
  expect(atBits(points, 6)?.choices).toBe(2)
  expect(atBits(points, 8)?.choices).toBe(2)
  expect(atBits(points, 9)?.choices).toBe(3)
  expect(atBits(points, 10)).toBeUndefined()
})
