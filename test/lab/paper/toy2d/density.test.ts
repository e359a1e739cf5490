import { expect, test } from 'vitest'
import { DENSITY_NAMES, densityOf, drawFrom, uniformPoints } from '../../../../src/lab/paper/toy2d/density.js'
import { histogram } from '../../../../src/lab/paper/toy2d/divergence.js'
import { randomFrom } from '../../../../src/network/uniform.js'

const drawing = (name: (typeof DENSITY_NAMES)[number], side: number): string[] => {
  const { masses } = densityOf(name, side)
  return Array.from({ length: side }, (_, row) =>
    [...masses.subarray(row * side, (row + 1) * side)].map((mass) => (mass > 0 ? '#' : '.')).join(''),
  )
}

test.each(DENSITY_NAMES)('masses of %s are 1 in all, and nothing of a drawing lies at the edge', (name) => {
  const { masses } = densityOf(name, 50)
  expect(masses.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
  expect(Math.min(...masses)).toBeGreaterThanOrEqual(0)
  const edge = [...masses.subarray(0, 50), ...masses.subarray(49 * 50)]
  expect(Math.max(...edge)).toBeLessThan(name === 'gaussian' ? 1e-4 : 1e-6)
})

test('the board has six fields a side, every other one filled', () => {
  const [even, odd] = ['....###...###...###.', '.###...###...###....']
  const fields = [even, odd, even, odd, even, odd].flatMap((row) => [row, row, row])
  expect(drawing('checkerboard', 20)).toEqual(['.'.repeat(20), ...fields, '.'.repeat(20)])
})

test('the spiral is one arm of three turns', () => {
  const drawn = drawing('spiral', 40)
  const crossed = drawn[20].slice(20).match(/#+/g) ?? []
  expect(crossed).toHaveLength(3)
})

test('words are written, whatever the number of bins', () => {
  const share = (side: number): number => densityOf('words', side).masses.filter((mass) => mass > 0).length / side ** 2
  expect(share(100)).toBeGreaterThan(0.1)
  expect(share(100)).toBeLessThan(0.2)
  expect(share(50)).toBeGreaterThan(share(100))
})

test('one moon has three times the mass of the other', () => {
  const { masses, side } = densityOf('moons', 100)
  const above = masses.subarray(0, 50 * side).reduce((a, b) => a + b, 0)
  expect(above / (1 - above)).toBeGreaterThan(2)
  expect(above / (1 - above)).toBeLessThan(4)
})

test('samples are where the mass is, and the same for a seed', () => {
  const density = densityOf('spiral', 20)
  const counts = histogram(drawFrom(density, 40_000, randomFrom(1)), 20)
  counts.forEach((count, bin) => {
    const expected = density.masses[bin] * 40_000
    // Five standard deviations of a Poisson number; where there is no mass, none at all.
    expect(Math.abs(count - expected)).toBeLessThanOrEqual(5 * Math.sqrt(expected))
  })
  expect(drawFrom(density, 5, randomFrom(7))).toEqual(drawFrom(density, 5, randomFrom(7)))
})

test('nodes begin everywhere', () => {
  const { x, y } = uniformPoints(1000, 1)
  for (const values of [x, y]) {
    expect(Math.min(...values)).toBeGreaterThan(-1)
    expect(Math.min(...values)).toBeLessThan(-0.98)
    expect(Math.max(...values)).toBeGreaterThan(0.98)
    expect(Math.max(...values)).toBeLessThan(1)
  }
})
