/** Figure 17: what the nodes are like beside the density itself, a row a density, D_KL beneath. */
import type { Picture } from '../../../network/picture.js'
import { BLACK, canvas, picture, rectangle, WHITE, write, type Canvas, type Colour } from '../../draw/canvas.js'
import type { Density } from './density.js'

/** Counts or masses of bins, and what stands beneath. */
export type Panel = Readonly<{ values: Float64Array; caption: string }>

export type Row = Readonly<{ density: Density; panels: readonly Panel[] }>

/** Pixels. */
const GAP = 14
const LINE = 12
const SIDE = 200

/** From nothing to the most, each a third further: dark to light, so that single nodes in the dark are seen. */
const COLOURS: readonly Colour[] = [
  [4, 5, 20],
  [96, 24, 120],
  [232, 92, 52],
  [255, 252, 190],
]

/** @param share 0…1 */
function colourOf(share: number): Colour {
  const place = Math.min(1, share) * (COLOURS.length - 1)
  const from = Math.min(COLOURS.length - 2, Math.floor(place))
  const mix = (c: 0 | 1 | 2): number =>
    Math.round(COLOURS[from][c] + (COLOURS[from + 1][c] - COLOURS[from][c]) * (place - from))
  return [mix(0), mix(1), mix(2)]
}

/**
 * @param titles of the columns, as many as panels in every row
 * @param rows at least one, all of one number of bins
 * @example figure(['Density', 'Split-and-Prune'], [{ density, panels }])
 */
export function figure(titles: readonly string[], rows: readonly Row[]): Picture {
  const { side } = rows[0].density
  const scale = Math.max(1, Math.floor(SIDE / side))
  const [width, height] = [side * scale + GAP, side * scale + GAP + LINE]
  const page = canvas(GAP + titles.length * width, GAP + LINE + rows.length * height, WHITE)
  titles.forEach((title, column) => centred(page, title, GAP + column * width, GAP - 4, side * scale))
  rows.forEach(({ density, panels }, row) => {
    panels.forEach(({ values, caption }, column) => {
      const [left, top] = [GAP + column * width, GAP + LINE + row * height]
      bins(page, values, density, left, top, scale)
      centred(page, caption, left, top + side * scale + 4, side * scale)
    })
  })
  return picture(page)
}

/** Twice the mass of an even bin is the brightest: nodes are not spread so evenly. Square roots, so that few are seen. */
function bins(page: Canvas, values: Float64Array, { side, masses }: Density, left: number, top: number, scale: number) {
  const all = values.reduce((a, b) => a + b, 0)
  const most = 2 * typicalMass(masses)
  values.forEach((value, bin) => {
    const ink = colourOf(Math.sqrt(value / all / most))
    rectangle(page, left + (bin % side) * scale, top + Math.floor(bin / side) * scale, scale, scale, ink)
  })
}

/** The mass of bins, mean weighted by mass: of a density that is all or nothing, what its bins have. */
const typicalMass = (masses: Float64Array): number => masses.reduce((sum, mass) => sum + mass * mass, 0)

function centred(page: Canvas, text: string, left: number, top: number, width: number): void {
  write(page, text, left + Math.round((width - text.length * 6) / 2), top, 1, BLACK)
}
