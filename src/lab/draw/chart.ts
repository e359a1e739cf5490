/** Lines over two axes, one chart below the other, as an SVG picture without anything outside. */
import { isDrawn, placing, type Axis } from './axes.js'

export type Line = Readonly<{
  name: string
  /** In the order in which they are joined; those without a place on an axis are left out. */
  points: readonly (readonly [x: number, y: number | null])[]
  colour: string
  dashed?: boolean
}>

export type Chart = Readonly<{
  x: Axis
  y: Axis
  lines: readonly Line[]
  /** x from which on points decide how far y reaches, if there are any; what is above or below then is cut. */
  from?: number
}>

/** Pixels. */
const WIDTH = 1060
const FRAME = { left: 64, top: 64, width: 760, gap: 84 } as const
const LEGEND = { left: FRAME.left + FRAME.width + 16, line: 18 } as const

/** Dots mark what was measured, where a line has no more points than this. */
const MOST_DOTS = 20

type Place = readonly [x: number, y: number]

/**
 * @param title plain text, as all names and labels
 * @param height of each chart's frame, in pixels
 * @returns a whole SVG file
 * @example chartSvg('Rate', [{ x: { label: 'bpp', scale: 'log' }, y: { label: 'dB', scale: 'linear' }, lines }])
 */
export function chartSvg(title: string, charts: readonly Chart[], height = 520): string {
  let top: number = FRAME.top
  const drawn: string[] = []
  for (const chart of charts) {
    drawn.push(...chartAt(chart, top, height))
    top += Math.max(height, chart.lines.length * LEGEND.line) + FRAME.gap
  }
  const full = top - FRAME.gap + 56
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${full}" width="${WIDTH}" height="${full}"`,
    ' font-family="sans-serif" font-size="13" fill="#222">',
    `<rect width="${WIDTH}" height="${full}" fill="#fff"/>`,
    text(FRAME.left, 28, title, 'font-size="16" font-weight="bold"'),
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function chartAt({ x, y, lines, from = -Infinity }: Chart, top: number, height: number): string[] {
  const { left, width } = FRAME
  const bottom = top + height
  const curves = lines.map(({ points }) => points.filter((point): point is Place => hasPlace(point, x, y)))
  const all = curves.flat()
  const later = all.filter(([value]) => value >= from)
  const across = placing(
    x,
    all.map(([value]) => value),
  )
  const up = placing(
    y,
    (later.length > 0 ? later : all).map(([, value]) => value),
  )
  const at = ([a, b]: Place): Place => [left + across.share(a) * width, bottom - up.share(b) * height]

  const columns = across.marks.map((mark) => {
    const place = left + across.share(mark) * width
    return rule(place, top, place, bottom) + text(place, bottom + 18, label(mark), 'text-anchor="middle"')
  })
  const rows = up.marks.map((mark) => {
    const place = bottom - up.share(mark) * height
    return rule(left, place, left + width, place) + text(left - 8, place + 4, label(mark), 'text-anchor="end"')
  })
  // Dots at the sides are whole.
  const inside = `<rect x="${left - 4}" y="${top}" width="${width + 8}" height="${height}"/>`
  return [
    text(left, top - 10, y.label, 'font-weight="bold"'),
    ...columns,
    ...rows,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#888"/>`,
    text(left + width / 2, bottom + 40, x.label, 'text-anchor="middle"'),
    `<clipPath id="at${top}">${inside}</clipPath>`,
    `<g clip-path="url(#at${top})">`,
    ...lines.map((line, i) => curve(line, curves[i].map(at))).filter((drawn) => drawn !== ''),
    '</g>',
    ...lines.map((line, i) => {
      const place = top + (i + 0.7) * LEGEND.line
      return stroke(`M${LEGEND.left} ${place - 4}h28`, line) + text(LEGEND.left + 36, place, line.name, '')
    }),
  ]
}

const hasPlace = ([a, b]: Line['points'][number], x: Axis, y: Axis): boolean => isDrawn(a, x) && isDrawn(b, y)

function curve(line: Line, places: readonly Place[]): string {
  if (places.length === 0) return ''
  const path = places.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  const dots = places.length > MOST_DOTS ? [] : places
  const circle = ([x, y]: Place): string =>
    `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${line.colour}"/>`
  return stroke(path, line) + dots.map(circle).join('')
}

const stroke = (path: string, { colour, dashed }: Line): string =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''}/>`

/** Without the tail that 0.1 · 3 has. */
const label = (mark: number): string => String(Number(mark.toPrecision(6)))

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="#ddd"/>`

const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
