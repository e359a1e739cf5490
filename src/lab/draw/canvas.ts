/** Shapes and writing on pixels. Integers only, so the same pixels everywhere. */
import type { Picture } from '../../network/picture.js'
import { GLYPH_HEIGHT, glyphColumns, GLYPH_WIDTH } from './font.js'

/** Pixels that can be drawn on. What lies beyond the edges is not drawn. */
export type Canvas = Picture & Readonly<{ set(x: number, y: number, colour: Colour): void }>
export type Colour = readonly [red: number, green: number, blue: number]

export const WHITE: Colour = [255, 255, 255]
export const BLACK: Colour = [0, 0, 0]

/**
 * A canvas of one colour.
 * @example const page = canvas(512, 480, WHITE)
 */
export function canvas(width: number, height: number, background: Colour): Canvas {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => background[at % 3])
  const set = (x: number, y: number, [red, green, blue]: Colour): void => {
    if (x < 0 || x >= width || y < 0 || y >= height) return
    const at = (y * width + x) * 3
    data[at] = red
    data[at + 1] = green
    data[at + 2] = blue
  }
  return { width, height, components: 3, data, set }
}

/** What was drawn, without the means to draw. */
export const picture = ({ width, height, components, data }: Canvas): Picture => ({ width, height, components, data })

/**
 * One line of the dot font.
 * @param size pixels a dot
 * @throws {DdncError} BadOption as `glyphColumns`
 * @example write(page, 'K = 2', 8, 8, 1, BLACK)
 */
export function write(page: Canvas, text: string, left: number, top: number, size: number, ink: Colour): void {
  for (const [at, character] of [...text].entries()) {
    const x = left + at * (GLYPH_WIDTH + 1) * size
    for (const [column, bits] of glyphColumns(character).entries()) {
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        if ((bits >> row) & 1) rectangle(page, x + column * size, top + row * size, size, size, ink)
      }
    }
  }
}

/** A filled rectangle. */
export function rectangle(page: Canvas, left: number, top: number, width: number, height: number, ink: Colour): void {
  // Only what lies on the page is gone through: writing may run far over its edge.
  const [right, bottom] = [Math.min(left + width, page.width), Math.min(top + height, page.height)]
  for (let y = Math.max(0, top); y < bottom; y++) for (let x = Math.max(0, left); x < right; x++) page.set(x, y, ink)
}

/** A filled ellipse that touches the four sides of its box. */
export function ellipse(page: Canvas, left: number, top: number, width: number, height: number, ink: Colour): void {
  // Doubled, so that the middle of an even side is an integer: ((2x − w + 1) / w)² + ((2y − h + 1) / h)² ≤ 1.
  const [w2, h2] = [width * width, height * height]
  for (let y = 0; y < height; y++) {
    const down = (2 * y - height + 1) ** 2 * w2
    for (let x = 0; x < width; x++) {
      if ((2 * x - width + 1) ** 2 * h2 + down <= w2 * h2) page.set(left + x, top + y, ink)
    }
  }
}

/** Bresenham's line. @param thickness side of the square that is set at each of its points */
export function line(page: Canvas, x: number, y: number, toX: number, toY: number, ink: Colour, thickness = 1): void {
  const [dx, dy] = [Math.abs(toX - x), -Math.abs(toY - y)]
  let error = dx + dy
  for (;;) {
    rectangle(page, x, y, thickness, thickness, ink)
    if (x === toX && y === toY) return
    const twice = 2 * error
    if (twice >= dy) [error, x] = [error + dy, x + Math.sign(toX - x)]
    if (twice <= dx) [error, y] = [error + dx, y + Math.sign(toY - y)]
  }
}

/** Every pixel whose distance to the centre rounds to the radius. */
export function circle(page: Canvas, centreX: number, centreY: number, radius: number, ink: Colour): void {
  for (let y = -radius; y <= radius; y++) {
    for (let x = -radius; x <= radius; x++) {
      const squared = 4 * (x * x + y * y)
      if (squared >= (2 * radius - 1) ** 2 && squared < (2 * radius + 1) ** 2) page.set(centreX + x, centreY + y, ink)
    }
  }
}
