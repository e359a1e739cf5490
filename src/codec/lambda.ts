/** λ, its steps and the quality scale (SPEC 3.1.4). */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import { DdncError } from '../errors.js'
import type { CellGridModel } from '../network/model.js'

/**
 * λ of a step s = 0…73, in grey level² per bit: ln λ = 1 + s/10.
 * @example lambdaOf(0) // 2.718
 */
export const lambdaOf = (s: number): number => Math.exp(1 + s / 10)

/** Fine layers that an encoder codes at step s: `until` does not increase, so they are the first ones (SPEC 4.2). */
export const fineLayersAt = ({ fine }: CellGridModel, s: number): number =>
  fine.layers.filter(({ until }) => until >= s).length

/**
 * Steps that stand for the rates of the plain profile, where files of as many fine layers are equally large: of the steps
 * that code the same layers the middle one, farthest from where one layer more or less is coded.
 * @returns rising steps
 * @example plainSteps(model) // [20, 57] with `until` 73, 40: 0 to 40 code two fine layers, 41 to 73 one
 */
export function plainSteps(model: CellGridModel): number[] {
  const middles: number[] = []
  for (let first = 0; first <= MAX_LAMBDA_STEP;) {
    let end = first + 1
    while (end <= MAX_LAMBDA_STEP && fineLayersAt(model, end) === fineLayersAt(model, first)) end++
    middles.push((first + end) >> 1)
    first = end
  }
  return middles
}

/** Quality where none is given. */
export const DEFAULT_QUALITY = 75

/**
 * @throws {DdncError} BadOption outside 1…100
 * @example checkQuality(75)
 */
export function checkQuality(quality: number): void {
  if (quality >= 1 && quality <= 100) return
  throw new DdncError({ tag: 'BadOption', option: 'quality', found: String(quality), allowed: '1…100' })
}

/**
 * Step of a quality: 1…100 maps evenly to s = 73…0.
 * @throws {DdncError} BadOption
 * @example stepOfQuality(100) // 0
 */
export function stepOfQuality(quality: number): number {
  checkQuality(quality)
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
