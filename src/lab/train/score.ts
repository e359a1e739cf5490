/**
 * Losses as they are shown, in the live line, at validation and in curves: as numbers that places of a walk, and runs of
 * one kind, can be compared by. What that is depends on the kind of network and its profile, and is decided here alone.
 */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import type { CellGridStructure } from '../../network/structure.js'
import { RATES } from './balance.js'
import { isPlain } from './choices.js'
import type { Row } from './log.js'

/**
 * A loss and where it was seen. Cell grids: (D + λ·bits) / pixels or, plain, D / pixels, at its ln λ; whole images: the
 * mean squared error after that many choices.
 */
export type LossAt = Readonly<{ at: number; loss: number }>

export type Score = Readonly<{
  name: string
  /** Behind a number, with its space. */
  unit: string
  /** As a formula. */
  meaning: string
  of(at: LossAt): number
  /** What stands for losses at several places: the mean of their scores, or the last. */
  overall: 'mean over rates' | 'last choice'
  /** Where the losses of a row were seen. */
  places: readonly number[]
  /** What `at` is, and the name of the place i. */
  by: string
  placeName(i: number): string
  /** What bits are counted by, and steps measured by. */
  bits: string
  /** What the bits of all layers together are. */
  ofAll: string
  work: 'pixels' | 'pictures'
}>

/**
 * PSNR of a mean squared error in grey levels, in dB; Infinity of none.
 * @example psnrOf(65.025) // 30
 */
export const psnrOf = (meanSquare: number): number => 10 * Math.log10(255 ** 2 / meanSquare)

/** PSNR of what comes back exactly, as the log has it: JSON has no Infinity. */
const MOST_PSNR = 100

/** As psnrOf; 100 of none. */
export const finitePsnrOf = (meanSquare: number): number => (meanSquare === 0 ? MOST_PSNR : psnrOf(meanSquare))

/** ln of the loss grows by about this much when ln λ grows by 1. */
const SLOPE = 0.85

/**
 * ln λ in the middle of a rate.
 * @param rate 0 … RATES − 1
 * @example middleOf(0) // 1.365
 */
const middleOf = (rate: number): number => 1 + ((MAX_LAMBDA_STEP / 10) * (rate + 0.5)) / RATES

const rates = {
  overall: 'mean over rates',
  places: Array.from({ length: RATES }, (_, rate) => middleOf(rate)),
  by: 'ln λ',
  placeName(rate: number): string {
    const bound = (i: number): string => (1 + (i * MAX_LAMBDA_STEP) / 10 / RATES).toFixed(1)
    return `${bound(rate)} to ${bound(rate + 1)}`
  },
  bits: 'bits a pixel',
  ofAll: 'bits a pixel',
  work: 'pixels',
} as const

const logLoss: Score = {
  ...rates,
  name: 'log loss',
  unit: '',
  meaning: `ln(J / λ^${SLOPE}), J = (D + λ·bits) / pixels`,
  of: ({ loss, at }) => Math.log(loss) - SLOPE * at,
}

/** Of pixels that are not rounded. λ has no price here: it says how many layers are coded. */
const psnr: Score = {
  ...rates,
  name: 'PSNR',
  unit: ' dB',
  meaning: '10·log10(3·255² / (D / pixels)), in dB',
  of: ({ loss }) => 10 * Math.log10((3 * 255 ** 2) / loss),
}

/**
 * How losses of a cell grid are shown.
 * @example scoreOf({ profiles: ['plain'] }).of({ at: 5, loss: 195.075 }) // 30
 */
export const scoreOf = (structure: Pick<CellGridStructure, 'profiles'>): Score => (isPlain(structure) ? psnr : logLoss)

/**
 * How losses of whole images are shown: one after every choice.
 * @param choices of a walk
 * @example wholeScore(10).of({ at: 10, loss: 650.25 }) // 20
 */
export const wholeScore = (choices: number): Score => ({
  name: 'PSNR',
  unit: ' dB',
  meaning: '10·log10(255² / mean squared error), in dB',
  of: ({ loss }) => psnrOf(loss),
  overall: 'last choice',
  places: Array.from({ length: choices }, (_, i) => i + 1),
  by: 'choices',
  placeName: (i) => `${i + 1}`,
  bits: 'bits a choice, by the prior',
  ofAll: 'bits a picture',
  work: 'pictures',
})

/**
 * One number for losses at several places: cell grids: the mean of their scores, so that which rates they are matters
 * little; whole images: that of all choices.
 * @returns NaN of none
 */
export const meanScore = (score: Score, losses: readonly LossAt[]): number =>
  score.overall === 'last choice'
    ? losses.length === 0
      ? NaN
      : score.of(losses[losses.length - 1])
    : losses.reduce((sum, at) => sum + score.of(at), 0) / losses.length

/**
 * The same, with its name and unit.
 * @example scoreText(scoreOf({ profiles: ['plain'] }), [{ at: 5, loss: 195.075 }]) // 'PSNR 30.000 dB'
 */
export const scoreText = (score: Score, losses: readonly LossAt[]): string =>
  `${score.name} ${meanScore(score, losses).toFixed(3)}${score.unit}`

/** The losses of a row with their places. @example meanScore(score, lossesOf(score, row)) */
export const lossesOf = ({ places }: Pick<Score, 'places'>, { loss }: Pick<Row, 'loss'>): LossAt[] =>
  loss.flatMap((x, i) => (x === null ? [] : [{ at: places[i], loss: x }]))
