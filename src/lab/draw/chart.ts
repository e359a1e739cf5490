/** Lines over two axes as an SVG picture without anything outside. */

export type Point = readonly [x: number, y: number]

export type Line = Readonly<{ name: string; points: readonly Point[]; colour: string; dashed?: boolean }>

export type Axis = Readonly<{ label: string; scale: 'linear' | 'log' }>

/** Pixels. */
const WIDTH = 1060
const FRAME = { left: 64, top: 48, width: 760, height: 520 } as const
const LEGEND = { left: FRAME.left + FRAME.width + 16, line: 18 } as const

/**
 * @param title plain text
 * @param lines points in the order in which they are joined; on a log axis above 0
 * @returns a whole SVG file
 * @example chartSvg('Rate', { label: 'bpp', scale: 'log' }, { label: 'dB', scale: 'linear' }, [line])
 */
export function chartSvg(title: string, x: Axis, y: Axis, lines: readonly Line[]): string {
  const { left, top, width, height } = FRAME
  const bottom = top + height
  const full = Math.max(bottom + 56, top + (lines.length + 1) * LEGEND.line)
  const all = lines.flatMap(({ points }) => points)
  const across = placing(
    x,
    all.map(([value]) => value),
  )
  const up = placing(
    y,
    all.map(([, value]) => value),
  )
  const at = ([a, b]: Point): Point => [left + across.share(a) * width, bottom - up.share(b) * height]

  const columns = across.marks.map((mark) => {
    const place = left + across.share(mark) * width
    return rule(place, top, place, bottom) + text(place, bottom + 18, label(mark), 'text-anchor="middle"')
  })
  const rows = up.marks.map((mark) => {
    const place = bottom - up.share(mark) * height
    return rule(left, place, left + width, place) + text(left - 8, place + 4, label(mark), 'text-anchor="end"')
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${full}" width="${WIDTH}" height="${full}"`,
    ' font-family="sans-serif" font-size="13" fill="#222">',
    `<rect width="${WIDTH}" height="${full}" fill="#fff"/>`,
    text(left, 28, escaped(title), 'font-size="16" font-weight="bold"'),
    ...columns,
    ...rows,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#888"/>`,
    text(left + width / 2, bottom + 40, escaped(x.label), 'text-anchor="middle"'),
    text(left + 8, top + 18, escaped(y.label), ''),
    ...lines.map((line) => drawn(line, line.points.map(at))),
    ...lines.map((line, i) => {
      const place = top + (i + 0.7) * LEGEND.line
      return stroke(`M${LEGEND.left} ${place - 4}h28`, line) + text(LEGEND.left + 36, place, escaped(line.name), '')
    }),
    '</svg>\n',
  ].join('\n')
}

/** Dots mark what was measured, where there are few points. */
function drawn(line: Line, points: readonly Point[]): string {
  if (points.length === 0) return ''
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  const dots = points.length > 20 ? [] : points
  const circle = ([x, y]: Point): string =>
    `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${line.colour}"/>`
  return stroke(path, line) + dots.map(circle).join('')
}

const stroke = (path: string, { colour, dashed }: Line): string =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''}/>`

type Placing = Readonly<{ share: (value: number) => number; marks: readonly number[] }>

/** Where values stand on an axis, 0…1, with a little room at both ends, and the round ones among them. */
function placing({ scale }: Axis, values: readonly number[]): Placing {
  const place = (value: number): number => (scale === 'log' ? Math.log2(value) : value)
  const places = values.map(place)
  const [least, most] = [Math.min(...places), Math.max(...places)]
  const room = most > least ? (most - least) / 30 : 1
  const [low, high] = values.length === 0 ? [0, 1] : [least - room, most + room]
  const step = scale === 'log' ? Math.max(1, Math.ceil((high - low) / 10)) : roundStep((high - low) / 10)
  const first = Math.ceil(low / step)
  const marks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step)
  return {
    share: (value) => (place(value) - low) / (high - low),
    marks: scale === 'log' ? marks.map((mark) => 2 ** mark) : marks,
  }
}

/** The least of 1, 2, 5, 10, … that is not below `least`, in decimal. */
function roundStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((digit) => digit * decade).find((step) => step >= least * (1 - 1e-9))!
}

/** Without the tail that 0.1 · 3 has. */
const label = (mark: number): string => String(Number(mark.toPrecision(4)))

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="#ddd"/>`

const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${content}</text>`

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
