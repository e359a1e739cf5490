/** Small pictures on a page: grey and RGB ones, enlarged by whole numbers or made smaller, with and without borders. */
import type { Picture } from '../../network/picture.js'
import { canvas, picture, rectangle, WHITE, type Canvas, type Colour } from './canvas.js'

/**
 * Draws a picture on a page; grey is spread.
 * @param scale pixels of the page for each of the picture
 * @example paste(page, digit, 10, 10, 2)
 */
export function paste(
  page: Canvas,
  { width, height, components, data }: Picture,
  left: number,
  top: number,
  scale = 1,
) {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * components
      const colour: Colour = components === 1 ? [data[at], data[at], data[at]] : [data[at], data[at + 1], data[at + 2]]
      rectangle(page, left + x * scale, top + y * scale, scale, scale, colour)
    }
  }
}

/**
 * A picture made smaller: each pixel the rounded mean of a square.
 * @param factor side of the square; divides both sides
 * @example smaller(digit, 2).width // 14
 */
export function smaller({ width, height, components, data }: Picture, factor: number): Picture {
  const [columns, rows] = [width / factor, height / factor]
  const sums = new Float64Array(columns * rows * components)
  for (let at = 0; at < data.length; at++) {
    const [component, x] = [at % components, Math.floor(at / components) % width]
    const y = Math.floor(at / (components * width))
    sums[(Math.floor(y / factor) * columns + Math.floor(x / factor)) * components + component] += data[at]
  }
  return {
    width: columns,
    height: rows,
    components,
    data: Uint8Array.from(sums, (sum) => Math.round(sum / factor ** 2)),
  }
}

/**
 * The mean of pictures of one size, rounded.
 * @param pictures at least one
 * @example meanOf([black, white]).data[0] // 128
 */
export function meanOf(pictures: readonly Picture[]): Picture {
  const sums = new Float64Array(pictures[0].data.length)
  for (const { data } of pictures) for (let at = 0; at < sums.length; at++) sums[at] += data[at]
  return { ...pictures[0], data: Uint8Array.from(sums, (sum) => Math.round(sum / pictures.length)) }
}

export type Sheet = Readonly<{
  columns: number
  /** Pixels of the sheet for each of a picture. */
  scale?: number
  /** Pixels between pictures and around all of them. */
  gap?: number
  /** Border of picture i, as wide as the gap; undefined: none. */
  border?: (i: number) => Colour | undefined
  background?: Colour
}>

/**
 * Pictures of one size in rows, in RGB.
 * @param pictures at least one
 * @example sheetOf(digits, { columns: 8 }) // 8 · 28 + 9 · 2 pixels wide
 */
export function sheetOf(
  pictures: readonly Picture[],
  { columns, scale = 1, gap = 2, border, background }: Sheet,
): Picture {
  const [width, height] = [pictures[0].width * scale, pictures[0].height * scale]
  const rows = Math.ceil(pictures.length / columns)
  const page = canvas(gap + columns * (width + gap), gap + rows * (height + gap), background ?? WHITE)
  pictures.forEach((each, i) => {
    const [left, top] = [gap + (i % columns) * (width + gap), gap + Math.floor(i / columns) * (height + gap)]
    const ink = border?.(i)
    if (ink) rectangle(page, left - gap, top - gap, width + 2 * gap, height + 2 * gap, ink)
    paste(page, each, left, top, scale)
  })
  return picture(page)
}
