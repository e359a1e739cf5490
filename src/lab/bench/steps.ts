/** At which steps of λ a model is shown. */
import { plainSteps } from '../../codec/lambda.js'
import type { Profile } from '../../codec/streams.js'
import type { CellGridModel } from '../../network/model.js'

/** ln λ = 1, 1.5, 3.2, 4.5, 5.5, 6.5, 7.5: those of the float original's table. */
const ENTROPY_STEPS = [0, 5, 22, 35, 45, 55, 65]

/**
 * Entropy: seven, from the finest to a coarse one. Plain: one of each rate.
 * @returns rising steps
 * @example stepsOf(model, 'plain') // [20, 57] with `until` 73, 40
 */
export const stepsOf = (model: CellGridModel, profile: Profile): number[] =>
  profile === 'entropy' ? ENTROPY_STEPS : plainSteps(model)
