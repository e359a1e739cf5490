/** λ, its steps and the quality scale (SPEC 3.1.4). */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import { DdncError } from '../errors.js'
import type { Model } from '../network/model.js'

/**
 * λ of a step s = 0…73, in grey level² per bit: ln λ = 1 + s/10.
 * @example lambdaOf(0) // 2.718
 */
export const lambdaOf = (s: number): number => Math.exp(1 + s / 10)

/** Fine layers that an encoder codes at step s: `until` does not increase, so they are the first ones (SPEC 4.2). */
export const fineLayersAt = ({ fine }: Model, s: number): number => fine.layers.filter(({ until }) => until >= s).length

/**
 * Step of a quality: 1…100 maps evenly to s = 73…0.
 * @throws {DdncError} BadOption
 * @example stepOfQuality(100) // 0
 */
export function stepOfQuality(quality: number): number {
  if (!(quality >= 1 && quality <= 100))
    throw new DdncError({ tag: 'BadOption', option: 'quality', found: String(quality), allowed: '1…100' })
  return Math.round(((100 - quality) * MAX_LAMBDA_STEP) / 99)
}

/**
 * Step nearest to a λ.
 * @throws {DdncError} BadOption outside 2.59…4230, half a step beyond the first and the last
 * @example stepOfLambda(16.4) // 18
 */
export function stepOfLambda(lambda: number): number {
  const s = Math.round((Math.log(lambda) - 1) * 10) + 0 // −0 becomes 0
  if (!(s >= 0 && s <= MAX_LAMBDA_STEP))
    throw new DdncError({ tag: 'BadOption', option: 'lambda', found: String(lambda), allowed: '2.72…4023' })
  return s
}
