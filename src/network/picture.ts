/** Pixels in memory: what the library takes and gives. */
import { DdncError } from '../errors.js'

/** Interleaved 8-bit sRGB (3 components) or grey (1), rows from top to bottom, no padding. */
export type Picture = Readonly<{ width: number; height: number; components: 1 | 3; data: Uint8Array }>

/**
 * Checks a picture that came from outside.
 * @throws {DdncError} BadOption if a side is no positive integer, components is not 1 or 3, data is no Uint8Array, or
 * data.length is not width · height · components. The limits of the format are checked where the header is made.
 * @example checkPicture({ width: 2, height: 1, components: 1, data: Uint8Array.of(0, 255) }) // fine
 */
export function checkPicture(picture: Picture): void {
  const { width, height, components, data } = picture
  const expect = (met: boolean, option: string, found: unknown, allowed: string) => {
    if (!met) throw new DdncError({ tag: 'BadOption', option: `picture ${option}`, found: String(found), allowed })
  }
  expect(Number.isSafeInteger(width) && width > 0, 'width', width, 'a positive integer')
  expect(Number.isSafeInteger(height) && height > 0, 'height', height, 'a positive integer')
  expect(components === 1 || components === 3, 'components', components, '1 or 3')
  expect(data instanceof Uint8Array, 'data', typeof data, 'a Uint8Array')
  expect(data.length === width * height * components, 'data length', data.length, `${width * height * components}`)
}
