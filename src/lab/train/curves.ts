/** A run's curves as a picture: loss, bits and use of candidates. SVG without anything outside. */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import { axisOf, isDrawn, place, roundMarks, type Scale } from './axes.js'
import { RATES, rateOf } from './balance.js'
import { levelled, logLoss, lossesOf, meanRow, middleOf, type Log, type Row, type Validation } from './log.js'

/** Pixels. */
const WIDTH = 960
const PANEL = { left: 64, width: 700, height: 240, top: 56, gap: 72 } as const
const LEGEND = { left: PANEL.left + PANEL.width + 16, line: 15 } as const

/** Of a curve: more would be noise. */
const MOST_POINTS = 120
/** Share of the steps that has no say in how far an axis reaches: first losses are far above all others. */
const BEGINNING = 0.05

type Point = readonly [x: number, y: number]
type Line = Readonly<{
  name: string
  points: readonly (readonly [step: number, value: number | null])[]
  colour: string
  /** Dashes with dots: figures of validation, of which there are few. */
  sparse?: boolean
}>
type Panel = Readonly<{ title: string; scale: Scale; lines: readonly Line[] }>

/**
 * @param title shown above, plain text
 * @param layers their names, coarse then fine
 * @param log of the run; rows of a long run are drawn as means of neighbours
 * @returns a whole SVG file
 * @example await writeFile('curves.svg', curvesSvg('photo', ['coarse 0-7', …], readLog(text, 14)))
 */
export function curvesSvg(title: string, layers: readonly string[], { rows, validations }: Log): string {
  const thinned = thin(rows, MOST_POINTS)
  const last = Math.max(1, rows.at(-1)?.step ?? 0, validations.at(-1)?.step ?? 0)
  const across = (step: number): number => PANEL.left + (step / last) * PANEL.width
  const byLayer = (of: (layer: number) => Line['points'], sparse = false): Line[] =>
    layers.map((name, i) => ({ name, points: of(i), colour: colourOf(i, layers.length), sparse }))
  const panels: Panel[] = [
    {
      title: 'log loss: mean over rates of ln(J / λ^0.85), J = (D + λ·bits) / pixels',
      scale: 'linear',
      lines: [
        { name: 'training', points: thinned.map((row) => [row.step, logLoss(lossesOf(row))]), colour: '#888' },
        {
          name: 'validation',
          points: validations.map(({ step, rates }) => [step, logLoss(rates)]),
          colour: '#c22',
          sparse: true,
        },
      ],
    },
    {
      title: 'loss J / λ^0.85, by ln λ',
      scale: 'log',
      lines: [...lossLines(thinned), ...validationLines(validations)],
    },
    {
      title: 'bits a pixel, by layer',
      scale: 'log',
      lines: byLayer((i) => thinned.map(({ step, bits }) => [step, bits[i]])),
    },
    {
      title: 'use of candidates, by layer: entropy / log2 of their number',
      scale: 'share',
      lines: byLayer((i) => thinned.map(({ step, usage }) => [step, usage[i]])),
    },
    {
      title: 'dead candidates, by layer: share that validation never chose',
      scale: 'share',
      lines: byLayer((i) => validations.map(({ step, dead }) => [step, dead[i]]), true),
    },
  ]
  let top: number = PANEL.top
  const drawn: string[] = []
  for (const panel of panels) {
    drawn.push(drawPanel(panel, last, across, top))
    top += Math.max(PANEL.height, panel.lines.length * LEGEND.line) + PANEL.gap
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}"`,
    ' font-family="sans-serif" font-size="12" fill="#222">',
    `<rect width="${WIDTH}" height="${top}" fill="#fff"/>`,
    text(PANEL.left, 24, escaped(title), 'font-size="16" font-weight="bold"'),
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

const lossLines = (rows: readonly Row[]): Line[] =>
  Array.from({ length: RATES }, (_, rate) => ({
    name: rateName(rate),
    points: rows.map(({ step, loss }) => [step, levelledOrNull(loss[rate], middleOf(rate))]),
    colour: colourOf(rate, RATES),
  }))

const levelledOrNull = (loss: number | null, logLambda: number): number | null =>
  loss === null ? null : levelled(loss, logLambda)

const lossAt = (rates: Validation['rates'], wanted: number): number | null =>
  rates.find(({ logLambda }) => logLambda === wanted)?.loss ?? null

/** One a ln λ, in the colour that training has there. */
function validationLines(validations: readonly Validation[]): Line[] {
  const all = new Set(validations.flatMap(({ rates }) => rates.map(({ logLambda }) => logLambda)))
  return [...all].map((logLambda) => ({
    name: `validation ${logLambda}`,
    points: validations.map(({ step, rates }) => [step, levelledOrNull(lossAt(rates, logLambda), logLambda)]),
    colour: colourOf(rateOf(logLambda), RATES),
    sparse: true,
  }))
}

function drawPanel(
  { title, scale, lines }: Panel,
  last: number,
  across: (step: number) => number,
  top: number,
): string {
  const { left, width, height } = PANEL
  const bottom = top + height
  const { low, high, marks } = axisOf(
    scale,
    lines.flatMap((line) => line.points),
    last * BEGINNING,
  )
  const up = (value: number): number => bottom - ((place(value, scale) - low) / (high - low)) * height
  const grid = marks.map((mark) => {
    const y = up(mark)
    return `${rule(left, y, left + width, y)}${text(left - 6, y + 4, label(mark), 'text-anchor="end"')}`
  })
  const stepMarks = roundMarks(0, last).map((step) => {
    const x = across(step)
    return `${rule(x, top, x, bottom)}${text(x, bottom + 16, label(step), 'text-anchor="middle"')}`
  })
  const curves = lines.map(({ points, colour, sparse }) => {
    const seen = points.flatMap(([step, value]): Point[] => (isDrawn(value, scale) ? [[across(step), up(value)]] : []))
    const curve = pathOf(seen)
    if (curve === '') return ''
    const style = `stroke="${colour}" stroke-width="1.5" stroke-linejoin="round"${sparse ? ' stroke-dasharray="5 3"' : ''}`
    const dots = sparse
      ? seen.map(([x, y]) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour}"/>`)
      : []
    return [`<path d="${curve}" fill="none" ${style}/>`, ...dots].join('')
  })
  const legend = lines.map(({ name, colour, sparse }, i) => {
    const y = top + (i + 0.7) * LEGEND.line
    const dash = sparse ? ' stroke-dasharray="5 3"' : ''
    const sample = `<path d="M${LEGEND.left} ${y - 4}h16" stroke="${colour}" stroke-width="3"${dash}/>`
    return sample + text(LEGEND.left + 22, y, escaped(name))
  })
  const frame = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#888"/>`
  const names =
    text(left, top - 10, title, 'font-weight="bold"') + text(left + width, bottom + 32, 'step', 'text-anchor="end"')
  // Dots at the sides are whole; what is above, a first loss, is cut.
  const inside = `<clipPath id="at${top}"><rect x="${left - 4}" y="${top}" width="${width + 8}" height="${height}"/></clipPath>`
  const clipped = [`<g clip-path="url(#at${top})">`, ...curves.filter((curve) => curve !== ''), '</g>']
  return [names, ...grid, ...stepMarks, frame, inside, ...clipped, ...legend].join('\n')
}

/** At most `most` rows: means over equal ranges of steps, each at its last step. */
function thin(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows]
  const groups: Row[][] = Array.from({ length: most }, () => [])
  rows.forEach((row, i) => groups[Math.floor((i * most) / rows.length)].push(row))
  return groups.map(meanRow)
}

/** A line through the points that there are: not every row has every rate. A single one is a dot. */
function pathOf(points: readonly Point[]): string {
  const line = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  return points.length === 1 ? `${line}h1` : line
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

const rateName = (rate: number): string => {
  const bound = (i: number): string => (1 + (i * MAX_LAMBDA_STEP) / 10 / RATES).toFixed(1)
  return `${bound(rate)} to ${bound(rate + 1)}`
}

/** Without the tail that 0.1 · 3 has. */
const label = (value: number): string => String(Number(value.toPrecision(6)))

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="#ddd"/>`

const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${attributes === '' ? '' : ` ${attributes}`}>${content}</text>`

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
