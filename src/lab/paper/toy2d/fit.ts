/**
 * Nodes in the plane that learn a density from samples (paper, figure 17 and algorithm 1): one layer whose K candidates
 * are points, without a network before them. A sample chooses its nearest node, which goes a part of the way to it: the
 * gradient of the squared distance, with a constant rate.
 */
import type { Points } from './density.js'
import { PointIndex } from './pointIndex.js'
import { Tournament } from './tournament.js'

/** Algorithm 1, line 3: shares of 1/K. */
const SPLIT = 2
const PRUNE = 0.5

export type Fitting = Readonly<{
  /** Part of the way to a sample that its node goes: 0.4 in the public code (notes, section 8). */
  move: number
  /** What is done about nodes that are chosen too rarely or too often. */
  method: 'gradient' | 'splitAndPrune' | 'balancing'
  /** Loss-free balancing: squared distance that a choice adds to a node's cost. */
  biasStep: number
}>

/** Nodes as they learn. */
export type Fit = Readonly<{
  /** Samples from the first that was not learned on, up to but without `end`. */
  learn(end: number): void
  points(): Points
}>

/**
 * One pass over samples, in their order.
 * @param start where the nodes are at first; within [−1, 1]², as the samples
 * @example const fit = fitOf(uniformPoints(100, 1), samples, { move: 0.4, method: 'splitAndPrune', biasStep: 0 })
 *   fit.learn(samples.x.length)
 *   fit.points()
 */
export function fitOf(start: Points, samples: Points, { move, method, biasStep }: Fitting): Fit {
  const index = new PointIndex(start)
  const K = start.x.length
  const splits = method === 'splitAndPrune' ? splitAndPruneOf(K) : null
  const balance = method === 'balancing' ? balanceOf(K, biasStep) : null
  let done = 0
  return {
    learn(end) {
      for (; done < end; done++) {
        const [x, y] = [samples.x[done], samples.y[done]]
        const chosen = index.nearest(x, y, balance?.biases())
        index.approach(chosen, x, y, move)
        balance?.count(chosen)
        const changed = splits?.count(chosen)
        if (changed) index.moveTo(changed.pruned, changed.split)
      }
    },
    points: () => index.points(),
  }
}

/**
 * The counts of algorithm 1 and what it does with them, lines 9 to 20: a split node and its copy have half its count
 * each, the copy takes the pruned node's place, the pruned node's count leaves n.
 * @example splitAndPruneOf(2).count(0) // { split: 0, pruned: 1 }: 0 of 1 is below 0.5/2
 */
export function splitAndPruneOf(K: number): {
  count(chosen: number): Readonly<{ split: number; pruned: number }> | null
} {
  const counts = new Float64Array(K)
  const most = new Tournament(counts, 'largest')
  const least = new Tournament(counts, 'least')
  let n = 0
  const set = (k: number, count: number): void => {
    counts[k] = count
    most.update(k)
    least.update(k)
  }
  return {
    count(chosen) {
      set(chosen, counts[chosen] + 1)
      n++
      const [split, pruned] = [most.winner, least.winner]
      if (counts[split] * K <= SPLIT * n && counts[pruned] * K >= PRUNE * n) return null
      n -= counts[pruned]
      const half = counts[split] / 2
      set(split, half)
      set(pruned, half)
      return { split, pruned }
    },
  }
}

/**
 * Loss-free balancing (paper, appendix E) of samples that come one by one. Wang et al. lower the bias of every node that
 * was chosen less than its share and raise the others by the same amount; of one sample that is the chosen node against
 * all others, so only the chosen one's bias need change.
 */
function balanceOf(K: number, step: number) {
  const of = new Float64Array(K)
  const least = new Tournament(of, 'least')
  return {
    biases: () => ({ of, least: of[least.winner] }),
    count(chosen: number): void {
      of[chosen] += step
      least.update(chosen)
    },
  }
}
