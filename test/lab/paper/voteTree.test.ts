import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accuracy, labelOf, voteTree } from '../../../src/lab/paper/voteTree.js'

const pathsOf = (K: number, ...paths: readonly (readonly number[])[]) => {
  return { K, length: paths[0].length, choices: Uint16Array.from(paths.flat()) }
}

test('the leaf decides where it has votes, else its nearest ancestor that has', () => {
  const tree = voteTree(pathsOf(3, [0, 0], [0, 0], [0, 1], [2, 2], [0, 1]), [1, 1, 2, 3, 2], 4)
  expect(labelOf(tree, [0, 0])).toBe(1)
  expect(labelOf(tree, [0, 1])).toBe(2)
  expect(labelOf(tree, [2, 0])).toBe(3)
})

test('a tie goes to whom the ancestors have more votes for, in the end to the lowest class', () => {
  // Of [0, 0] classes 2 and 3 have a vote each; of [0] class 3 has one more.
  expect(labelOf(voteTree(pathsOf(2, [0, 0], [0, 0], [0, 1]), [2, 3, 3], 4), [0, 0])).toBe(3)
  // Nothing but the tie anywhere. Class 1 has most votes at the root, but is not one of the two.
  const tied = voteTree(pathsOf(2, [0, 0], [0, 0], [1, 0], [1, 0], [1, 1]), [3, 2, 1, 1, 1], 4)
  expect(labelOf(tied, [0, 0])).toBe(2)
  // [0, 1] is empty: [0] decides, which is tied too.
  expect(labelOf(tied, [0, 1])).toBe(2)
})

test('no labels at all are refused', () => {
  expect(() => voteTree({ K: 2, length: 1, choices: new Uint16Array(0) }, [], 10)).toThrow(
    'the labels is 0 for 0 paths',
  )
  expect(() => voteTree(pathsOf(2, [0]), [1, 2], 10)).toThrow('the labels is 2 for 1 paths')
})

test('the share that is right', () => {
  const paths = pathsOf(2, [0], [1])
  expect(accuracy(voteTree(paths, [0, 1], 2), pathsOf(2, [0], [0], [0], [1]), [0, 0, 1, 1])).toBe(0.75)
})

/** Table 3's rule word by word, with a map of nodes. */
function byHand(
  paths: readonly number[][],
  labels: readonly number[],
  path: readonly number[],
  classes: number,
): number {
  const votesAt = (length: number): number[] => {
    const passing = labels.filter((_, i) => paths[i].slice(0, length).join() === path.slice(0, length).join())
    return Array.from({ length: classes }, (_, label) => passing.filter((other) => other === label).length)
  }
  let length = path.length
  while (Math.max(...votesAt(length)) === 0) length--
  let tied = Array.from({ length: classes }, (_, label) => label)
  for (; length >= 0; length--) {
    const votes = votesAt(length)
    const most = Math.max(...tied.map((label) => votes[label]))
    tied = tied.filter((label) => votes[label] === most)
  }
  return tied[0]
}

test('as the rule says, for any trees', () => {
  const anyCase = fc.integer({ min: 1, max: 4 }).chain((length) => {
    const path = fc.array(fc.nat(2), { minLength: length, maxLength: length })
    return fc.tuple(fc.array(fc.tuple(path, fc.nat(3)), { minLength: 1, maxLength: 12 }), path)
  })
  fc.assert(
    fc.property(anyCase, ([labelled, path]) => {
      const [paths, labels] = [labelled.map(([each]) => each), labelled.map(([, label]) => label)]
      expect(labelOf(voteTree(pathsOf(3, ...paths), labels, 4), path)).toBe(byHand(paths, labels, path, 4))
    }),
  )
})
