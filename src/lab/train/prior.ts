/** The prior of a layer's choices, and the bits of paths by it. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { PROBABILITY_ONE } from '../../engine/limits.js'
import type { LayerStructure } from '../../network/structure.js'
import type { Tensorflow } from './backend.js'
import { perPicture, perPosition } from './cells.js'
import type { Operations } from './operations.js'
import { oneHot, passed, tableRows } from './paths.js'

/** Share of the coder's probabilities that every choice has at least (SPEC 5.5). */
export const FLOOR = 1 / PROBABILITY_ONE

/** The prior of a layer's cells, as the guide and `pathBits` need it. No gradient of its own: `pathBits` has it. */
export type Prior = Readonly<{
  /** Of each depth, in nats: [r, Kᵈᵉᵖᵗʰ, positions]. */
  logits: readonly Tensor[]
  /** Of each depth: exp of the logits below their largest, [r, nodes, K, positions], and its sums, [r, nodes, 1, positions]. */
  powers: readonly Tensor[]
  sums: readonly Tensor[]
}>

/**
 * @param z [r, rank, positions]
 * @param table [r, rows, rank]
 * @param bias [r, rows]
 */
export function priorOf(
  { tf, detached }: Operations,
  { K, n }: LayerStructure,
  z: Tensor,
  table: Tensor,
  bias: Tensor,
): Prior {
  const [r, , positions] = z.shape
  const depths = depthsOf(n)
  const all = detached(() =>
    depths.flatMap((depth) => {
      const [ofTable, ofBias] = [table, bias].map((x) => rowsOf(tf, x, K, n, depth))
      const logits = tf.add(tf.matMul(ofTable, z), tf.reshape(ofBias, [r, K ** depth, 1]))
      const groups = tf.reshape(logits, [r, K ** (depth - 1), K, positions])
      const powers = tf.exp(tf.sub(groups, tf.max(groups, 2, true)))
      return [logits, powers, tf.sum(powers, 2, true)]
    }),
  )
  const of = (which: number): Tensor[] => depths.map((_, i) => all[3 * i + which])
  return { logits: of(0), powers: of(1), sums: of(2) }
}

/**
 * ln p of every leaf, the product along its path, up to a number of each cell: [r, leaves, positions]. What the coder
 * codes with is (1 − K·floor)·softmax + floor; taking its factor (1 − K·floor)/sum out saves a pass over the leaves.
 */
export function logsOfLeaves({ tf }: Operations, { K }: Pick<LayerStructure, 'K'>, { powers, sums }: Prior): Tensor {
  const [r, , , positions] = powers[0].shape as [number, number, number, number]
  const factor = 1 - K * FLOOR
  const all = powers.reduce<Tensor | null>((above, own, i) => {
    const logs = tf.log(tf.add(own, tf.mul(sums[i], FLOOR / factor)))
    if (!above) return logs
    // All of the first depth have one factor in common.
    const parents = tf.reshape(above, [r, logs.shape[1]!, 1, positions])
    return tf.add(logs, tf.sub(parents, tf.log(sums[i])))
  }, null)!
  return tf.reshape(all, [r, all.size / (r * positions), positions])
}

const depthsOf = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

/** Those of a table [r, rows, …] that belong to a depth. */
function rowsOf(tf: Tensorflow, table: Tensor, K: number, n: number, depth: number): Tensor {
  if (n === 1) return table
  const [r, , ...rest] = table.shape
  return tf.slice(table, [0, tableRows(K, depth - 1), ...rest.map(() => 0)], [r, K ** depth, ...rest])
}

/**
 * −log₂ p of all paths of a picture, [batch].
 * @param z, table, bias as `priorOf`
 * @param leaf int32 [r, positions]
 * @param here [1, positions]: 1 where cells are coded; null for everywhere
 */
export function pathBits(
  operations: Operations,
  { K, n }: LayerStructure,
  { z, table, bias }: Readonly<{ z: Tensor; table: Tensor; bias: Tensor }>,
  prior: Prior,
  leaf: Tensor,
  batch: number,
  here: Tensor | null,
): Tensor {
  const { tf, operation, product, entries } = operations
  const [r, positions] = leaf.shape
  const depths = depthsOf(n)
  return operation([z, table, bias], ([z, table]) => {
    const first = tf.reshape(tf.range(0, r, 1, 'int32'), [r, 1])
    const columns = tf.range(0, positions, 1, 'int32')
    /** Probability of the step of each path at that depth. */
    const chosen = depths.map((depth, i) => {
      /** Of a tensor with a row for every node of a depth, that of the node that each path passes. */
      const along = (x: Tensor, depth: number): Tensor => {
        if (depth === 0) return tf.reshape(x, [r, positions])
        const row = tf.add(passed(operations, leaf, K, n, depth), tf.mul(first, tf.scalar(K ** depth, 'int32')))
        const index = tf.add(tf.mul(row, tf.scalar(positions, 'int32')), columns)
        return tf.reshape(entries(tf.reshape(x, [x.size]), tf.reshape(index, [index.size])), [r, positions])
      }
      const softmax = tf.div(along(prior.powers[i], depth), along(prior.sums[i], depth - 1))
      return tf.add(tf.mul(softmax, 1 - K * FLOOR), FLOOR)
    })
    const logs = chosen.map((share) => tf.log(share)).reduce((a, b) => tf.add(a, b))
    return {
      value: tf.mul(perPicture(operations, here ? tf.mul(logs, here) : logs, batch), -1 / Math.LN2),
      saved: [z, table, leaf, ...chosen, ...prior.powers, ...prior.sums, ...(here ? [here] : [])],
      gradient: (dy, [z, table, leaf, ...all]) => {
        const everywhere = perPosition(operations, tf.mul(dy, 1 / Math.LN2), positions)
        const weight = here ? tf.mul(everywhere, all[3 * n]) : everywhere
        const steps = depths.map((depth) => oneHot(operations, leaf, K, n, depth))
        const parts = depths.map((depth, i) => {
          const [share, powers, sums] = [all[i], all[n + i], all[2 * n + i]]
          // d share_k / d logit_j = s_k·([j = k] − s_j), s the softmax: the share without its floor.
          const slope = tf.reshape(tf.mul(tf.div(tf.sub(share, FLOOR), share), weight), [r, 1, positions])
          const parents = depth === 1 ? slope : tf.mul(steps[i - 1], slope)
          const groups = tf.div(tf.reshape(parents, [r, K ** (depth - 1), 1, positions]), sums)
          const expected = tf.reshape(tf.mul(powers, groups), [r, K ** depth, positions])
          return tf.sub(expected, tf.mul(steps[i], slope))
        })
        const joined = (all: Tensor[]): Tensor => (n === 1 ? all[0] : tf.concat(all, 1))
        const ofZ = parts.map((d, i) => product(rowsOf(tf, table, K, n, depths[i]), d, true))
        return [
          ofZ.reduce((a, b) => tf.add(a, b)),
          joined(parts.map((d) => product(d, z, false, true))),
          joined(parts.map((d) => tf.sum(d, 2))),
        ]
      },
    }
  })
}
