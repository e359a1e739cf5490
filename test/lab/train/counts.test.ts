import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countChoices, countPaths, deadShareOf, noCounts, noCountsOf, usageOf } from '../../../src/lab/train/counts.js'
import { readGridRecipe } from '../../../src/lab/train/recipe.js'
import { tinyRecipe } from './tiny.js'

const square = { width: 2, height: 2 }

test('choices by coefficient and candidate, those of a half-pass alone', () => {
  const layer = { first: 3, end: 5, K: 2, n: 1, cells: 'all' as const }
  // Two pictures of 2×2 positions; two coefficients.
  const path = [0, 1, 1, 1, 0, 0, 0, 1, ...[1, 1, 1, 1, 1, 1, 1, 1]]
  const counted = (cells: 'all' | 'even' | 'odd') => [
    ...countChoices(noCounts(layer), { ...layer, cells }, path, square),
  ]
  expect(counted('all')).toEqual([4, 4, 0, 8])
  // Of a square, top right and bottom left are odd.
  expect(counted('odd')).toEqual([2, 2, 0, 4])
  expect(counted('even')).toEqual([2, 2, 0, 4])
})

test('counts are added to', () => {
  const layer = { first: 0, end: 1, K: 2, n: 1, cells: 'all' as const }
  const counts = countChoices(noCounts(layer), layer, [0, 1, 1, 1], square)
  expect([...countChoices(counts, layer, [0, 0, 0, 1], square)]).toEqual([4, 4])
})

const anyPath = fc
  .record({
    r: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 5 }),
    pictures: fc.integer({ min: 1, max: 3 }),
    cells: fc.constantFrom('all' as const, 'even' as const, 'odd' as const),
  })
  .chain((shape) => {
    const length = shape.r * shape.width * shape.height * shape.pictures
    return fc.record({
      shape: fc.constant(shape),
      path: fc.array(fc.nat(8), { minLength: length, maxLength: length }),
    })
  })

test('both orders of a path count the same: the cells that choose, one by one', () => {
  fc.assert(
    fc.property(anyPath, ({ shape: { r, width, height, pictures, cells }, path }) => {
      const layer = { first: 0, end: r, K: 3, n: 2, cells }
      const positions = pictures * width * height
      const expected = new Uint32Array(r * 9)
      path.forEach((leaf, at) => {
        const place = (at % positions) % (width * height)
        const parity = ((place % width) + Math.floor(place / width)) % 2
        if (cells === 'all' || parity === (cells === 'odd' ? 1 : 0)) expected[Math.floor(at / positions) * 9 + leaf]++
      })
      const size = { width, height }
      expect(countChoices(noCounts(layer), layer, path, size)).toEqual(expected)
      const turned = path.map((_, at) => path[(at % r) * positions + Math.floor(at / r)])
      expect(countChoices(noCounts(layer), layer, turned, size, 'by position')).toEqual(expected)
    }),
  )
})

test('a forward pass: positions of 64 and of 8 pixels, layers that were not run are empty', async () => {
  const { structure } = readGridRecipe(await tinyRecipe({}))
  // 72×72 pixels: 2×2 coarse positions of four coefficients, 9×9 fine ones of three.
  const paths = [new Int32Array(4 * 4), new Int32Array(3 * 81)]
  const counts = countPaths(noCountsOf(structure), structure, paths, 72)
  expect(counts.map((each) => each[0])).toEqual([4, 81, 0])
  expect(counts.map((each, i) => usageOf(each, [3, 4, 3][i]))).toEqual([0, 0, null])
})

test('use of candidates: of each coefficient by itself', () => {
  expect(usageOf(Uint32Array.of(2, 2, 0, 0), 4)).toBe(0.5)
  expect(usageOf(Uint32Array.of(5, 5, 5, 5), 4)).toBe(1)
  expect(usageOf(Uint32Array.of(0, 7), 2)).toBe(0)
  expect(usageOf(Uint32Array.of(0, 0), 2)).toBe(null)
  // H(1/4) = 0.811
  expect(usageOf(Uint32Array.of(3, 1), 2)).toBeCloseTo(0.8113, 4)
  // Pooled, these two coefficients would use both candidates equally.
  expect(usageOf(Uint32Array.of(8, 0, 0, 8), 2)).toBe(0)
})

test('dead candidates', () => {
  expect(deadShareOf(Uint32Array.of(2, 2, 0, 0, 1, 1, 1, 0))).toBe(3 / 8)
  expect(deadShareOf(Uint32Array.of(0, 0))).toBe(null)
})
