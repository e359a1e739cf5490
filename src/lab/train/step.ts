/** One step of a training run. */
import type { Data } from './kind.js'
import type { Row } from './log.js'
import type { Operations } from './operations.js'
import type { Run } from './run.js'
import { AVERAGE_EVERY, averageDecay, learningRate } from './schedule.js'
import { alone, type Team } from './team.js'

/**
 * One step: batch, forward, gradient, update, every tenth step the average. What it saw is a row of the log.
 * @param run changed in place
 * @param team whose members all take this step: each the gradient of its pictures, then the same update
 */
export async function trainStep(ops: Operations, run: Run, data: Data, team: Team = alone): Promise<Row> {
  const { training } = run.recipe
  // Only the first member has a clock.
  const [[known]] = team.share([run.steps ?? 0])
  run.steps = known || null
  const steps = run.steps ?? Infinity // a warm-up is at the very start of its run
  const share = run.step / steps
  const { grads, look } = run.kind.gradient(ops, run, data, share, team)
  await run.adam.update(grads, learningRate(training.learningRate, run.step, steps), team)
  ops.tf.dispose(grads)
  const { row, counts } = await look()
  run.usage.count(counts, share)
  run.step++
  await run.usage.splitAndPrune(run.adam, run.step, share)
  if (run.step % AVERAGE_EVERY === 0) run.adam.average(averageDecay(training.average, run.step))
  return { step: run.step, ...row }
}

/** Most numbers that a team adds up at once: gradients, or choices. */
export function numbersSummed({ adam, kind }: Pick<Run, 'adam' | 'kind'>): number {
  const weights = [...adam.variables.values()].reduce((sum, { size }) => sum + size, 0)
  return Math.max(weights, kind.choices)
}
