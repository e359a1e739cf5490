/**
 * One discrete distribution layer, differentiable (prototype/photo: Layer.forward). Cells are [r, positions]:
 * coefficients of the band, then the positions of all pictures of the batch.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayerStructure } from '../../network/structure.js'
import { lambdaBias, residualBlock, saturatedSum, shiftedRelu, type Weights } from './blocks.js'
import { candidate, features, spreadOf } from './candidates.js'
import { perPicture, squaredError } from './cells.js'
import { cheapest, type Rates } from './choices.js'
import { halfPass, tableIndex, tableRows } from './paths.js'
import { pathBits, priorOf } from './prior.js'
import type { Operations } from './operations.js'

export type Heads = Readonly<{
  /** [batch, height, width, channels], after the feedback. */
  h: Tensor
  /** [r, positions] in grey levels; without a gradient. */
  mean: Tensor
  sigma: Tensor
  /** Of each depth, [r, Kᵈᵉᵖᵗʰ, positions] in nats; null where choices cost the same; without a gradient. */
  logits: readonly Tensor[] | null
}>

export type Chosen = Readonly<{
  /** [r, positions]: what the choices add to the sum. */
  value: Tensor
  /** [batch] */
  bits: Tensor
  /** int32 [r, positions]: leaves, of cells outside the layer's half-pass too. */
  path: Tensor
  /** [batch]: squared error of the inner nodes passed, with a gradient for u alone; null where n = 1. */
  inner: Tensor | null
  heads: Heads
}>

/**
 * Runs a layer. Its guide is rate-distortion, argmin of D + λ·bits over all leaves (plain: the nearest), which has no
 * gradient; the chosen candidate and its bits do.
 * @param h [batch, height, width, channels]
 * @param target [r, positions]: what is left of the band
 * @param limit clamp of values, in grey levels
 * @param path replayed instead of chosen, as `Chosen.path`
 * @param balance of its candidates, as `cheapest`
 */
export function runLayer(
  operations: Operations,
  weights: Weights,
  name: string,
  layer: LayerStructure,
  {
    h,
    target,
    rates,
    limit,
    path,
    balance,
  }: {
    h: Tensor
    target: Tensor
    rates: Rates
    limit: number
    path?: Tensor | undefined
    balance?: Tensor | undefined
  },
): Chosen {
  const { tf, toRows, fromRows, detached, take } = operations
  const of = (suffix: string): Tensor => weights(`${name}.${suffix}`)
  const [batch, height, width] = h.shape as [number, number, number, number]
  const r = layer.end - layer.first
  const positions = batch * height * width

  const [blockShift, headShift] = tf.split(lambdaBias(operations, weights, `${name}.rate`, rates.inputs), 2, 3)
  const grown = residualBlock(operations, weights, `${name}.block`, h, blockShift)
  const input = shiftedRelu(operations, grown, headShift)
  const heads = toRows(input, of('mean_scale.weight'), of('mean_scale.bias'))
  const scale = tf.reshape(of('scale'), [r, 1])
  const spread = spreadOf(operations, heads, of('power'), scale, rates.t)
  const tables = rates.isPlain
    ? null
    : {
        z: tf.reshape(toRows(input, of('z.weight'), of('z.bias')), [r, layer.rank, positions]),
        table: of('table'),
        bias: of('bias'),
      }
  const prior = tables && priorOf(operations, layer, tables.z, tables.table, tables.bias)

  const choose = (): Tensor => cheapest(operations, layer, spread, prior, of('nodes'), target, rates, balance)
  const leaf = path ?? detached(() => [choose()])[0]
  const nodes = tf.reshape(of('nodes'), [r * tableRows(layer.K, layer.n)])
  /** u of the node of that depth that the path passes. */
  const nodeAt = (depth: number): Tensor =>
    tf.reshape(take(nodes, tableIndex(operations, layer, leaf, depth)), [r, positions])
  // Inner nodes are what a path that is cut shows, and what a greedy guide sees. They go where that needs them, and pull
  // at nothing else: for their sake, far from the target as they are, σ would shrink (taiji: twice the loss).
  const [fixed] = layer.n > 1 ? detached(() => [tf.clone(target)]) : [target]
  let inner: Tensor | null = null
  for (let depth = 1; depth < layer.n; depth++) {
    const shown = tf.add(tf.mul(nodeAt(depth), spread.sigma), spread.mean)
    const error = squaredError(operations, shown, fixed, batch)
    inner = inner ? tf.add(inner, error) : error
  }
  // A cell outside the half-pass adds nothing, costs nothing and feeds back nothing.
  const here = halfPass(operations, layer, batch, height, width)
  const masked = (cells: Tensor): Tensor => (here ? tf.mul(cells, here) : cells)
  const node = nodeAt(layer.n)
  const value = masked(candidate(operations, { heads, power: of('power'), u: node }, scale, spread, limit))
  const fedBack = fromRows(features(operations, value, masked(node)), of('feedback.weight'))
  return {
    value,
    bits:
      tables && prior
        ? pathBits(operations, layer, tables, prior, leaf, batch, here)
        : perPicture(operations, masked(tf.fill([r, positions], layer.n * Math.log2(layer.K))), batch),
    path: leaf,
    inner,
    heads: {
      h: saturatedSum(operations, grown, fedBack),
      mean: spread.mean,
      sigma: spread.sigma,
      logits: prior && prior.logits,
    },
  }
}
