/** At which steps of λ a model is shown. */
import { fineLayersAt, stepOfQuality } from '../../codec/lambda.js'
import type { Profile } from '../../codec/streams.js'
import type { Model } from '../../index.js'
import { groupedBy } from './metrics.js'

/** ln λ = 1, 1.5, 3.2, 4.5, 5.5, 6.5, 7.5: those of the float original's table. */
const ENTROPY_STEPS = [0, 5, 22, 35, 45, 55, 65]

/**
 * Entropy: seven, from the finest to a coarse one. Plain: a rate is a number of fine layers, shown by the middle one of
 * the steps that have it.
 * @returns rising steps
 * @example stepsOf(model, 'plain') // [20, 57] with `until` 73, 40: 0 to 40 code two fine layers, 41 to 73 one
 */
export function stepsOf(model: Model, profile: Profile): number[] {
  if (profile === 'entropy') return ENTROPY_STEPS
  const steps = Array.from({ length: stepOfQuality(1) + 1 }, (_, s) => s)
  const groups = groupedBy(steps, (s) => fineLayersAt(model, s))
  return [...groups.values()].map((group) => group[group.length >> 1])
}
