/** Encoder only: how much the error of each coefficient counts, at each position. */
import type { Numbers } from '../engine/engine.js'

/** What a file is to be good by: the squared error, or measures that see as the eye does. */
export type Tune = 'psnr' | 'ssim'

/** Of one picture; null: the squared error. */
export type Tuning = Readonly<{
  /** Activity at which errors count 1: the picture's geometric mean. With it the network's λ stays the right one. */
  usual: number
}> | null

/** For the guide that weighs errors against bits. */
export type Counting = Readonly<{
  /** [coefficients] */
  weights: Float64Array
  /** [positions]; null: all are 1. */
  importance: Float64Array | null
}>

/** Added to an activity, grey levels², so that noise and flat areas are alike. */
const FLOOR = 20
/** SSIM has 1; the guide can follow only so far, as the candidates lie where they are. */
const POWER = 0.4
/** Importance is 1/2…2: beyond, bytes at equal squared error rise twice as much, and nothing is won. */
const MOST = 2
/** The plane R − B, id 64…127, which the eye sees least of. */
const RED_LESS_BLUE = 0.6

/**
 * @param tuning of the picture; null in the coarse grid, where calm and lively parts lie in one position
 * @param target [positions, order.length] int32 in 1/64: what a walk should reach
 * @param order of the grid's coefficients: plane · 64 + frequency
 * @param components of the picture. A grey one is walked as R = G = B: its chroma counts for nothing (DESIGN section 3)
 * @example countingOf(null, target, model.fine.order, 3).importance // null
 */
export function countingOf(tuning: Tuning, target: Numbers, order: Uint8Array, components: 1 | 3): Counting {
  const [red, green] = components === 1 ? [0, 0] : tuning ? [RED_LESS_BLUE, 1] : [1, 1]
  const weights = Float64Array.from(order, (id) => (id < 64 ? 1 : id < 128 ? red : green))
  if (!tuning) return { weights, importance: null }
  const { usual } = tuning
  const importance = activities(target, order.length).map((activity) =>
    Math.min(MOST, Math.max(1 / MOST, (activity / usual) ** -POWER)),
  )
  return { weights, importance }
}

/**
 * Sees a picture part by part, each position once.
 * @param coefficients of the fine grid: numbers a position has in a target
 * @example const seen = tuningOfParts(189)
 *   seen.add(target)
 *   seen.tuning().usual // 340
 */
export function tuningOfParts(
  coefficients: number,
): Readonly<{ add(target: Numbers): void; tuning(): NonNullable<Tuning> }> {
  let [sum, positions] = [0, 0]
  return {
    add(target) {
      for (const activity of activities(target, coefficients)) sum += Math.log(activity)
      positions += target.length / coefficients
    },
    tuning: () => ({ usual: Math.exp(sum / positions) }),
  }
}

/** Mean square of a position's coefficients, in grey levels², and the floor. */
function activities(target: Numbers, coefficients: number): Float64Array {
  return Float64Array.from({ length: target.length / coefficients }, (_, position) => {
    let squares = 0
    for (let at = position * coefficients; at < (position + 1) * coefficients; at++) squares += target[at] ** 2
    return squares / (4096 * 64) + FLOOR
  })
}
