import { expect, test } from 'vitest'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { operations } from '../../../src/lab/train/operations.js'
import { halfPass, oneHot, passed, tableIndex, tableRows } from '../../../src/lab/train/paths.js'
import type { LayerStructure } from '../../../src/network/structure.js'

const { tf, ...backend } = await loadBackend('cpu')
const ops = operations({ tf, ...backend })
const tree = { K: 2, n: 3, first: 0, end: 2 } as LayerStructure

test('rows of a table: one for each child of every inner node', () => {
  expect([tableRows(33, 1), tableRows(2, 4), tableRows(4, 2), tableRows(5, 0)]).toEqual([33, 30, 20, 0])
})

test('nodes that paths pass, and their places in the flat table', () => {
  const leaf = tf.tensor2d([5, 0], [2, 1], 'int32')
  // Leaf 5 is 1, 0, 1. Rows of a coefficient: 2 children, 4, 8.
  const nodes = [1, 2, 3].map((depth) => [...passed(ops, leaf, 2, 3, depth).dataSync()])
  expect(nodes).toEqual([[1, 0], [2, 0], [5, 0]]) // prettier-ignore
  const places = [1, 2, 3].map((depth) => [...tableIndex(ops, tree, leaf, depth).dataSync()])
  expect(places).toEqual([[1, 14], [2 + 2, 16], [6 + 5, 20]]) // prettier-ignore
  expect([...oneHot(ops, leaf, 2, 3, 2).dataSync()]).toEqual([0, 0, 1, 0, 1, 0, 0, 0])
})

test('half-passes: positions whose x + y is even, or odd', () => {
  const masks = (['all', 'even', 'odd'] as const).map((cells) => halfPass(ops, { ...tree, cells }, 2, 2, 2))
  expect(masks[0]).toBeNull()
  expect(Array.from(masks[1]!.dataSync())).toEqual([1, 0, 0, 1, 1, 0, 0, 1])
  expect(Array.from(masks[2]!.dataSync())).toEqual([0, 1, 1, 0, 0, 1, 1, 0])
})
