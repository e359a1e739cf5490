/** One step of a training run. */
import type { Structure } from '../../network/structure.js'
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

/**
 * One step: crops, forward, gradient, update, every tenth step the average. What it saw is a row of the log.
 * @param run changed in place
 */
export async function trainStep(ops: Operations, run: Run, data: Data): Promise<Row> {
  const { tf } = ops
  const { structure, training } = run.recipe
  const steps = run.steps ?? Infinity // a warm-up is at the very start of its run
  const share = run.step / steps
  const { batch, crop } = sizeAt(training.sizes, run.step, steps)
  const logLambdas = drawLogLambdas(training.logLambda, run.random, batch)
  const pixels = cropsOf(data, training.data, run.random, batch, crop)
  const { grads, seen } = tf.tidy(() => {
    const rgb = tf.tensor(new Float32Array(pixels), [batch, crop, crop, 3])
    let seen: Tensor[] = []
    const { grads } = tf.variableGrads(() => {
      const balance = run.usage.balance(tf, share)
      const result = forward(ops, structure, (name) => run.weights.get(name)!, rgb, logLambdas, undefined, balance)
      const loss = lossOf(ops, result)
      seen = [loss.cost, tf.stack([...result.layerBits]), ...result.paths].map((x) => tf.keep(tf.clone(x)))
      return objective(ops, loss, usualCosts(ops, run.usualLoss, logLambdas, loss.cost), training.aid)
    })
    return { grads, seen }
  })
  await run.adam.update(grads, learningRate(training.learningRate, run.step, steps))
  tf.dispose(grads)
  // Read last: nothing of the step waits for it.
  const [costs, bits, ...paths] = await Promise.all(seen.map((x) => x.data<'float32' | 'int32'>()))
  tf.dispose(seen)
  run.usualLoss = withLosses(run.usualLoss, [...costs], logLambdas)
  const counts = countPaths(noCountsOf(structure), structure, paths, crop)
  run.usage.count(counts, share)
  run.step++
  await run.usage.splitAndPrune(run.adam, run.step, share)
  if (run.step % AVERAGE_EVERY === 0) run.adam.average(averageDecay(training.average, run.step))
  return rowOf(structure, run.step, [...costs], logLambdas, bits, counts, batch * crop * crop)
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

/** @param bits of a layer that was run and picture, [layers, batch] */
function rowOf(
  { coarse, fine }: Structure,
  step: number,
  costs: readonly number[],
  logLambdas: readonly number[],
  bits: ArrayLike<number>,
  counts: readonly Counts[],
  pixels: number,
): Row {
  const batch = logLambdas.length
  const loss = Array.from({ length: RATES }, (_, rate) => {
    const seen = costs.filter((_, i) => rateOf(logLambdas[i]) === rate)
    return seen.length === 0 ? null : seen.reduce((a, b) => a + b, 0) / seen.length
  })
  const layers = [...coarse.layers, ...fine.layers]
  const bitsOf = (layer: number): number =>
    Array.from({ length: batch }, (_, i) => bits[layer * batch + i]).reduce((a, b) => a + b, 0) / pixels
  return {
    step,
    loss,
    bits: layers.map((_, i) => (i * batch < bits.length ? bitsOf(i) : null)),
    usage: layers.map(({ K, n }, i) => usageOf(counts[i], K ** n)),
  }
}
