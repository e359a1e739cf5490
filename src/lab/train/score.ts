/**
 * Losses as they are shown, in the live line, at validation and in curves: as numbers that rates, and runs of one kind,
 * can be compared by. What that is depends on the profile, and is decided here alone.
 */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import type { CellGridStructure } from '../../network/structure.js'
import { RATES } from './balance.js'
import { isPlain } from './choices.js'
import type { Row } from './log.js'

/** A loss, (D + λ·bits) / pixels or, plain, D / pixels, at its ln λ. */
export type LossAt = Readonly<{ logLambda: number; loss: number }>

export type Score = Readonly<{
  name: string
  /** Behind a number, with its space. */
  unit: string
  /** As a formula. */
  meaning: string
  of(at: LossAt): number
}>

/** ln of the loss grows by about this much when ln λ grows by 1. */
const SLOPE = 0.85

const logLoss: Score = {
  name: 'log loss',
  unit: '',
  meaning: `ln(J / λ^${SLOPE}), J = (D + λ·bits) / pixels`,
  of: ({ loss, logLambda }) => Math.log(loss) - SLOPE * logLambda,
}

/** Of pixels that are not rounded. λ has no price here: it says how many layers are coded. */
const psnr: Score = {
  name: 'PSNR',
  unit: ' dB',
  meaning: '10·log10(3·255² / (D / pixels)), in dB',
  of: ({ loss }) => 10 * Math.log10((3 * 255 ** 2) / loss),
}

/**
 * How losses of a network are shown.
 * @example scoreOf({ profiles: ['plain'] }).of({ logLambda: 5, loss: 195.075 }) // 30
 */
export const scoreOf = (structure: Pick<CellGridStructure, 'profiles'>): Score => (isPlain(structure) ? psnr : logLoss)

/**
 * One number for losses at several rates: the mean of their scores, so that which rates they are matters little.
 * @returns NaN of none
 */
export const meanScore = (score: Score, losses: readonly LossAt[]): number =>
  losses.reduce((sum, at) => sum + score.of(at), 0) / losses.length

/**
 * The mean, with its name and unit.
 * @example scoreText(scoreOf({ profiles: ['plain'] }), [{ logLambda: 5, loss: 195.075 }]) // 'PSNR 30.000 dB'
 */
export const scoreText = (score: Score, losses: readonly LossAt[]): string =>
  `${score.name} ${meanScore(score, losses).toFixed(3)}${score.unit}`

/**
 * ln λ in the middle of a rate.
 * @param rate 0 … RATES − 1
 * @example middleOf(0) // 1.365
 */
export const middleOf = (rate: number): number => 1 + ((MAX_LAMBDA_STEP / 10) * (rate + 0.5)) / RATES

/** The losses of a row with their ln λ. @example meanScore(score, lossesOf(row)) */
export const lossesOf = ({ loss }: Pick<Row, 'loss'>): LossAt[] =>
  loss.flatMap((x, rate) => (x === null ? [] : [{ logLambda: middleOf(rate), loss: x }]))
