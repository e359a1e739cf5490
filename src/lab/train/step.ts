/** One step of a training run. */
import type { CellGridStructure } from '../../network/structure.js'
import type { Tensor } from './backend.js'
import { RATES, rateOf, usualOf, withLosses, type UsualLoss } from './balance.js'
import { countPaths, noCountsOf, usageOf, type Counts } from './counts.js'
import { cropsOf, type Data } from './data.js'
import type { Row } from './log.js'
import { lossOf, objective } from './loss.js'
import { forward } from './network.js'
import type { Operations } from './operations.js'
import type { Run } from './run.js'
import { AVERAGE_EVERY, averageDecay, drawLogLambdas, learningRate, sizeAt } from './schedule.js'
import { alone, shardOf, type Team } from './team.js'

/**
 * One step: crops, forward, gradient, update, every tenth step the average. What it saw is a row of the log.
 * @param run changed in place
 * @param team whose members all take this step: each the gradient of its crops, then the same update
 */
export async function trainStep(ops: Operations, run: Run, data: Data, team: Team = alone): Promise<Row> {
  const { tf } = ops
  const { structure, training } = run.recipe
  // Only the first member has a clock.
  const [[known]] = team.share([run.steps ?? 0])
  run.steps = known || null
  const steps = run.steps ?? Infinity // a warm-up is at the very start of its run
  const share = run.step / steps
  const { batch, crop } = sizeAt(training.sizes, run.step, steps)
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
  await run.adam.update(grads, learningRate(training.learningRate, run.step, steps), team)
  tf.dispose(grads)
  // Read last: nothing of the step waits for it.
  const [ownCosts = [], ownBits = [], ...paths] = await Promise.all(seen.map((x) => x.data<'float32' | 'int32'>()))
  tf.dispose(seen)
  costs ??= [...ownCosts]
  const bits = team.share([...ownBits]).reduce((a, b) => (a.length === 0 ? b : a.map((x, i) => x + (b[i] ?? 0))))
  const counts = countsOfTeam(countPaths(noCountsOf(structure), structure, paths, crop), team)
  run.usualLoss = withLosses(run.usualLoss, costs, logLambdas)
  run.usage.count(counts, share)
  run.step++
  await run.usage.splitAndPrune(run.adam, run.step, share)
  if (run.step % AVERAGE_EVERY === 0) run.adam.average(averageDecay(training.average, run.step))
  return rowOf(structure, run.step, costs, logLambdas, bits, counts, batch * crop * crop)
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

/** Exact up to 2^24 choices of a candidate in a step, over 4,000 crops of 512². */
const countsOfTeam = (counts: readonly Counts[], team: Team): Counts[] =>
  team.sum(counts.map((layer) => Float32Array.from(layer))).map((sum) => Uint32Array.from(sum))

/** Most numbers that a team adds up at once: gradients, or choices. */
export function numbersSummed({ adam, recipe }: Pick<Run, 'adam' | 'recipe'>): number {
  const weights = [...adam.variables.values()].reduce((sum, { size }) => sum + size, 0)
  return Math.max(
    weights,
    noCountsOf(recipe.structure).reduce((sum, { length }) => sum + length, 0),
  )
}

/** @param bits of the whole batch, by layer that was run */
function rowOf(
  { coarse, fine }: CellGridStructure,
  step: number,
  costs: readonly number[],
  logLambdas: readonly number[],
  bits: readonly number[],
  counts: readonly Counts[],
  pixels: number,
): Row {
  const loss = Array.from({ length: RATES }, (_, rate) => {
    const seen = costs.filter((_, i) => rateOf(logLambdas[i]) === rate)
    return seen.length === 0 ? null : seen.reduce((a, b) => a + b, 0) / seen.length
  })
  const layers = [...coarse.layers, ...fine.layers]
  return {
    step,
    loss,
    bits: layers.map((_, i) => (i < bits.length ? bits[i] / pixels : null)),
    usage: layers.map(({ K, n }, i) => usageOf(counts[i], K ** n)),
  }
}
