import { expect, test } from 'vitest'
import {
  firstLeaves,
  firstNodes,
  firstTable,
  frequencyOrder,
  lloydLeaves,
  normal,
} from '../../../src/lab/train/start.js'
import { uniformFrom } from '../../../src/network/uniform.js'

test('coefficients from low to high frequency, chroma later than luma', () => {
  const order = frequencyOrder()
  // Radii: 0 of luma; 0.8 of the two chroma means; 1 and 1 of luma, ties by id; then √2 of luma.
  expect(order.slice(0, 6)).toEqual([0, 64, 128, 1, 8, 9])
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 192 }, (_, i) => i))
  expect([127, 191]).toEqual(order.slice(-2))
})

test('leaves: unit steps, then geometric up to 48; an even K has one fewer above 0', () => {
  expect(firstLeaves(2)).toEqual([-1, 0])
  expect(firstLeaves(3)).toEqual([-1, 0, 1])
  expect(firstLeaves(5)).toEqual([-2, -1, 0, 1, 2])
  const leaves = firstLeaves(33)
  expect(leaves.slice(16, 25)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  // Eight more: 8·6^(i/8), so 48 at last.
  expect(leaves[25]).toBeCloseTo(8 * 6 ** (1 / 8), 9)
  expect(leaves[32]).toBeCloseTo(48, 9)
  expect(leaves.map((u) => 0 - u).reverse()).toEqual(leaves)
})

test('leaves of a plain layer leave least of a Laplace distribution', () => {
  // Known of Max's quantisers: half of the variance, then 0.1762 of it.
  expect(lloydLeaves(2)).toEqual([-Math.SQRT1_2, Math.SQRT1_2].map((u) => expect.closeTo(u, 2) as unknown))
  expect(lloydLeaves(4)).toEqual([-1.834, -0.42, 0.42, 1.834].map((u) => expect.closeTo(u, 1) as unknown))
  for (const K of [1, 8, 16, 64]) {
    const leaves = lloydLeaves(K)
    expect(leaves).toHaveLength(K)
    expect(leaves.toSorted((a, b) => a - b)).toEqual(leaves)
    leaves.forEach((u, k) => expect(u).toBeCloseTo(-leaves[K - 1 - k], 9))
  }
})

test('an inner node lies where the prior has its leaves, breadth first', () => {
  const { u, bias } = firstNodes(2, 2, [-2, -1, 0, 1])
  const [far, near] = [3 ** -2.2, 2 ** -2.2]
  expect(u[0]).toBeCloseTo((-2 * far - near) / (far + near), 9)
  expect(u[1]).toBeCloseTo(near / (1 + near), 9)
  expect(u.slice(2)).toEqual([-2, -1, 0, 1])
  const expected = [far + near, 1 + near, far, near, 1, near].map(Math.log)
  expected.forEach((x, i) => expect(bias[i]).toBeCloseTo(x, 9))
  expect(firstNodes(3, 1, firstLeaves(3)).u).toEqual(firstLeaves(3))
})

test('a tree begins with the same prior as a flat layer of its leaves', () => {
  const leaves = firstLeaves(16)
  const flat = firstNodes(16, 1, leaves).bias.map(Math.exp)
  const tree = firstNodes(2, 4, leaves).bias.map(Math.exp)
  const first = [0, 2, 6, 14]
  leaves.forEach((_, leaf) => {
    const steps = first.map((row, i) => {
      const node = leaf >> (3 - i)
      const sibling = node ^ 1
      return tree[row + node] / (tree[row + node] + tree[row + sibling])
    })
    const all = flat.reduce((a, b) => a + b, 0)
    expect(steps.reduce((a, b) => a * b, 1)).toBeCloseTo(flat[leaf] / all, 9)
  })
})

test('the first table: columns of mean 0, the same for every coefficient', () => {
  const nodes = firstLeaves(5)
  const table = firstTable(nodes, 2, 6, uniformFrom(1))
  expect(table.length).toBe(2 * 5 * 6)
  expect([...table.subarray(30)]).toEqual([...table.subarray(0, 30)])
  for (let column = 0; column < 4; column++) {
    const sum = nodes.reduce((total, _, row) => total + table[row * 6 + column], 0)
    expect(sum).toBeCloseTo(0, 6)
  }
  // The third is highest where u = 0.
  expect(table[2 * 6 + 2]).toBeGreaterThan(table[0 * 6 + 2])
})

test('normal numbers have their deviation', () => {
  const numbers = normal(uniformFrom(2), 10000, 3)
  expect(Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / 10000)).toBeCloseTo(3, 1)
})
