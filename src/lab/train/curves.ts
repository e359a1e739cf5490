/** A run's curves as a picture: loss, bits and use of candidates. */
import type { Axis } from '../draw/axes.js'
import { chartSvg, type Chart, type Line } from '../draw/chart.js'
import { meanRow, type Log, type Row, type Validation } from './log.js'
import { lossesOf, meanScore, type Score } from './score.js'

/** Of a chart, in pixels. */
const HEIGHT = 240

/** Of a curve: more would be noise. */
const MOST_POINTS = 120
/** Share of the steps that has no say in how far an axis reaches: first losses are far from all others. */
const BEGINNING = 0.05

const SHARES = { scale: 'linear', range: [0, 1] } as const

/**
 * @param title shown above, plain text
 * @param layers their names, coarse then fine
 * @param score of the run's losses (scoreOf)
 * @param log of the run; rows of a long run are drawn as means of neighbours
 * @returns a whole SVG file
 * @example await writeFile('curves.svg', curvesSvg('photo', ['coarse 0-7', …], score, readLog(text, 14)))
 */
export function curvesSvg(title: string, layers: readonly string[], score: Score, { rows, validations }: Log): string {
  const thinned = thin(rows, MOST_POINTS)
  const last = Math.max(1, rows.at(-1)?.step ?? 0, validations.at(-1)?.step ?? 0)
  const x: Axis = { label: 'step', scale: 'linear', range: [0, last] }
  const over = (y: Axis, lines: readonly Line[]): Chart => ({ x, y, lines, from: last * BEGINNING })
  const byLayer = (of: (layer: number) => Line['points'], dashed = false): Line[] =>
    shownOf(layers.length).map((i) => ({ name: layers[i], points: of(i), colour: colourOf(i, layers.length), dashed }))
  const charts = [
    over({ label: `${score.name}, ${score.overall}: ${score.meaning}`, scale: 'linear' }, [
      {
        name: 'training',
        points: thinned.map((row) => [row.step, meanScore(score, lossesOf(score, row))]),
        colour: '#888',
      },
      {
        name: 'validation',
        points: validations.map(({ step, rates }) => [step, meanScore(score, rates)]),
        colour: '#c22',
        dashed: true,
      },
    ]),
    over({ label: `${score.name}, by ${score.by}`, scale: 'linear' }, [
      ...trainingLines(score, thinned),
      ...validationLines(score, validations),
    ]),
    over(
      { label: `${score.bits}, by layer`, scale: 'log' },
      byLayer((i) => thinned.map(({ step, bits }) => [step, bits[i]])),
    ),
    over(
      { label: 'use of candidates, by layer: entropy / log2 of their number', ...SHARES },
      byLayer((i) => thinned.map(({ step, usage }) => [step, usage[i]])),
    ),
    over(
      { label: 'dead candidates, by layer: share that validation never chose', ...SHARES },
      byLayer((i) => validations.map(({ step, dead }) => [step, dead[i]]), true),
    ),
  ]
  return chartSvg(title, charts, HEIGHT)
}

/** Lines that a chart has room for. */
const MOST_LINES = 16

/** Which of so many lines are drawn: all, or as many as there is room for, evenly, the first and the last with them. */
const shownOf = (count: number): number[] =>
  Array.from({ length: Math.min(count, MOST_LINES) }, (_, i) =>
    count <= MOST_LINES ? i : Math.round((i * (count - 1)) / (MOST_LINES - 1)),
  )

const scoreOrNull = (score: Score, loss: number | null | undefined, at: number): number | null =>
  typeof loss === 'number' ? score.of({ loss, at }) : null

const trainingLines = (score: Score, rows: readonly Row[]): Line[] =>
  shownOf(score.places.length).map((i) => ({
    name: score.placeName(i),
    points: rows.map(({ step, loss }) => [step, scoreOrNull(score, loss[i], score.places[i])]),
    colour: colourOf(i, score.places.length),
  }))

/** One a place, in the colour that training has there. */
function validationLines(score: Score, validations: readonly Validation[]): Line[] {
  const all = new Set(validations.flatMap(({ rates }) => rates.map(({ at }) => at)))
  return [...all].map((wanted) => ({
    name: `validation ${wanted}`,
    points: validations.map(({ step, rates }) => {
      const loss = rates.find(({ at }) => at === wanted)?.loss
      return [step, scoreOrNull(score, loss, wanted)]
    }),
    colour: colourOf(nearestPlace(score, wanted), score.places.length),
    dashed: true,
  }))
}

/** At most `most` rows: means over equal ranges of steps, each at its last step. */
function thin(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows]
  const groups: Row[][] = Array.from({ length: most }, () => [])
  rows.forEach((row, i) => groups[Math.floor((i * most) / rows.length)].push(row))
  return groups.map(meanRow)
}

/** From the first line to the last; neighbours differ in lightness, too. */
const COLOURS = [
  [48, 48, 154],
  [42, 123, 209],
  [26, 169, 176],
  [29, 154, 76],
  [141, 176, 42],
  [224, 169, 27],
  [229, 112, 30],
  [201, 35, 31],
  [138, 26, 107],
] as const

/**
 * @param i line of so many
 * @example colourOf(0, 14) // 'rgb(48 48 154)'
 */
function colourOf(i: number, count: number): string {
  const place = (i / Math.max(1, count - 1)) * (COLOURS.length - 1)
  const before = Math.min(Math.floor(place), COLOURS.length - 2)
  const light = i % 2 === 0 ? 1 : 0.75
  const mixed = COLOURS[before].map((x, j) => x + (place - before) * (COLOURS[before + 1][j] - x))
  return `rgb(${mixed.map((x) => Math.round(light * x)).join(' ')})`
}

/** Which place of a row that one is nearest to. */
function nearestPlace({ places }: Score, wanted: number): number {
  const distances = places.map((place) => Math.abs(place - wanted))
  return distances.indexOf(Math.min(...distances))
}
