/**
 * The tree of all paths as a picture: as recursive grids (paper, figures 6 and 19) where the children of a node fit around
 * it, K + 1 = 3², 5², …, else as rows with lines between (figure 1b).
 */
import { DdncError } from '../../errors.js'
import type { Picture } from '../../network/picture.js'
import { BLACK, canvas, line, picture, rectangle, WHITE, type Canvas, type Colour } from '../draw/canvas.js'
import { paste } from '../draw/sheet.js'

export type Tree = Readonly<{
  /** Layers drawn, L. */
  depth: number
  K: number
  /** The picture after some choices, all of one size; after none what stands for all, such as their mean. */
  pictureOf: (path: readonly number[]) => Picture
}>

/** Pictures of the last layer: more are not to be made out; figure 19 has as many. */
export const MAX_LEAVES = 4096

/**
 * Parts along a side of a node's region where its children fit around it: 3, 5, …; null where they do not.
 * @example gridSideOf(8) // 3
 */
export function gridSideOf(K: number): number | null {
  const side = Math.sqrt(K + 1)
  return side % 2 === 1 && side > 1 ? side : null
}

/** Borders by layer, the root's first; the leaves have none. */
const BORDERS: readonly Colour[] = [[90, 90, 90], [40, 90, 220], [30, 150, 60], [220, 120, 20], [150, 60, 170]] // prettier-ignore

/** Pixels between rows, where lines are. */
const ROW_GAP = 26
const GAP = 4

/**
 * @throws {DdncError} LimitExceeded: over 4096 leaves
 * @example treePicture({ depth: 3, K: 8, pictureOf }) // 27·30 pixels a side for digits of 28, and borders
 */
export function treePicture(tree: Tree): Picture {
  const leaves = tree.K ** tree.depth
  if (leaves > MAX_LEAVES) {
    throw new DdncError({ tag: 'LimitExceeded', what: 'the number of leaves', value: leaves, limit: MAX_LEAVES })
  }
  const side = gridSideOf(tree.K)
  return side === null ? rows(tree) : recursiveGrid(tree, side)
}

/** A node's region is a grid of `side` × `side` parts: its own picture in the middle, its children around it. */
function recursiveGrid({ depth, K, pictureOf }: Tree, side: number): Picture {
  const root = pictureOf([])
  /** Of a region, by layer: the larger, the more room around. */
  const room = (layer: number): number => (layer === depth ? 1 : 1 + depth - layer)
  const sizes = (leaf: number): number[] => {
    const all = [leaf + 2 * room(depth)]
    for (let layer = depth - 1; layer >= 0; layer--) all.unshift(side * all[0] + 2 * room(layer))
    return all
  }
  const [widths, heights] = [sizes(root.width), sizes(root.height)]
  const page = canvas(widths[0], heights[0], WHITE)
  const draw = (path: readonly number[], left: number, top: number): void => {
    const layer = path.length
    if (layer === depth) return paste(page, pictureOf(path), left + 1, top + 1)
    const [width, height] = [widths[layer + 1], heights[layer + 1]]
    const ink = BORDERS[layer % BORDERS.length]
    const margin = room(layer)
    // A pixel stays free, so that borders of neighbours do not touch.
    frame(page, left + 1, top + 1, widths[layer] - 2, heights[layer] - 2, margin - 1, ink)
    const at = (place: number): [x: number, y: number] => {
      return [left + margin + (place % side) * width, top + margin + Math.floor(place / side) * height]
    }
    const middle = (K / 2) | 0 // K + 1 is odd: as many children before as behind
    const scale = Math.floor((width - 2) / root.width)
    const [x, y] = at(middle)
    const [freeX, freeY] = [width - scale * root.width, height - scale * root.height].map((free) => free >> 1)
    framed(page, pictureOf(path), x + freeX, y + freeY, scale, Math.min(margin - 1, freeX, freeY), ink)
    for (let k = 0; k < K; k++) draw([...path, k], ...at(k < middle ? k : k + 1))
  }
  draw([], 0, 0)
  return picture(page)
}

/** A picture and a border outside it. */
function framed(page: Canvas, each: Picture, left: number, top: number, scale: number, border: number, ink: Colour) {
  const [width, height] = [each.width * scale, each.height * scale]
  rectangle(page, left - border, top - border, width + 2 * border, height + 2 * border, ink)
  paste(page, each, left, top, scale)
}

/** Lines along the inside of a box. */
function frame(page: Canvas, left: number, top: number, width: number, height: number, thick: number, ink: Colour) {
  rectangle(page, left, top, width, thick, ink)
  rectangle(page, left, top + height - thick, width, thick, ink)
  rectangle(page, left, top, thick, height, ink)
  rectangle(page, left + width - thick, top, thick, height, ink)
}

/** A row a layer, each node above the middle of its children. */
function rows({ depth, K, pictureOf }: Tree): Picture {
  const { width, height } = pictureOf([])
  const [column, row] = [width + GAP, height + ROW_GAP]
  const page = canvas(K ** depth * column + GAP, depth * row + height + 2 * GAP, WHITE)
  /** Middle of the node of a layer that is the i-th there. */
  const middle = (layer: number, i: number): number => Math.round(GAP / 2 + (i + 0.5) * K ** (depth - layer) * column)
  const draw = (path: readonly number[], i: number): void => {
    const layer = path.length
    const top = GAP + layer * row
    if (layer < depth) {
      for (let k = 0; k < K; k++) {
        line(page, middle(layer, i), top + height + 1, middle(layer + 1, i * K + k), top + row - 2, BLACK)
        draw([...path, k], i * K + k)
      }
    }
    framed(page, pictureOf(path), middle(layer, i) - Math.floor(width / 2), top, 1, 1, BORDERS[layer % BORDERS.length])
  }
  draw([], 0)
  return picture(page)
}
