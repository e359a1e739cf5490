import { describe, expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { cheapest, type Rates } from '../../../src/lab/train/choices.js'
import { pathBits, priorOf } from '../../../src/lab/train/prior.js'
import { operations } from '../../../src/lab/train/operations.js'
import type { LayerStructure } from '../../../src/network/structure.js'
import { numbers } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

const flat = { K: 3, n: 1, first: 0, end: 1 } as LayerStructure
const tree = { K: 2, n: 3, first: 0, end: 2 } as LayerStructure
const ratesOf = (...logLambda: number[]): Rates => ({
  logLambda: tf.tensor1d(logLambda),
  inputs: tf.zeros([logLambda.length, 2]),
  t: tf.zeros([logLambda.length]),
  isPlain: false,
})

describe('the cheapest leaf', () => {
  const choose = (layer: LayerStructure, prior: Tensor | null, nodes: number[], target: number[], logLambda: number): number[] => {
    const [r, positions] = [layer.end - layer.first, target.length]
    const rows = nodes.length / r
    const table = tf.zeros([r, rows, 1])
    return [...cheapest(ops, layer, { mean: tf.zeros([r, positions]), sigma: tf.ones([r, positions]) },
      prior && priorOf(ops, layer, tf.zeros([r, 1, positions]), table, prior),
      tf.tensor2d(nodes, [r, rows]), tf.tensor2d(target, [r, positions]), ratesOf(logLambda)).dataSync()]
  } // prettier-ignore

  test('the nearest where all cost the same, ties to the lowest index', () => {
    expect(choose(flat, null, [-1, 0, 1], [-5, 0.4, 0.6, 0.5], 1)).toEqual([0, 1, 2, 1])
    expect(choose(flat, tf.zeros([1, 3]), [-1, 0, 1], [-5, 0.4, 0.6, 0.5], 3)).toEqual([0, 1, 2, 1])
  })

  test('dear ones are left where λ is large', () => {
    const prior = tf.tensor2d([[0, 5, 0]])
    expect(choose(flat, prior, [-10, 0, 10], [9], 0)).toEqual([2])
    expect(choose(flat, prior, [-10, 0, 10], [9], 4)).toEqual([1])
  })

  test('of a tree, only the leaves', () => {
    const one = { ...tree, end: 1 } as LayerStructure
    const u = [-2, 2, -3, -1, 1, 3, ...[-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]]
    expect(choose(one, tf.zeros([1, 14]), u, [-2, 3.4, 0.6], 0)).toEqual([1, 7, 4])
  })

  test('is the least of all sums, in random layers', () => {
    for (const layer of [{ ...flat, end: 2 } as LayerStructure, tree]) {
      const [leaves, rows, positions] = [layer.K ** layer.n, layer.n === 1 ? 3 : 14, 5]
      const of = (shape: number[], seed: number): Tensor => tf.tensor(numbers(shape, seed), shape)
      const [mean, target, nodes] = [of([2, positions], 1), of([2, positions], 2), of([2, rows], 3)]
      const sigma = tf.abs(of([2, positions], 4))
      const [z, table, bias] = [of([2, 2, positions], 5), of([2, rows, 2], 6), of([2, rows], 7)]
      const prior = priorOf(ops, layer, z, table, bias)
      const found = cheapest(ops, layer, { mean, sigma }, prior, nodes, target, ratesOf(-1)).dataSync()
      const costs = Array.from({ length: leaves }, (_, leaf) => {
        const path = tf.fill([2, positions], leaf, 'int32')
        const u = tf.slice(nodes, [0, rows - leaves + leaf], [2, 1])
        const error = tf.square(tf.sub(tf.add(mean, tf.mul(sigma, u)), target)).dataSync()
        // Bits of one cell at a time.
        return Array.from({ length: 2 * positions }, (_, cell) => {
          const here = tf.tensor2d(Array.from({ length: positions }, (_, p) => (p === cell % positions ? 1 : 0)), [1, positions]) // prettier-ignore
          const c = Math.floor(cell / positions)
          const own = (x: Tensor): Tensor =>
            tf.slice(x, [c, ...x.shape.slice(1).map(() => 0)], [1, ...x.shape.slice(1)])
          const tables = { z: own(z), table: own(table), bias: own(bias) }
          const one = { ...layer, end: 1 } as LayerStructure
          const bits = pathBits(ops, one, tables, priorOf(ops, one, tables.z, tables.table, tables.bias), own(path), 1, here).dataSync()[0] // prettier-ignore
          return error[cell] + Math.exp(-1) * bits
        })
      })
      found.forEach((leaf, cell) => {
        const least = Math.min(...costs.map((of) => of[cell]))
        expect(costs[leaf][cell]).toBeLessThan(least + 1e-5)
      })
    }
  })
})
