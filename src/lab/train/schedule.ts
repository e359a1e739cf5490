/** What changes while a network is trained, as pure functions of the step and of a random generator. */
import type { Random } from '../../network/uniform.js'
import type { Size, Training } from './training.js'

/**
 * Factor of a step's update.
 * @param step from 0
 * @param steps of the whole run, over step
 * @returns start · min(1, (step + 1) / warmUp), from the share `hold` of the run on times a cosine's half wave
 * @example learningRate({ start: 1, warmUp: 10, hold: 0.5, lowest: 0.02 }, 75, 100) // 0.5: half of the way down
 */
export function learningRate(rate: Training['learningRate'], step: number, steps: number): number {
  const { start, warmUp, hold, lowest } = rate
  const rise = warmUp === 0 ? 1 : Math.min(1, (step + 1) / warmUp)
  const done = step / steps
  // done < 1, so hold = 1 never gets to the division.
  const fall = done < hold ? 1 : Math.max(lowest, 0.5 * (1 + Math.cos((Math.PI * (done - hold)) / (1 - hold))))
  return start * rise * fall
}

/**
 * Pictures and side of the crops of a step.
 * @param sizes the first from 0, rising
 * @example sizeAt([{ from: 0, batch: 2, crop: 192 }], 5, 10).crop // 192
 */
export function sizeAt(sizes: readonly Size[], step: number, steps: number): Size {
  return sizes.filter(({ from }) => step / steps >= from).at(-1) ?? sizes[0]
}

/**
 * Pixels of steps from … to − 1 of a run.
 * @example pixelsOfSteps([{ from: 0, batch: 2, crop: 8 }], 0, 3, 3) // 384
 */
export function pixelsOfSteps(sizes: readonly Size[], from: number, to: number, steps: number): number {
  let pixels = 0
  for (const [i, size] of sizes.entries()) {
    // The first step whose share step / steps is `from` or more; the division of sizeAt decides, not a product.
    const begin = (share: number): number => {
      let step = Math.max(0, Math.floor(share * steps) - 1)
      while (step / steps < share) step++
      return step
    }
    const end = i + 1 < sizes.length ? begin(sizes[i + 1].from) : steps
    const count = Math.min(to, end) - Math.max(from, begin(size.from))
    if (count > 0) pixels += count * size.batch * size.crop ** 2
  }
  return pixels
}

/**
 * Number of steps of a run that has a time, once it is known how fast steps are.
 * @param warm steps that are already done, at the first size
 * @param pixelsPerSecond of training, measured over the last of them
 * @param seconds that are left
 * @returns the most steps whose pixels, from step `warm` on, fit; at least warm + 1
 * @example stepsThatFit([{ from: 0, batch: 1, crop: 8 }], 10, 640, 9) // 100: 90 more steps of 64 pixels
 */
export function stepsThatFit(sizes: readonly Size[], warm: number, pixelsPerSecond: number, seconds: number): number {
  const budget = Math.max(0, pixelsPerSecond * seconds)
  const smallest = Math.min(...sizes.map(({ batch, crop }) => batch * crop ** 2))
  let fits = warm + 1
  let tooMany = fits + Math.ceil(budget / smallest) + 1
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (pixelsOfSteps(sizes, warm, middle, middle) <= budget) fits = middle
    else tooMany = middle
  }
  return fits
}

/**
 * ln λ of a step's pictures: near each other, so that layers above their λ can be left out for all.
 * @returns `batch` numbers within the range
 * @example drawLogLambdas(training.logLambda, random, 2) // [4.1, 3.7]
 */
export function drawLogLambdas(settings: Training['logLambda'], random: Random, batch: number): number[] {
  const { range, middle, middleShare, spread } = settings
  const between = (low: number, high: number): number => low + (high - low) * random.next()
  const [low, high] = random.next() < middleShare ? middle : range
  const centre = between(low, high)
  return Array.from({ length: batch }, () => Math.min(range[1], Math.max(range[0], centre + between(-spread, spread))))
}

/** Steps between two updates of the running mean of the weights. */
export const AVERAGE_EVERY = 10

/**
 * Decay of the running mean of the weights over AVERAGE_EVERY steps: shorter at the start, so that the first weights
 * are soon forgotten.
 * @param average decay per step in the long run
 * @param step number of steps done, a multiple of AVERAGE_EVERY
 * @example averageDecay(0.998, 10) // 0.5^10
 */
export const averageDecay = (average: number, step: number): number =>
  Math.min(average, 1 - 1 / (step / AVERAGE_EVERY + 1)) ** AVERAGE_EVERY
