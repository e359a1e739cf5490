/**
 * Densities in the plane for `toy2d` (paper, figure 17): masses of square bins over [−1, 1]², all made here. The public
 * code reads most of its own from picture files (notes, section 8); the kinds are the same: smooth ones that are above 0
 * everywhere, and drawn ones with empty bins between.
 */
import { randomFrom, type Random } from '../../../network/uniform.js'
import { BLACK, canvas, WHITE, write } from '../../draw/canvas.js'

/** Mass of every bin, [side, side], rows from y = −1 on, the sum 1. */
export type Density = Readonly<{ side: number; masses: Float64Array }>

/** Points of the plane, as many x as y. */
export type Points = Readonly<{ x: Float64Array; y: Float64Array }>

/** Places a bin and direction at which a density is looked at. */
const PLACES = 4

/** Not scaled: `densityOf` does. */
const SHAPES = {
  /** As the public code has it: exp(−r²/0.3). */
  gaussian: (x, y) => Math.exp(-(x * x + y * y) / 0.3),
  /** Two arcs, blurred; one has three times the mass of the other, so that even use is not equal share of the plane. */
  moons: (x, y) => blurred(arc(x + 0.25, y - 0.12)) + 3 * blurred(arc(0.25 - x, -0.12 - y)),
  /** One arm of three turns, all ink or none. */
  spiral: (x, y) => {
    const turn = Math.atan2(y, x) / (2 * Math.PI)
    const along = Math.hypot(x, y) / 0.26 - turn
    return along > 0.8 && along < 3.2 && Math.abs(along - Math.round(along)) < 0.2 ? 1 : 0
  },
  checkerboard: (x, y) => (Math.abs(x) < 0.9 && Math.abs(y) < 0.9 ? (tile(x) + tile(y)) % 2 : 0),
  words: (x, y) => inkAt(x, y),
} satisfies Record<string, (x: number, y: number) => number>

export type DensityName = keyof typeof SHAPES

export const DENSITY_NAMES = Object.keys(SHAPES) as DensityName[]

/** Distance from the upper half of a circle of radius 0.5. */
const arc = (x: number, y: number): number => (y > 0 ? Math.hypot(x, y) - 0.5 : Math.hypot(Math.abs(x) - 0.5, y))

const blurred = (distance: number): number => Math.exp((-distance * distance) / (2 * 0.07 ** 2))

/** Of six along a side of the board. */
const tile = (x: number): number => Math.floor((x + 0.9) / 0.3)

const LINES = ['Discrete', 'Distri-', 'bution', 'Networks']
const PAGE = 100
let page: ReturnType<typeof canvas> | null = null

function inkAt(x: number, y: number): number {
  if (page === null) {
    page = canvas(PAGE, PAGE, BLACK)
    for (const [at, line] of LINES.entries()) write(page, line, 50 - line.length * 6, 11 + at * 21, 2, WHITE)
  }
  const [column, row] = [x, y].map((value) => Math.floor(((value + 1) / 2) * PAGE))
  return page.data[(row * PAGE + column) * 3] / 255
}

/**
 * @param side bins along a side
 * @example densityOf('checkerboard', 100).masses.filter((mass) => mass > 0).length // about 0.4 of 10,000
 */
export function densityOf(name: DensityName, side: number): Density {
  const masses = new Float64Array(side * side)
  const places = side * PLACES
  const coordinate = (place: number): number => ((place + 0.5) / places) * 2 - 1
  for (let row = 0; row < places; row++) {
    for (let column = 0; column < places; column++) {
      const bin = Math.floor(row / PLACES) * side + Math.floor(column / PLACES)
      masses[bin] += SHAPES[name](coordinate(column), coordinate(row))
    }
  }
  const sum = masses.reduce((a, b) => a + b, 0)
  return { side, masses: masses.map((mass) => mass / sum) }
}

/**
 * Independent samples: a bin by its mass, then a place in it, uniform.
 * @param count number of them
 * @param random goes on by three numbers a sample
 * @example drawFrom(densityOf('spiral', 100), 10000, randomFrom(1)).x.length // 10000
 */
export function drawFrom({ side, masses }: Density, count: number, random: Random): Points {
  const upTo = new Float64Array(masses.length)
  masses.reduce((sum, mass, bin) => (upTo[bin] = sum + mass), 0)
  // The last sum may miss 1 by rounding; a sample beyond it would be in no bin.
  const all = upTo[upTo.length - 1]
  const [x, y] = [new Float64Array(count), new Float64Array(count)]
  for (let i = 0; i < count; i++) {
    const bin = firstAbove(upTo, random.next() * all)
    x[i] = (((bin % side) + random.next()) / side) * 2 - 1
    y[i] = ((Math.floor(bin / side) + random.next()) / side) * 2 - 1
  }
  return { x, y }
}

/** Index of the first of rising numbers that is above a value below the last of them. */
function firstAbove(rising: Float64Array, value: number): number {
  let [low, high] = [0, rising.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle] > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Points that are uniform in [−1, 1]²: where nodes begin. @example uniformPoints(10, 1).x.length // 10 */
export function uniformPoints(count: number, seed: number): Points {
  const random = randomFrom(seed)
  const coordinate = (): number => random.next() * 2 - 1
  const [x, y] = [new Float64Array(count), new Float64Array(count)]
  for (let i = 0; i < count; i++) [x[i], y[i]] = [coordinate(), coordinate()]
  return { x, y }
}
