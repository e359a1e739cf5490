/** How far a picture is from its original, by every measure of the benchmark. */
import type { Picture } from '../../../index.js'
import { comparePictures } from '../compare.js'
import { decibelOf } from '../msSsim.js'
import { ssimulacra2Of } from './ssimulacra2.js'

/** Raised when the numbers change: what was kept of earlier runs is measured again. */
export const FIGURES_VERSION = 1

export type Measure = 'psnr' | 'psnrY' | 'msSsim' | 'ssimulacra2'

/** null: the picture is too small for it, or there is no difference and so no dB. */
export type Figures = Readonly<Record<Measure, number | null>>

export const MEASURES: Readonly<
  Record<Measure, Readonly<{ name: string; unit: string; digits: number; scale(value: number): number }>>
> = {
  psnr: { name: 'PSNR (RGB)', unit: 'dB', digits: 2, scale: (value) => value },
  psnrY: { name: 'PSNR-Y', unit: 'dB', digits: 2, scale: (value) => value },
  // Near 1 differences are small numbers: curves are drawn and integrated in dB.
  msSsim: { name: 'MS-SSIM', unit: 'dB of 1 − x', digits: 4, scale: decibelOf },
  ssimulacra2: { name: 'SSIMULACRA 2', unit: 'points', digits: 2, scale: (value) => value },
}

export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[]

/** A figure on the scale of its curves; null if it has no place there. */
export function scaled(measure: Measure, value: number | null): number | null {
  const on = value === null ? NaN : MEASURES[measure].scale(value)
  return Number.isFinite(on) ? on : null
}

/**
 * @returns of another picture of the same size and number of components: its figures
 * @example figuresOf(original)(decoded).psnr // 34.1
 */
export function figuresOf(original: Picture): (other: Picture) => Figures {
  const ssimulacra2 = ssimulacra2Of(original)
  return (other) => {
    const { psnr, psnrY, msSsim } = comparePictures(original, other)
    return { psnr: finite(psnr), psnrY: finite(psnrY), msSsim, ssimulacra2: ssimulacra2(other) }
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
