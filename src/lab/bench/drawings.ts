/**
 * Made pictures: what a codec for photographs finds hard or trivial. Integers only, so the same pixels everywhere.
 * `corpus/` holds them as PNG (scripts/make-corpus.js); `measure quality` encodes them.
 */
import type { Picture } from '../../index.js'
import { GLYPH_HEIGHT, glyphColumns, GLYPH_WIDTH } from './font.js'

/** Pixels that can be drawn on. */
type Canvas = Picture & Readonly<{ set(x: number, y: number, colour: Colour): void }>
type Colour = readonly [red: number, green: number, blue: number]

const WHITE: Colour = [255, 255, 255]
const BLACK: Colour = [0, 0, 0]

/** Every made picture by its name. @example drawings.checkerboard().width // 256 */
export const drawings: Readonly<Record<string, () => Picture>> = {
  text,
  'line-art': lineArt,
  checkerboard,
  noise,
  gradient,
  flat: () => pixels(canvas(256, 256, [90, 140, 180])),
}

/** Black and coloured writing at three sizes, dark on white above, light on blue below. */
function text(): Picture {
  const page = canvas(512, 480, WHITE)
  const sentence = 'A file is a list of choices. Each layer offers K candidates, one is chosen. '
  const paragraphs = [
    [3, 4, BLACK],
    [2, 6, [30, 30, 120]],
    [1, 12, BLACK],
    [1, 3, [180, 20, 20]],
  ] as const
  let y = 8
  for (const [size, lines, ink] of paragraphs) {
    const perLine = Math.floor((page.width - 16) / ((GLYPH_WIDTH + 1) * size))
    for (let line = 0; line < lines; line++) {
      write(page, sentence.repeat(4).slice(line * 7, line * 7 + perLine), 8, y, size, ink)
      y += (GLYPH_HEIGHT + 2) * size
    }
    y += 4
  }
  for (let row = y; row < page.height; row++) for (let x = 0; x < page.width; x++) page.set(x, row, [24, 40, 96])
  write(page, 'Pack my box with five dozen liquor jugs, 0123456789.', 8, y + 8, 1, WHITE)
  return pixels(page)
}

function write(page: Canvas, line: string, left: number, top: number, size: number, ink: Colour): void {
  for (const [at, character] of [...line].entries()) {
    const x = left + at * (GLYPH_WIDTH + 1) * size
    for (const [column, bits] of glyphColumns(character).entries()) {
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        if ((bits >> row) & 1) square(page, x + column * size, top + row * size, size, ink)
      }
    }
  }
}

function square(page: Canvas, left: number, top: number, side: number, ink: Colour): void {
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) page.set(left + x, top + y, ink)
}

/** Thin lines without smoothing: circles, a fan of rays, boxes. */
function lineArt(): Picture {
  const page = canvas(384, 384, WHITE)
  for (let radius = 12; radius < 180; radius += 28) {
    circle(page, 192, 192, radius, BLACK)
    circle(page, 192, 192, radius + 14, [0, 90, 160])
  }
  for (let end = 0; end < 384; end += 24) {
    line(page, 0, 0, end, 383, BLACK)
    line(page, 383, 383, 0, end, [170, 30, 30])
  }
  for (let inset = 4; inset < 28; inset += 6) {
    const far = 383 - inset
    line(page, inset, inset, far, inset, BLACK)
    line(page, far, inset, far, far, BLACK)
    line(page, far, far, inset, far, BLACK)
    line(page, inset, far, inset, inset, BLACK)
  }
  return pixels(page)
}

/** Bresenham's line. */
function line(page: Canvas, x: number, y: number, toX: number, toY: number, ink: Colour): void {
  const [dx, dy] = [Math.abs(toX - x), -Math.abs(toY - y)]
  let error = dx + dy
  for (;;) {
    page.set(x, y, ink)
    if (x === toX && y === toY) return
    const twice = 2 * error
    if (twice >= dy) [error, x] = [error + dy, x + Math.sign(toX - x)]
    if (twice <= dx) [error, y] = [error + dx, y + Math.sign(toY - y)]
  }
}

/** Every pixel whose distance to the centre rounds to the radius. */
function circle(page: Canvas, centreX: number, centreY: number, radius: number, ink: Colour): void {
  for (let y = -radius; y <= radius; y++) {
    for (let x = -radius; x <= radius; x++) {
      const squared = 4 * (x * x + y * y)
      if (squared >= (2 * radius - 1) ** 2 && squared < (2 * radius + 1) ** 2) page.set(centreX + x, centreY + y, ink)
    }
  }
}

/** Quadrants of black and white fields of 1, 2, 5 and 8 pixels: the highest frequencies at full contrast. Grey. */
function checkerboard(): Picture {
  return grey(256, 256, (x, y) => {
    const side = [1, 2, 5, 8][(y >> 7) * 2 + (x >> 7)]
    return (Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? 255 : 0
  })
}

/** Uniform and independent samples: nothing to predict. */
function noise(): Picture {
  let state = 1
  const next = (): number => {
    // Marsaglia's xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 24
  }
  return { width: 256, height: 256, components: 3, data: Uint8Array.from({ length: 256 * 256 * 3 }, next) }
}

/** Red runs to the right, green downwards, blue along the diagonal. */
function gradient(): Picture {
  const page = canvas(256, 256, BLACK)
  for (let y = 0; y < 256; y++) for (let x = 0; x < 256; x++) page.set(x, y, [x, y, (x + y) >> 1])
  return pixels(page)
}

function grey(width: number, height: number, value: (x: number, y: number) => number): Picture {
  const data = Uint8Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width)))
  return { width, height, components: 1, data }
}

function canvas(width: number, height: number, background: Colour): Canvas {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => background[at % 3])
  const set = (x: number, y: number, colour: Colour): void => {
    if (x >= 0 && x < width && y >= 0 && y < height) data.set(colour, (y * width + x) * 3)
  }
  return { width, height, components: 3, data, set }
}

const pixels = ({ width, height, components, data }: Canvas): Picture => ({ width, height, components, data })
