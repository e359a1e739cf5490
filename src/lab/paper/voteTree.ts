/**
 * A classifier out of paths (paper, appendix C and table 3): every labelled picture votes for its class at each node of
 * the tree that its path passes; a path is given the class with most votes at the last node of it that has any, so an
 * empty node has that of its nearest labelled ancestor.
 *
 * The paper does not say what becomes of ties. Here the classes that are tied are judged by the votes of the node's
 * parent, and so on up to the root; what is tied even there goes to the lowest class.
 *
 * No node is stored: of sorted paths, those that pass a node are neighbours.
 */
import { DdncError } from '../../errors.js'
import { countOf, pathAt, pathsAt, type Paths } from './paths.js'

export type VoteTree = Readonly<{
  /** Of the labelled pictures, in lexicographic order. */
  paths: Paths
  classes: number
  /** Votes for every class of the first i pictures: [count + 1, classes]. */
  votes: Uint32Array
}>

/**
 * @param labels of the pictures, 0 … classes − 1
 * @throws {DdncError} BadOption: no picture, or not as many labels as paths
 * @example const tree = voteTree(paths, labels, 10)
 *   labelOf(tree, [3, 0, 7]) // 4
 */
export function voteTree(paths: Paths, labels: ArrayLike<number>, classes: number): VoteTree {
  const count = countOf(paths)
  if (count === 0 || count !== labels.length) {
    const found = `${labels.length} for ${count} paths`
    throw new DdncError({ tag: 'BadOption', option: 'the labels', found, allowed: 'one or more, one a path' })
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) =>
    compare(pathAt(paths, a), pathAt(paths, b)),
  )
  const votes = new Uint32Array((count + 1) * classes)
  order.forEach((picture, i) => {
    votes.copyWithin((i + 1) * classes, i * classes, (i + 1) * classes)
    votes[(i + 1) * classes + labels[picture]]++
  })
  return { paths: pathsAt(paths, order), classes, votes }
}

function compare(a: Uint16Array, b: Uint16Array): number {
  for (let layer = 0; layer < a.length; layer++) if (a[layer] !== b[layer]) return a[layer] - b[layer]
  return 0
}

/** Pictures that pass a node: from the first up to but without `end`, in the tree's order. */
type Node = readonly [first: number, end: number]

/**
 * @param path as long as those of the tree
 * @returns the class
 */
export function labelOf(tree: VoteTree, path: ArrayLike<number>): number {
  const { classes, votes } = tree
  let tied = Array.from({ length: classes }, (_, label) => label)
  for (const [first, end] of nodesOf(tree, path).reverse()) {
    const own = tied.map((label) => votes[end * classes + label] - votes[first * classes + label])
    const most = Math.max(...own)
    tied = tied.filter((_, i) => own[i] === most)
    if (tied.length === 1) break
  }
  return tied[0]
}

/** The nodes of a path that have votes, the root first. */
function nodesOf({ paths }: VoteTree, path: ArrayLike<number>): Node[] {
  let [first, end] = [0, countOf(paths)]
  const nodes: Node[] = [[first, end]]
  for (let layer = 0; layer < paths.length; layer++) {
    const from = firstAtLeast(paths, layer, path[layer], first, end)
    const to = firstAtLeast(paths, layer, path[layer] + 1, from, end)
    if (from === to) break
    ;[first, end] = [from, to]
    nodes.push([first, end])
  }
  return nodes
}

/** Of pictures that agree in all layers before, the first whose choice in a layer is not below a number. */
function firstAtLeast({ length, choices }: Paths, layer: number, choice: number, first: number, end: number): number {
  let [low, high] = [first, end]
  while (low < high) {
    const middle = (low + high) >> 1
    if (choices[middle * length + layer] < choice) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Share of pictures whose class is what the tree says.
 * @example accuracy(tree, testPaths, testLabels) // 0.877
 */
export function accuracy(tree: VoteTree, paths: Paths, labels: ArrayLike<number>): number {
  const count = countOf(paths)
  let right = 0
  for (let i = 0; i < count; i++) if (labelOf(tree, pathAt(paths, i)) === labels[i]) right++
  return right / count
}
