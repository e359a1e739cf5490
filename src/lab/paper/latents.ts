/**
 * Table 3 of the paper: how well a path tells the class of a digit, when some paths have labels (`voteTree.ts`).
 *
 * The paper calls the digits that are judged "validation" and "test", and 50,000 labels "the full training set", of which
 * MNIST has 60,000. Here labels are drawn from the first 50,000 training digits, and the 10,000 test digits are judged.
 * The paper trains a network for each L; here the first choices of a longer path are taken.
 */
import { columns } from '../../columns.js'
import { randomFrom } from '../../network/uniform.js'
import type { WholeImageModel } from '../../network/wholeModel.js'
import { mean } from '../bench/metrics.js'
import { modelFact, type Say } from '../bench/report.js'
import { writeCsv } from './experiment.js'
import { countOf, pathsAt, someOf, type Paths } from './paths.js'
import { accuracy, voteTree } from './voteTree.js'

/** Numbers of labels, and how often they are drawn anew: the fewer, the more chance decides. */
const LABELS = [
  { count: 128, draws: 20 },
  { count: 1024, draws: 20 },
  { count: 10_000, draws: 5 },
  { count: 50_000, draws: 1 },
] as const

/** Of which labels are drawn. */
export const LABELLED = 50_000

/** Accuracies in per cent of table 3, by K and L. */
const PAPER: readonly Readonly<{ K: number; L: number; accuracies: readonly number[] }>[] = [
  { K: 2, L: 10, accuracies: [65.9, 77.3, 85.8, 86.9] },
  { K: 8, L: 3, accuracies: [69.0, 81.1, 87.6, 88.0] },
  { K: 8, L: 5, accuracies: [67.5, 79.1, 87.5, 90.5] },
  { K: 8, L: 10, accuracies: [58.6, 75.3, 84.9, 89.0] },
  { K: 64, L: 10, accuracies: [52.5, 70.4, 80.9, 86.3] },
]

/**
 * Numbers of choices that a model is judged at: those of the table, or all that it has.
 * @param length of its paths
 * @example lengthsFor(8, 40) // [3, 5, 10]
 */
export function lengthsFor(K: number, length: number): number[] {
  const own = PAPER.filter((row) => row.K === K && row.L <= length).map(({ L }) => L)
  return own.length > 0 ? own : [length]
}

/** Paths with their classes. */
export type Labelled = Readonly<{ paths: Paths; labels: Uint8Array }>

export type Accuracy = Readonly<{
  labels: number
  /** Of every draw, 0…1. */
  values: readonly number[]
}>

/**
 * Accuracy for each number of labels that there are enough for.
 * @param pool labels are drawn from it
 * @param judged whose classes are told
 * @example accuracies(training, test, 10, 1)[0].values.length // 20 draws of 128 labels
 */
export function accuracies(pool: Labelled, judged: Labelled, classes: number, seed: number): Accuracy[] {
  const random = randomFrom(seed)
  const all = countOf(pool.paths)
  return LABELS.filter(({ count }) => count <= all).map(({ count, draws }) => {
    const values = Array.from({ length: draws }, () => {
      const places = someOf(count, all, random)
      const labels = Uint8Array.from(places, (i) => pool.labels[i])
      return accuracy(voteTree(pathsAt(pool.paths, places), labels, classes), judged.paths, judged.labels)
    })
    return { labels: count, values }
  })
}

export type LatentsOf = Readonly<{
  model: WholeImageModel
  /** Choices of a path, from the first. */
  length: number
  accuracies: readonly Accuracy[]
}>

/** Writes latents.csv and says the table. */
export async function writeLatents(all: readonly LatentsOf[], out: string, say: Say): Promise<void> {
  const rows = all.flatMap(({ model: { name, K }, length, accuracies }) =>
    accuracies.map(({ labels, values }) => {
      const [own, paper] = [100 * mean(values), paperOf(K, length, labels)]
      const spread = 100 * Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))
      return [name, K, length, labels, values.length, own.toFixed(2), spread.toFixed(2), paper ?? '']
    }),
  )
  const heading = ['model', 'K', 'L', 'labels', 'draws', 'accuracy', 'deviation of a draw', 'paper']
  const facts = [...new Set(all.map(({ model }) => modelFact(model)))]
  await writeCsv(out, 'latents', facts, [heading, ...rows])
  const lines = all.map(({ model, length, accuracies }) => [
    model.name,
    model.K,
    length,
    ...accuracies.map(({ labels, values }) => {
      const paper = paperOf(model.K, length, labels)
      return `${(100 * mean(values)).toFixed(1)}${paper === undefined ? '' : ` (${paper.toFixed(1)})`}`
    }),
  ])
  const counts = LABELS.map(({ count }) => `${count} labels`)
  for (const line of columns([['accuracy, % (paper)', 'K', 'L', ...counts], ...lines])) say(line)
}

function paperOf(K: number, length: number, labels: number): number | undefined {
  const row = PAPER.find((row) => row.K === K && row.L === length)
  return row?.accuracies[LABELS.findIndex(({ count }) => count === labels)]
}
