import { expect, test } from 'vitest'
import { microWholeFile } from '../../../src/lab/quantise/microWhole.js'
import { depthOf, pathOf, treeOf } from '../../../src/lab/paper/tree.js'
import { loadModel } from '../../../src/node.js'
import type { WholeImageModel } from '../../../src/network/wholeModel.js'

test('as many layers as fit', () => {
  expect(depthOf(8, 3)).toBe(3)
  expect(depthOf(8, 10)).toBe(4) // grids: 4096 leaves
  expect(depthOf(2, 120)).toBe(6) // rows: 64 leaves
  expect(depthOf(64, 10)).toBe(1)
  expect(depthOf(512, 10)).toBe(1)
})

test('leaves are numbered by their choices', () => {
  expect(pathOf(10, 8, 2)).toEqual([1, 2])
  expect(pathOf(5, 2, 4)).toEqual([0, 1, 0, 1])
})

test('a tree of two layers: nine leaves in a row', async () => {
  const model = (await loadModel(microWholeFile('shot'))) as WholeImageModel
  const { width, height } = await treeOf(model, 2, 0)
  // 9 leaves of 16 pixels and 4 between; three rows of 16, 26 between, 4 around.
  expect([width, height]).toEqual([9 * 20 + 4, 3 * 16 + 2 * 26 + 8])
})
