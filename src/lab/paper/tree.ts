/** Figures 1b, 6 and 19 of the paper: what a path leads to, choice by choice, as a tree. */
import { engineParts } from '../../codec/engineParts.js'
import { loadEngine } from '../../engine/loadEngine.js'
import type { Picture } from '../../network/picture.js'
import { stepsOf, type WholeImageModel } from '../../network/wholeModel.js'
import { meanOf } from '../draw/sheet.js'
import { pictureOfPath } from './coding.js'
import { gridSideOf, MAX_LEAVES, treePicture } from './treePicture.js'

/**
 * How many layers fit: all, or as many as have 4096 leaves; in rows fewer, since they lie side by side.
 * @example depthOf(8, 10) // 4
 */
export function depthOf(K: number, choices: number): number {
  const most = gridSideOf(K) === null ? Math.max(K, 64) : MAX_LEAVES
  return Math.min(choices, Math.floor(Math.log(most) / Math.log(K) + 1e-9))
}

/**
 * The tree of a model's first choices. Its root is the mean of all leaves, as in the paper.
 * @param depth layers drawn
 * @example await writePng('out', 'tree', await treeOf(model, 3, 0))
 */
export async function treeOf(model: WholeImageModel, depth: number, label: number): Promise<Picture> {
  const engine = await loadEngine('wasm', engineParts(model))
  const known = new Map<string, Picture>()
  const make = (path: readonly number[]): Picture => {
    const found = known.get(path.join()) ?? pictureOfPath(engine, model, path, label)
    known.set(path.join(), found)
    return found
  }
  const leaves = Array.from({ length: model.K ** depth }, (_, leaf) => make(pathOf(leaf, model.K, depth)))
  const root = meanOf(leaves)
  const pictureOf = (path: readonly number[]): Picture => (path.length === 0 ? root : make(path))
  return treePicture({ depth, K: model.K, pictureOf })
}

/** The choices of a leaf by its number, the first choice the most significant digit. @example pathOf(10, 8, 2) // [1, 2] */
export const pathOf = (leaf: number, K: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, layer) => Math.floor(leaf / K ** (depth - 1 - layer)) % K)

/** All layers that can be drawn. */
export const drawnDepth = (model: WholeImageModel): number => depthOf(model.K, stepsOf(model).length)
