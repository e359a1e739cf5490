/** The benchmark's charts: mean quality over mean rate, a chart a measure. */
import { chartSvg, type Chart, type Line } from '../draw/chart.js'
import type { Codec } from './codecs/codec.js'
import { groupedBy, mean } from './metrics.js'
import { MEASURE_NAMES, MEASURES, scaled, type Measure } from './quality/figures.js'
import { bitsPerPixelOf, type RateRow } from './rates.js'

/** Bits per pixel where the charts end. */
const DRAWN = [0.03, 4] as const

const COLOURS = [
  '#c8102e',
  '#f08080',
  '#888888',
  '#333333',
  '#7a5c3a',
  '#2e8b57',
  '#1f6b3f',
  '#1f4e9e',
  '#5b9bd5',
  '#b8860b',
  '#8e44ad',
  '#00a3a3',
  '#d2691e',
]

/**
 * A setting's point is the mean over the pictures that have the figure, at the mean of their rates.
 * @returns an SVG of a chart for each measure that has points
 */
export function benchCharts(rows: readonly RateRow[], codecs: readonly Codec[], pictures: number): string {
  const charts = MEASURE_NAMES.map((measure) => chartOf(measure, rows, codecs)).filter(({ lines }) =>
    lines.some(({ points }) => points.length > 0),
  )
  return chartSvg(`${pictures} picture${pictures === 1 ? '' : 's'}: means over pictures at each setting`, charts)
}

function chartOf(measure: Measure, rows: readonly RateRow[], codecs: readonly Codec[]): Chart {
  const { name, unit } = MEASURES[measure]
  const lines = codecs.map(({ id, name: codec }, at): Line => {
    const own = rows.filter((row) => row.codec === id)
    const points = [...groupedBy(own, ({ setting }) => setting).values()].flatMap((same) => {
      const known = same.flatMap((row) => {
        const value = scaled(measure, row.figures[measure])
        return value === null ? [] : [[bitsPerPixelOf(row), value] as const]
      })
      const rate = mean(known.map(([bpp]) => bpp))
      return rate >= DRAWN[0] && rate <= DRAWN[1] ? [[rate, mean(known.map(([, value]) => value))] as const] : []
    })
    return { name: codec, points, colour: COLOURS[at % COLOURS.length] }
  })
  const label = unit === '' ? name : `${name}, ${unit}`
  return { x: { label: 'bits per pixel', scale: 'log' }, y: { label, scale: 'linear' }, lines }
}
