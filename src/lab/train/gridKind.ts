/** Cell-grid networks in training. */
import type { Tensor } from './backend.js'
import { RATES, rateOf, usualOf, withLosses, type UsualLoss } from './balance.js'
import { countPaths, noCountsOf, usageOf, type Counts } from './counts.js'
import { cropsOf, photographsOf } from './data.js'
import { deviationsOf } from './deviations.js'
import { matching } from './from.js'
import type { GridRecipe } from './gridRecipe.js'
import type { Gradient, Kind } from './kind.js'
import type { Row } from './log.js'
import { lossOf, objective } from './loss.js'
import { forward } from './network.js'
import type { Operations } from './operations.js'
import { namedLayers, parametersOf } from './parameters.js'
import { drawLogLambdas, sizeAt } from './schedule.js'
import { scoreOf } from './score.js'
import { ENOUGH, splitAndPruneLayer } from './splitPrune.js'
import { firstValues } from './start.js'
import { shardOf, sumCounts } from './team.js'
import type { Distribution } from './usage.js'

/** Largest side of the crops of which first scales are measured. */
const LARGEST = 192

/** @example gridKind(cellGridRecipe(readRecipe(text))).layers // ['coarse 1: 0-7', …] */
export function gridKind(recipe: GridRecipe): Kind {
  const { structure, starts, training } = recipe
  const { coarse, fine } = structure
  const parameters = parametersOf(structure)
  return {
    parameters,
    begin(data, random, given) {
      const side = Math.min(LARGEST, ...training.sizes.map(({ crop }) => crop))
      const deviations = deviationsOf(photographsOf(data), training.data, random, undefined, side)
      return firstValues(parameters, { ...starts, orders: given, deviations, uniform: random.next })
    },
    matching: (saved) => matching(structure, saved.weights, saved.recipe, starts.order),
    distributions: namedLayers(structure).map(({ name, layer }) => distributionOf(name, layer)),
    layers: [
      ...coarse.layers.map(({ first, end }, i) => `coarse ${i + 1}: ${first}-${end - 1}`),
      ...fine.layers.map(({ first, end }, i) => `fine ${i + 1}: ${first}-${end - 1}`),
    ],
    choices: noCountsOf(structure).reduce((sum, { length }) => sum + length, 0),
    sizes: training.sizes,
    score: scoreOf(structure),
    gradient: (ops, run, data, share, team) => gradientOf(recipe, ops, run, photographsOf(data), share, team),
  }
}

type Layer = ReturnType<typeof namedLayers>[number]['layer']

function distributionOf(name: string, layer: Layer): Distribution {
  const leaves = layer.K ** layer.n
  return {
    name,
    shape: [layer.end - layer.first, leaves],
    // A layer that is rarely run has a longer window.
    isDue: (counts) => counts.reduce((a, b) => a + b, 0) / counts.length >= ENOUGH,
    splitAndPrune(counts, slots, bias, thresholds) {
      const changed = splitAndPruneLayer(name, layer, counts, slots, bias, thresholds)
      counts.fill(0)
      return changed
    },
  }
}

/** Crops, forward, gradient. */
function gradientOf(
  { structure, training }: GridRecipe,
  ops: Operations,
  run: Parameters<Kind['gradient']>[1],
  data: Parameters<typeof cropsOf>[0],
  share: number,
  team: Parameters<Kind['gradient']>[4],
): Gradient {
  const { tf } = ops
  const { batch, crop } = sizeAt(training.sizes, run.step, run.steps ?? Infinity)
  const logLambdas = drawLogLambdas(training.logLambda, run.random, batch)
  const shard = shardOf(batch, team)
  const pixels = cropsOf(data, training.data, run.random, batch, crop, shard)
  const own = logLambdas.slice(shard.first, shard.end)
  let costs: readonly number[] | null = null
  const usual = (cost: Tensor | null): Tensor => {
    if (team.size === 1) return usualCosts(ops, run.usualLoss, logLambdas, cost!)
    costs = team.share(cost ? [...cost.dataSync<'float32'>()] : []).flat()
    const after = withLosses(run.usualLoss, costs, logLambdas)
    return tf.tensor1d(own.map((logLambda) => after[rateOf(logLambda)]))
  }
  const { grads, seen } = tf.tidy(() => {
    let seen: Tensor[] = []
    if (own.length === 0) {
      usual(null)
      return { grads: {}, seen }
    }
    const rgb = tf.tensor(new Float32Array(pixels), [own.length, crop, crop, 3])
    const { grads } = tf.variableGrads(() => {
      const balance = run.usage.balance(tf, share)
      const weights = (name: string): Tensor => run.weights.get(name)!
      const result = forward(ops, structure, weights, rgb, own, { balance, smallest: Math.min(...logLambdas) })
      const loss = lossOf(ops, result)
      const bits = tf.stack(result.layerBits.map((ofLayer) => tf.sum(ofLayer)))
      seen = [loss.cost, bits, ...result.paths].map((x) => tf.keep(tf.clone(x)))
      return objective(ops, loss, usual(loss.cost), training.aid, batch)
    })
    return { grads, seen }
  })
  return {
    grads,
    async look() {
      // Read last: nothing of the step waits for it.
      const [ownCosts = [], ownBits = [], ...paths] = await Promise.all(seen.map((x) => x.data<'float32' | 'int32'>()))
      tf.dispose(seen)
      costs ??= [...ownCosts]
      const bits = team.share([...ownBits]).reduce((a, b) => (a.length === 0 ? b : a.map((x, i) => x + (b[i] ?? 0))))
      const counts = sumCounts(countPaths(noCountsOf(structure), structure, paths, crop), team)
      run.usualLoss = withLosses(run.usualLoss, costs, logLambdas)
      return { row: rowOf(structure, costs, logLambdas, bits, counts, batch * crop * crop), counts }
    },
  }
}

/** What withLosses will give for each picture, while its loss is on the device alone. Without a gradient. */
function usualCosts(
  { tf, detached }: Operations,
  usual: UsualLoss,
  logLambdas: readonly number[],
  cost: Tensor,
): Tensor {
  const { before, weights } = usualOf(usual, logLambdas)
  const column = (): Tensor => tf.matMul(tf.tensor2d(weights), tf.reshape(cost, [cost.size, 1]))
  return detached(() => [tf.add(tf.tensor1d(before), tf.reshape(column(), [cost.size]))])[0]
}

/** @param bits of the whole batch, by layer that was run */
function rowOf(
  { coarse, fine }: GridRecipe['structure'],
  costs: readonly number[],
  logLambdas: readonly number[],
  bits: readonly number[],
  counts: readonly Counts[],
  pixels: number,
): Omit<Row, 'step'> {
  const loss = Array.from({ length: RATES }, (_, rate) => {
    const seen = costs.filter((_, i) => rateOf(logLambdas[i]) === rate)
    return seen.length === 0 ? null : seen.reduce((a, b) => a + b, 0) / seen.length
  })
  const layers = [...coarse.layers, ...fine.layers]
  return {
    loss,
    bits: layers.map((_, i) => (i < bits.length ? bits[i] / pixels : null)),
    usage: layers.map(({ K, n }, i) => usageOf(counts[i], K ** n)),
  }
}
