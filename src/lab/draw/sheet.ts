/** Several pictures as one: on a sheet, on a page among other things, and their mean. */
import { DdncError } from '../../errors.js'
import { MAX_PIXELS, type Picture } from '../../index.js'
import { rectangle, type Canvas, type Colour } from './canvas.js'

/**
 * Pictures side by side, row by row, with lines of a pixel in white between them; one alone stays as it is.
 * @param pictures at least one, all of one size and number of components
 * @param columns default: as many as make the sheet about as many pictures high as wide
 * @throws {DdncError} LimitExceeded: more than 2^28 pixels in all
 * @example sheetOf([picture, picture, picture]).width // 2·width + 1
 */
export function sheetOf(pictures: readonly Picture[], columns = Math.ceil(Math.sqrt(pictures.length))): Picture {
  const [{ width, height, components }] = pictures
  const rows = Math.ceil(pictures.length / columns)
  const across = columns * (width + 1) - 1
  const down = rows * (height + 1) - 1
  if (across * down > MAX_PIXELS)
    throw new DdncError({ tag: 'LimitExceeded', what: 'pixels of the sheet', value: across * down, limit: MAX_PIXELS })
  const data = new Uint8Array(across * down * components).fill(255)
  pictures.forEach((picture, i) => {
    const left = (i % columns) * (width + 1)
    const top = Math.floor(i / columns) * (height + 1)
    for (let y = 0; y < height; y++) {
      const row = picture.data.subarray(y * width * components, (y + 1) * width * components)
      data.set(row, ((top + y) * across + left) * components)
    }
  })
  return { width: across, height: down, components, data }
}

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
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * components
      const colour: Colour = components === 1 ? [data[at], data[at], data[at]] : [data[at], data[at + 1], data[at + 2]]
      rectangle(page, left + x * scale, top + y * scale, scale, scale, colour)
    }
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
