/** A run's curves as a picture: loss by rate, bits by layer, use of candidates by layer. SVG without anything outside. */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import { RATES } from './balance.js'
import { meanRow, type Row } from './log.js'

/** Pixels. */
const WIDTH = 960
const PANEL = { left: 64, width: 700, height: 240, top: 56, gap: 72 } as const
const LEGEND = { left: PANEL.left + PANEL.width + 16, line: 15 } as const

type Point = readonly [x: number, y: number]
type Line = Readonly<{ name: string; values: readonly (number | null)[]; colour: string }>
type Panel = Readonly<{ title: string; scale: 'log' | 'share'; lines: readonly Line[] }>

/**
 * @param title shown above, plain text
 * @param layers their names, coarse then fine
 * @param rows of the run, rising steps; of a long run, means of neighbours
 * @returns a whole SVG file
 * @example await writeFile('curves.svg', curvesSvg('photo', ['coarse 0-7', …], rows))
 */
export function curvesSvg(title: string, layers: readonly string[], rows: readonly Row[]): string {
  const thinned = thin(rows, PANEL.width / 2)
  const steps = thinned.map(({ step }) => step)
  const last = Math.max(1, steps.at(-1) ?? 0)
  const across = (step: number): number => PANEL.left + (step / last) * PANEL.width
  const byLayer = (figure: 'bits' | 'usage'): Line[] =>
    layers.map((name, i) => ({ name, values: thinned.map((row) => row[figure][i]), colour: hue(i, layers.length) }))
  const panels: Panel[] = [
    {
      title: 'loss, (D + λ·bits) / pixels, by ln λ',
      scale: 'log',
      lines: Array.from({ length: RATES }, (_, rate) => ({
        name: rateName(rate),
        values: thinned.map(({ loss }) => loss[rate]),
        colour: hue(rate, RATES),
      })),
    },
    { title: 'bits a pixel, by layer', scale: 'log', lines: byLayer('bits') },
    { title: 'use of candidates, by layer: entropy / log2 K', scale: 'share', lines: byLayer('usage') },
  ]
  let top: number = PANEL.top
  const drawn: string[] = []
  for (const panel of panels) {
    drawn.push(drawPanel(panel, steps, last, across, top))
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

function drawPanel(
  { title, scale, lines }: Panel,
  steps: readonly number[],
  last: number,
  across: (step: number) => number,
  top: number,
): string {
  const { left, width, height } = PANEL
  const bottom = top + height
  const { low, high, marks } = scale === 'share' ? SHARES : decades(lines.flatMap(({ values }) => values))
  const up = (value: number): number => bottom - ((place(value, scale) - low) / (high - low)) * height
  const grid = marks.map((mark) => {
    const y = up(mark)
    return `${rule(left, y, left + width, y)}${text(left - 6, y + 4, label(mark), 'text-anchor="end"')}`
  })
  const stepMarks = ticks(last).map((step) => {
    const x = across(step)
    return `${rule(x, top, x, bottom)}${text(x, bottom + 16, label(step), 'text-anchor="middle"')}`
  })
  const curves = lines.map(({ values, colour }) => {
    const d = pathOf(values.map((value, i) => (isDrawn(value, scale) ? [across(steps[i]), up(value)] : null)))
    return d === '' ? '' : `<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linejoin="round"/>`
  })
  const legend = lines.map(({ name, colour }, i) => {
    const y = top + (i + 0.7) * LEGEND.line
    const sample = `<path d="M${LEGEND.left} ${y - 4}h16" stroke="${colour}" stroke-width="3"/>`
    return sample + text(LEGEND.left + 22, y, escaped(name))
  })
  const frame = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#888"/>`
  const names =
    text(left, top - 10, title, 'font-weight="bold"') + text(left + width, bottom + 32, 'step', 'text-anchor="end"')
  return [names, ...grid, ...stepMarks, frame, ...curves.filter((curve) => curve !== ''), ...legend].join('\n')
}

/** At most `most` rows: means over equal ranges of steps, each at its last step. */
function thin(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows]
  const groups: Row[][] = Array.from({ length: most }, () => [])
  rows.forEach((row, i) => groups[Math.floor((i * most) / rows.length)].push(row))
  return groups.map(meanRow)
}

const isDrawn = (value: number | null, scale: Panel['scale']): value is number =>
  value !== null && Number.isFinite(value) && (scale === 'share' || value > 0)

const place = (value: number, scale: Panel['scale']): number => (scale === 'log' ? Math.log10(value) : value)

type Axis = Readonly<{ low: number; high: number; marks: readonly number[] }>

const SHARES: Axis = { low: 0, high: 1, marks: [0, 0.25, 0.5, 0.75, 1] }

/** A logarithmic axis around values: marks at 1, 2 and 5 of every decade, fewer where there are many decades. */
function decades(values: readonly (number | null)[]): Axis {
  const places = values.filter((value) => isDrawn(value, 'log')).map((value) => Math.log10(value))
  if (places.length === 0) return { low: -1, high: 1, marks: [0.1, 1, 10] }
  // Loops, not spread: there may be more values than a call has room for arguments.
  const smallest = places.reduce((a, b) => Math.min(a, b))
  const largest = places.reduce((a, b) => Math.max(a, b))
  const [low, high] = [smallest - 0.05, largest + 0.05]
  const digits = high - low > 3 ? [1] : [1, 2, 5]
  const marks: number[] = []
  for (let decade = Math.floor(low); decade <= high; decade++) {
    marks.push(
      ...digits.map((digit) => digit * 10 ** decade).filter((x) => Math.log10(x) >= low && Math.log10(x) <= high),
    )
  }
  return { low, high, marks }
}

/** Five to ten round steps. */
function ticks(last: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(last))
  const size = [0.1, 0.2, 0.5, 1].map((x) => x * decade).find((x) => last / x <= 10)!
  return Array.from({ length: Math.floor(last / size) + 1 }, (_, i) => i * size)
}

/** A line through the points that there are: not every row has every rate. A single one is a dot. */
function pathOf(points: readonly (Point | null)[]): string {
  const there = points.filter((point) => point !== null)
  const line = there.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  return there.length === 1 ? `${line}h1` : line
}

/** From blue, the first, to red, the last. */
const hue = (i: number, count: number): string => `hsl(${Math.round(230 - (230 * i) / Math.max(1, count - 1))} 75% 42%)`

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
