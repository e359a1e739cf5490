/** What a layer's choices are: the guide, the bits of a path, and where a path stands in the tables. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { PROBABILITY_ONE } from '../../engine/limits.js'
import type { LayerStructure, Structure } from '../../network/structure.js'
import { perPicture, perPosition } from './cells.js'
import type { Operations } from './operations.js'

/** λ of every picture of a batch. */
export type Rates = Readonly<{
  /** [batch] */
  logLambda: Tensor
  /** [batch, 2]: (ln λ − 5)/2 and its square, the inputs of λ biases. */
  inputs: Tensor
  /** [batch]: (ln λ − 5)/2. */
  t: Tensor
  /** All candidates cost the same, and the prior is not run. */
  isPlain: boolean
}>

/** Is the network trained for the plain profile alone? */
export const isPlain = ({ profiles }: Pick<Structure, 'profiles'>): boolean => !profiles.includes('entropy')

/** Rows of a layer's tables: one for each child of every inner node, K + K² + … + Kⁿ. */
export const tableRows = (K: number, n: number): number => (K ** (n + 1) - K) / (K - 1)

/** Share of the coder's probabilities that every choice has at least (SPEC 5.5). */
export const FLOOR = 1 / PROBABILITY_ONE

/** The prior of a layer's cells, as the guide and `pathBits` need it. No gradient of its own: `pathBits` has it. */
export type Prior = Readonly<{
  /** [r, rows, positions] in nats. */
  logits: Tensor
  /** Of each depth: exp of the logits below their largest, [r, nodes, K, positions], and its sums, [r, nodes, 1, positions]. */
  powers: readonly Tensor[]
  sums: readonly Tensor[]
  /** Of each depth: what the coder codes with, (1 − K·floor)·softmax + floor, shaped as `powers`. */
  shares: readonly Tensor[]
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
  const depths = Array.from({ length: n }, (_, i) => i + 1)
  const [logits, ...all] = detached(() => {
    const logits = tf.add(tf.matMul(table, z), tf.reshape(bias, [r, bias.size / r, 1]))
    const parts = depths.flatMap((depth) => {
      const children = K ** depth
      const rows = n === 1 ? logits : tf.slice(logits, [0, tableRows(K, depth - 1), 0], [r, children, positions])
      const groups = tf.reshape(rows, [r, children / K, K, positions])
      const powers = tf.exp(tf.sub(groups, tf.max(groups, 2, true)))
      const sums = tf.sum(powers, 2, true)
      return [powers, sums, tf.add(tf.mul(powers, tf.div(1 - K * FLOOR, sums)), FLOOR)]
    })
    return [logits, ...parts]
  })
  const of = (which: number): Tensor[] => depths.map((_, i) => all[3 * i + which])
  return { logits, powers: of(0), sums: of(1), shares: of(2) }
}

/**
 * The leaf of least D + λ·bits of every cell, int32 [r, positions]; ties to the lowest index. Not differentiable.
 * @param mean, sigma [r, positions]
 * @param prior null: all cost the same
 * @param nodes [r, rows]
 * @param target [r, positions]
 * @param balance [r, leaves]: added to D in units of σ² (usage.ts)
 */
export function cheapest(
  operations: Operations,
  { K, n }: LayerStructure,
  { mean, sigma }: Readonly<{ mean: Tensor; sigma: Tensor }>,
  prior: Prior | null,
  nodes: Tensor,
  target: Tensor,
  { logLambda }: Rates,
  balance?: Tensor,
): Tensor {
  const { tf } = operations
  const [r, positions] = mean.shape
  const [leaves, rows] = [K ** n, tableRows(K, n)]
  const u = tf.slice(nodes, [0, rows - leaves], [r, leaves])
  const error = tf.sub(mean, target)
  // (error + σu)², less error², which is the same for all leaves; in units of a nat's price.
  const price = perPosition(operations, tf.mul(tf.exp(logLambda), 1 / Math.LN2), positions)
  const slope = tf.mul(error, tf.mul(sigma, 2))
  const distances = tf.matMul(
    tf.stack([u, balance ? tf.add(tf.square(u), balance) : tf.square(u)], 2),
    tf.stack(prior ? [tf.div(slope, price), tf.div(tf.square(sigma), price)] : [slope, tf.square(sigma)], 1),
  )
  const costs = prior ? tf.sub(distances, logOfLeaves(operations, prior)) : distances
  // argMin, which is slow over an inner axis: the first leaf that costs the least has the largest rank.
  const isLeast = tf.cast(tf.equal(costs, tf.min(costs, 1, true)), 'float32')
  const ranks = tf.reshape(tf.range(leaves, 0, -1), [1, leaves, 1])
  // Costs that are no numbers equal nothing: then the last.
  return tf.cast(tf.minimum(tf.sub(leaves, tf.max(tf.mul(isLeast, ranks), 1)), leaves - 1), 'int32')
}

/** ln p of every leaf, the product along its path: [r, leaves, positions]. */
function logOfLeaves({ tf }: Operations, { shares }: Prior): Tensor {
  const [r, , , positions] = shares[0].shape as [number, number, number, number]
  const logs = shares.map((share) => tf.log(share))
  const sum = logs.reduce((above, log) => tf.add(tf.reshape(above, [r, log.shape[1]!, 1, positions]), log))
  return tf.reshape(sum, [r, sum.size / (r * positions), positions])
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
  const { tf, operation, entries } = operations
  const [r, positions] = leaf.shape
  const depths = Array.from({ length: n }, (_, i) => i + 1)
  return operation([z, table, bias], ([z, table, bias]) => {
    const first = tf.reshape(tf.range(0, r, 1, 'int32'), [r, 1])
    const columns = tf.range(0, positions, 1, 'int32')
    /** Probability of the step of each path at that depth. */
    const chosen = depths.map((depth, i) => {
      const row = tf.add(passed(operations, leaf, K, n, depth), tf.mul(first, tf.scalar(K ** depth, 'int32')))
      const index = tf.add(tf.mul(row, tf.scalar(positions, 'int32')), columns)
      const shares = prior.shares[i]
      return tf.reshape(entries(tf.reshape(shares, [shares.size]), tf.reshape(index, [index.size])), [r, positions])
    })
    const logs = chosen.map((share) => tf.log(share)).reduce((a, b) => tf.add(a, b))
    return {
      value: tf.mul(perPicture(operations, here ? tf.mul(logs, here) : logs, batch), -1 / Math.LN2),
      saved: [z, table, leaf, ...chosen, ...prior.powers, ...prior.sums, ...(here ? [here] : [])],
      gradient: (dy, [z, table, leaf, ...all]) => {
        const everywhere = perPosition(operations, tf.mul(dy, 1 / Math.LN2), positions)
        const weight = here ? tf.mul(everywhere, all[3 * n]) : everywhere
        const parts = depths.map((depth, i) => {
          const [share, powers, sums] = [all[i], all[n + i], all[2 * n + i]]
          // d share_k / d logit_j = s_k·([j = k] − s_j), s the softmax: the share without its floor.
          const slope = tf.mul(tf.div(tf.sub(share, FLOOR), share), weight)
          const ofCells = tf.reshape(slope, [r, 1, positions])
          const steps = tf.mul(oneHot(operations, leaf, K, n, depth), ofCells)
          const parents = depth === 1 ? ofCells : tf.mul(oneHot(operations, leaf, K, n, depth - 1), ofCells)
          const groups = tf.div(tf.reshape(parents, [r, K ** (depth - 1), 1, positions]), sums)
          return tf.sub(tf.reshape(tf.mul(powers, groups), [r, K ** depth, positions]), steps)
        })
        const d = n === 1 ? parts[0] : tf.concat(parts, 1)
        const turned = tf.transpose(table, [0, 2, 1])
        return [tf.matMul(turned, d), tf.matMul(d, z, false, true), tf.reshape(tf.sum(d, 2), bias.shape)]
      },
    }
  })
}

/** The child of that depth, among all Kᵈᵉᵖᵗʰ, that each path passes: int32 [r, positions]. */
const passed = ({ tf }: Operations, leaf: Tensor, K: number, n: number, depth: number): Tensor =>
  depth === n ? leaf : tf.floorDiv(leaf, tf.scalar(K ** (n - depth), 'int32'))

/** 1 at the child of that depth that each path passes, else 0: [r, Kᵈᵉᵖᵗʰ, positions]. */
function oneHot(operations: Operations, leaf: Tensor, K: number, n: number, depth: number): Tensor {
  const { tf } = operations
  const [r, positions] = leaf.shape
  const children = tf.reshape(tf.range(0, K ** depth, 1, 'int32'), [1, K ** depth, 1])
  const own = tf.reshape(passed(operations, leaf, K, n, depth), [r, 1, positions])
  return tf.cast(tf.equal(own, children), 'float32')
}

/** Index into the flat table [r·rows] of the node of that depth that each path passes. */
export function tableIndex(operations: Operations, { K, n }: LayerStructure, leaf: Tensor, depth: number): Tensor {
  const { tf } = operations
  const [r] = leaf.shape
  const rows = tableRows(K, n)
  const first = tf.reshape(tf.range(tableRows(K, depth - 1), r * rows, rows, 'int32'), [r, 1])
  return tf.reshape(tf.add(passed(operations, leaf, K, n, depth), first), [leaf.size])
}

/** [1, positions]: 1 at the positions of the half-pass; null for all. */
export function halfPass(
  { tf }: Operations,
  { cells }: LayerStructure,
  batch: number,
  height: number,
  width: number,
): Tensor | null {
  if (cells === 'all') return null
  const parity = cells === 'odd' ? 1 : 0
  const one = Float32Array.from({ length: height * width }, (_, i) =>
    ((i % width) + Math.floor(i / width)) % 2 === parity ? 1 : 0,
  )
  return tf.tile(tf.tensor2d(one, [1, height * width]), [1, batch])
}
