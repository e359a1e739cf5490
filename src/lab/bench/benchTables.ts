/** The benchmark's tables, as rows of text: for the terminal, the report and the documents. */
import { groupedBy, mean } from './metrics.js'
import { COMPARED, type Summary } from './comparison.js'
import type { ProcessRow } from './processes.js'
import { MEASURE_NAMES, MEASURES } from './quality/figures.js'
import { bitsPerPixelOf, type RateRow } from './rates.js'
import { signed } from './report.js'

export type Table = readonly (readonly string[])[]

/** Per cent of a log ratio. @example percentOf(Math.log(0.5)) // '-50.0' */
const percentOf = (logRatio: number): string => signed(100 * Math.expm1(logRatio), 1)

/** BD-rate against each codec by Akima's curves: mean by every measure; by PSNR also cubic, worst picture and BD-PSNR. */
export function bdTable(summaries: readonly Summary[], nameOf: (codec: string) => string): Table {
  const heading = [
    'against',
    ...MEASURE_NAMES.map((measure) => `${MEASURES[measure].name}, %`),
    'PSNR, cubic, %',
    'worst, PSNR, %',
    'worst picture',
    'smaller on',
    'BD-PSNR, dB',
  ]
  const rows = [...groupedBy(summaries, ({ codec }) => codec)].map(([codec, own]) => {
    const by = (measure: Summary['measure'], interpolation: Summary['interpolation']): Summary | undefined =>
      own.find((summary) => summary.measure === measure && summary.interpolation === interpolation)
    const psnr = by('psnr', 'akima')
    const cubic = by('psnr', 'cubic')
    return [
      nameOf(codec),
      ...MEASURE_NAMES.map((measure) => {
        const summary = by(measure, 'akima')
        return summary ? percentOf(summary.rate) : '-'
      }),
      cubic ? percentOf(cubic.rate) : '-',
      ...(psnr
        ? [percentOf(psnr.worstRate), psnr.worstPicture, `${psnr.better} of ${psnr.pictures}`, signed(psnr.quality, 2)]
        : ['-', '-', '-', '-']),
    ]
  })
  return [heading, ...rows]
}

export const BD_NOTE =
  `BD-rate of the first codec where it spends ${COMPARED.join(' to ')} bits per pixel, or the part of that in which ` +
  'both have the quality; below 0: it needs fewer bytes. Of every picture by itself, then the mean of the logarithms.'

/** Means over pictures of every codec and setting. */
export function meansTable(rows: readonly RateRow[], nameOf: (codec: string) => string): Table {
  const groups = groupedBy(rows, ({ codec, setting }) => `${codec} ${setting}`)
  return [
    ['codec', 'setting', 'bpp', ...MEASURE_NAMES.map((measure) => MEASURES[measure].name)],
    ...[...groups.values()].map((own) => [
      nameOf(own[0].codec),
      `${own[0].setting}`,
      mean(own.map(bitsPerPixelOf)).toFixed(3),
      ...MEASURE_NAMES.map((measure) => meanFigure(own, measure)),
    ]),
  ]
}

/** Over the pictures that have the figure. */
function meanFigure(rows: readonly RateRow[], measure: keyof RateRow['figures']): string {
  const values = rows.map(({ figures }) => figures[measure]).filter((value) => value !== null)
  return values.length === 0 ? '-' : mean(values).toFixed(MEASURES[measure].digits)
}

/** Seconds and memory, means over the pictures. */
export function processTable(rows: readonly ProcessRow[], nameOf: (codec: string) => string): Table {
  return [
    ['codec', 'encode, s', 'decode, s', 'encode, MiB', 'decode, MiB'],
    ...[...groupedBy(rows, ({ codec }) => codec)].map(([codec, own]) => {
      const of = (what: ProcessRow['what']): ProcessRow[] => own.filter((row) => row.what === what)
      const seconds = (what: ProcessRow['what']): string => mean(of(what).map((row) => row.seconds)).toFixed(2)
      const memory = (what: ProcessRow['what']): string => {
        const known = of(what).flatMap((row) => row.memory ?? [])
        return known.length === 0 ? '-' : (mean(known) / 2 ** 20).toFixed(0)
      }
      return [nameOf(codec), seconds('encode'), seconds('decode'), memory('encode'), memory('decode')]
    }),
  ]
}
