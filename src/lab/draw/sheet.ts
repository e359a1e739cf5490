/** Several pictures as one. */
import { DdncError } from '../../errors.js'
import { MAX_PIXELS, type Picture } from '../../index.js'

/**
 * Pictures side by side, row by row, with lines of a pixel in white between them; one alone stays as it is.
 * @param pictures at least one, all of one size and number of components
 * @param columns default: as many as make the sheet about as many pictures high as wide
 * @throws {DdncError} LimitExceeded: more than 2^26 pixels in all
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
