import { expect, test } from 'vitest'
import { countOf, pathAt, beginningsOf, pathsAt, someOf, usageByLayer } from '../../../src/lab/paper/paths.js'
import { randomFrom } from '../../../src/network/uniform.js'

const paths = { K: 4, length: 2, choices: Uint16Array.of(0, 3, 1, 3, 2, 3, 3, 0) }

test('paths one by one, and some of them', () => {
  expect(countOf(paths)).toBe(4)
  expect([...pathAt(paths, 2)]).toEqual([2, 3])
  expect(pathsAt(paths, [3, 0])).toEqual({ K: 4, length: 2, choices: Uint16Array.of(3, 0, 0, 3) })
})

test('entropy against log2 K, and candidates that are never chosen', () => {
  const [first, second] = usageByLayer(paths)
  expect(first).toEqual({ entropy: 2, dead: 0 })
  expect(second.entropy).toBeCloseTo(0.75 * Math.log2(4 / 3) + 0.25 * 2, 12)
  expect(second.dead).toBe(2)
})

test('some of many: each at most once, all of them where all are wanted, the same for a seed', () => {
  const some = [...someOf(50, 80, randomFrom(3))]
  expect(new Set(some).size).toBe(50)
  expect(Math.max(...some)).toBeLessThan(80)
  expect([...someOf(5, 5, randomFrom(1))].sort()).toEqual([0, 1, 2, 3, 4])
  expect(someOf(9, 80, randomFrom(3))).toEqual(someOf(50, 80, randomFrom(3)).slice(0, 9))
})

test('beginnings of paths', () => {
  const paths = { K: 8, length: 3, choices: Uint16Array.of(0, 1, 2, 4, 1, 3) }
  expect(beginningsOf(paths, 2)).toEqual({ K: 8, length: 2, choices: Uint16Array.of(0, 1, 4, 1) })
  expect(beginningsOf(paths, 3)).toEqual(paths)
})
