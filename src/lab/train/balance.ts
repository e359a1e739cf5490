/** Every rate weighs the same: the loss of a picture is divided by its running mean among pictures of a similar λ. */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'

/** Parts into which ln λ = 1 … 8.3 is divided. */
export const RATES = 10

/** Running mean of the loss by rate, from the lowest λ to the highest; 0 where none was seen. */
export type UsualLoss = readonly number[]

export const noUsualLoss: UsualLoss = new Array<number>(RATES).fill(0)

/** How much of the mean a picture's loss leaves. */
const KEEP = 0.98

/**
 * @returns 0 … RATES − 1
 * @example rateOf(8.3) // 9
 */
export const rateOf = (logLambda: number): number =>
  Math.min(RATES - 1, Math.max(0, Math.floor(((logLambda - 1) * 10 * RATES) / MAX_LAMBDA_STEP)))

/**
 * The means after a step.
 * @param losses of its pictures, over 0; one that is no number is left out, as its step changes no weights: it would stay
 *   in the mean for good
 * @param logLambdas of the same pictures
 * @example withLosses(noUsualLoss, [3, 5], [1, 1])[0] // 4
 */
export function withLosses(usual: UsualLoss, losses: readonly number[], logLambdas: readonly number[]): UsualLoss {
  return usual.map((before, rate) => {
    const here = losses.filter((loss, i) => Number.isFinite(loss) && rateOf(logLambdas[i]) === rate)
    if (here.length === 0) return before
    const mean = here.reduce((a, b) => a + b, 0) / here.length
    return before === 0 ? mean : before + (mean - before) * (1 - KEEP ** here.length)
  })
}

/**
 * The same means for the pictures themselves, as a map that a backend can follow before it knows the losses: those of
 * picture i are before[i] + Σ weights[i][j]·losses[j].
 * @example usualOf(noUsualLoss, [1, 1]) // before [0, 0], weights [[0.5, 0.5], [0.5, 0.5]]
 */
export function usualOf(
  usual: UsualLoss,
  logLambdas: readonly number[],
): Readonly<{ before: number[]; weights: number[][] }> {
  const rates = logLambdas.map(rateOf)
  const count = (rate: number): number => rates.filter((other) => other === rate).length
  const gain = (rate: number): number => (usual[rate] === 0 ? 1 : 1 - KEEP ** count(rate))
  return {
    before: rates.map((rate) => usual[rate] * (1 - gain(rate))),
    weights: rates.map((rate) => rates.map((other) => (other === rate ? gain(rate) / count(rate) : 0))),
  }
}
