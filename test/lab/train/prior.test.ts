import { describe, expect, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { operations } from '../../../src/lab/train/operations.js'
import { pathBits, priorOf } from '../../../src/lab/train/prior.js'
import type { LayerStructure } from '../../../src/network/structure.js'
import { expectGradients } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

const flat = { K: 3, n: 1, first: 0, end: 1 } as LayerStructure
const tree = { K: 2, n: 3, first: 0, end: 2 } as LayerStructure
const whole = (values: number[], shape: [number, number]): Tensor => tf.tensor2d(values, shape, 'int32')

describe('bits of paths', () => {
  const bitsOf = (layer: LayerStructure, tables: { z: Tensor; table: Tensor; bias: Tensor }, leaf: Tensor, batch = 1, here: Tensor | null = null): Tensor =>
    pathBits(ops, layer, tables, priorOf(ops, layer, tables.z, tables.table, tables.bias), leaf, batch, here) // prettier-ignore

  test('−log₂ of softmax with the coder’s floor, added up for each picture', () => {
    // Logits are z·table + bias: 0, 0, 50 at the first position, 0, 0, 0 at the second.
    const tables = { z: tf.tensor3d([[[1, 0]]]), table: tf.tensor3d([[[0], [0], [50]]]), bias: tf.zeros([1, 3]) }
    const bits = bitsOf(flat, tables, whole([0, 0], [1, 2]), 2).dataSync()
    expect(bits[0]).toBeCloseTo(15, 4) // hopeless: 1/32768
    expect(bits[1]).toBeCloseTo(Math.log2(3), 4)
    // Cells outside the half-pass cost nothing.
    expect([...bitsOf(flat, tables, whole([0, 0], [1, 2]), 2, tf.tensor2d([[0, 0]])).dataSync()].map(Math.abs)).toEqual([0, 0]) // prettier-ignore
  })

  test('a tree’s leaf costs the sum of its steps', () => {
    // One coefficient, equal logits everywhere but at the root, which prefers child 1 by ln 3: 3 to 1.
    const one = { ...tree, end: 1 } as LayerStructure
    const bias = tf.tensor2d([[0, Math.log(3), ...new Array<number>(12).fill(0)]])
    const tables = { z: tf.zeros([1, 1, 2]), table: tf.zeros([1, 14, 1]), bias }
    const bits = bitsOf(one, tables, whole([7, 0], [1, 2]), 2).dataSync()
    expect(bits[0]).toBeCloseTo(Math.log2(4 / 3) + 2, 3)
    expect(bits[1]).toBeCloseTo(4, 3)
  })

  test.each([
    ['flat', flat, [1, 2, 4], [1, 3, 2], [1, 3], whole([0, 2, 1, 0], [1, 4])],
    ['tree', tree, [2, 2, 4], [2, 14, 2], [2, 14], whole([0, 7, 3, 5, 1, 6, 2, 4], [2, 4])],
  ] as const)('gradients: %s', (_, layer, z, table, bias, leaf) => {
    const shapes = [z, table, bias].map((shape) => [...shape])
    const here = tf.tensor2d([[1, 0, 1, 1]])
    expectGradients(backend, (z, table, bias) => bitsOf(layer, { z, table, bias }, leaf, 2), shapes)
    expectGradients(backend, (z, table, bias) => bitsOf(layer, { z, table, bias }, leaf, 2, here), shapes)
  })
})
