/** Codecs against the first one: Bjøntegaard's differences of every picture, their means, the worst. */
import { bjontegaard, type Sample } from './bjontegaard.js'
import { akima, cubic, type Interpolate } from './interpolate.js'
import { groupedBy, mean } from './metrics.js'
import { MEASURE_NAMES, scaled, type Measure } from './quality/figures.js'
import type { RateRow } from './rates.js'

/** Bits per pixel of the first codec's files between which it is compared. */
export const COMPARED = [0.15, 1.5] as const

export const INTERPOLATIONS: Readonly<Record<'akima' | 'cubic', Interpolate>> = { akima, cubic }
export type Interpolation = keyof typeof INTERPOLATIONS

/** Of one picture: the first codec against another. */
export type Difference = Readonly<{
  picture: string
  /** The other. */
  codec: string
  measure: Measure
  interpolation: Interpolation
  /** ln(our bytes / theirs) at equal quality; below 0: ours are fewer. */
  rate: number
  /** Ours less theirs at equal bytes, on the scale of the measure. */
  quality: number
}>

/**
 * @param rows of all pictures
 * @param codecs ids; the first is compared with each of the others
 * @returns nothing of a pair that has no quality in common
 */
export function differencesOf(rows: readonly RateRow[], [first, ...others]: readonly string[]): Difference[] {
  const found: Difference[] = []
  for (const [picture, own] of groupedBy(rows, (row) => row.picture)) {
    const byCodec = groupedBy(own, (row) => row.codec)
    const range: [number, number] = [(COMPARED[0] * own[0].pixels) / 8, (COMPARED[1] * own[0].pixels) / 8]
    for (const measure of MEASURE_NAMES) {
      const ours = samplesOf(byCodec.get(first) ?? [], measure)
      for (const codec of others) {
        const theirs = samplesOf(byCodec.get(codec) ?? [], measure)
        for (const interpolation of Object.keys(INTERPOLATIONS) as Interpolation[]) {
          const difference = bjontegaard(ours, theirs, range, INTERPOLATIONS[interpolation])
          if (difference !== null) found.push({ picture, codec, measure, interpolation, ...difference })
        }
      }
    }
  }
  return found
}

const samplesOf = (rows: readonly RateRow[], measure: Measure): Sample[] =>
  rows.flatMap(({ bytes, figures }) => {
    const quality = scaled(measure, figures[measure])
    return quality === null ? [] : [{ bytes, quality }]
  })

/** Over pictures. */
export type Summary = Readonly<{
  codec: string
  measure: Measure
  interpolation: Interpolation
  pictures: number
  /** Mean of ln(our bytes / theirs). */
  rate: number
  worstRate: number
  worstPicture: string
  /** Pictures on which ours needs fewer bytes. */
  better: number
  quality: number
}>

/** One for each codec, measure and interpolation, in the order of `differences`. */
export function summariesOf(differences: readonly Difference[]): Summary[] {
  const groups = groupedBy(differences, ({ codec, measure, interpolation }) => `${codec} ${measure} ${interpolation}`)
  return [...groups.values()].map((own) => {
    const worst = own.reduce((before, next) => (next.rate > before.rate ? next : before))
    const { codec, measure, interpolation } = own[0]
    return {
      ...{ codec, measure, interpolation },
      pictures: own.length,
      rate: mean(own.map(({ rate }) => rate)),
      worstRate: worst.rate,
      worstPicture: worst.picture,
      better: own.filter(({ rate }) => rate < 0).length,
      quality: mean(own.map(({ quality }) => quality)),
    }
  })
}
