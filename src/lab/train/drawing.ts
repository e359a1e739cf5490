/** Made-up screens: flat areas, ellipses, lines, text. A codec that saw photographs alone would treat them badly. */
import type { Picture } from '../../network/picture.js'
import { randomFrom, type Random } from '../../network/uniform.js'
import {
  BLACK,
  canvas,
  ellipse,
  line,
  picture,
  rectangle,
  WHITE,
  write,
  type Canvas,
  type Colour,
} from '../draw/canvas.js'

/** Six spaces, so that words end. */
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz      ABCDEFGHIJKLMNOP0123456789.,:;()[]+-'
const LEVELS = [0, 20, 60, 128, 200, 255]
const DARK: Colour = [30, 30, 30]

/** Numbers drawn in the ways that a drawing needs. */
type Draws = Readonly<{
  /** An integer, both ends included. */
  whole(low: number, high: number): number
  oneOf<Item>(items: readonly Item[]): Item
}>

/**
 * A screen that nobody has seen before, the same for the same seed. Every second one is drawn at twice the side and
 * halved: its letters and edges are smoothed, as screens show them.
 * @param side pixels, 8 or more
 * @example const screens = Array.from({ length: 48 }, (_, seed) => drawScreen(seed, 512))
 */
export function drawScreen(seed: number, side: number): Picture {
  const draws = drawsFrom(randomFrom(seed))
  const isSmooth = draws.whole(0, 1) === 1
  const n = isSmooth ? 2 * side : side
  const page = canvas(n, n, draws.oneOf([WHITE, DARK, colour(draws)]))
  for (let shapes = draws.whole(3, 14); shapes > 0; shapes--) drawShape(page, draws)
  for (let lines = draws.whole(4, 24); lines > 0; lines--) {
    const text = Array.from({ length: draws.whole(5, 60) }, () => draws.oneOf([...CHARACTERS])).join('')
    const [left, top] = [draws.whole(-20, n), draws.whole(-10, n)]
    write(page, text, left, top, draws.whole(1, 5), draws.oneOf([BLACK, WHITE, colour(draws)]))
  }
  return isSmooth ? halved(page) : picture(page)
}

function drawsFrom({ next }: Random): Draws {
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return { whole, oneOf: (items) => items[whole(0, items.length - 1)] }
}

function colour({ whole, oneOf }: Draws): Colour {
  const level = (): number => oneOf([...LEVELS, whole(0, 255)])
  return [level(), level(), level()]
}

function drawShape(page: Canvas, draws: Draws): void {
  const range = (): [number, number] => {
    const [a, b] = [draws.whole(0, page.width), draws.whole(0, page.width)]
    return [Math.min(a, b), Math.abs(a - b) + 1]
  }
  const [[left, width], [top, height]] = [range(), range()]
  const ink = colour(draws)
  switch (draws.whole(0, 2)) {
    case 0:
      rectangle(page, left, top, width, height, ink)
      // a border of its own
      return outline(page, left, top, width, height, colour(draws))
    case 1:
      return ellipse(page, left, top, width, height, ink)
    default: {
      const [right, bottom] = [left + width - 1, top + height - 1]
      const thickness = draws.whole(1, 4)
      if (draws.whole(0, 1) === 0) line(page, left, top, right, bottom, ink, thickness)
      else line(page, left, bottom, right, top, ink, thickness)
    }
  }
}

function outline(page: Canvas, left: number, top: number, width: number, height: number, ink: Colour): void {
  rectangle(page, left, top, width, 1, ink)
  rectangle(page, left, top + height - 1, width, 1, ink)
  rectangle(page, left, top, 1, height, ink)
  rectangle(page, left + width - 1, top, 1, height, ink)
}

/** Mean of every 2×2 pixels. */
function halved({ width, height, data }: Picture): Picture {
  const [w, h] = [width >> 1, height >> 1]
  const out = new Uint8Array(w * h * 3)
  const row = width * 3
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let component = 0; component < 3; component++) {
        const at = 2 * y * row + 6 * x + component
        out[(y * w + x) * 3 + component] = (data[at] + data[at + 3] + data[at + row] + data[at + row + 3] + 2) >> 2
      }
    }
  }
  return { width: w, height: h, components: 3, data: out }
}
