/** Pixels in memory: what the library takes and gives. */
import { DdncError } from '../errors.js'

/** Interleaved 8-bit sRGB (3 components) or grey (1), rows from top to bottom, no padding. */
export type Picture = Readonly<{
  width: number
  height: number
  components: 1 | 3
  data: Uint8Array
  /** One byte a pixel, 0: transparent, 255: opaque; absent: all opaque. Colours are not multiplied with it. */
  alpha?: Uint8Array | undefined
  metadata?: Metadata | undefined
}>

/** What a camera or a program wrote of a picture. Bytes as they are: nobody here looks into them. */
export type Metadata = Readonly<{
  /** A TIFF structure: begins with `II` or `MM`. Its orientation is that of `data`. */
  exif?: Uint8Array | undefined
  /** An XMP packet, UTF-8. */
  xmp?: Uint8Array | undefined
  /** ICC profile of `data`, where that is not sRGB. */
  icc?: Uint8Array | undefined
}>

/**
 * Checks a picture that came from outside.
 * @throws {DdncError} BadOption if a side is no positive integer, components is not 1 or 3, data, alpha or metadata are no
 * Uint8Array, or data.length is not width · height · components, or alpha.length not width · height. The limits of the format are checked where the header is made.
 * @example checkPicture({ width: 2, height: 1, components: 1, data: Uint8Array.of(0, 255) }) // fine
 */
export function checkPicture(picture: Picture): void {
  const { width, height, components, data, alpha, metadata = {} } = picture
  const expect = (met: boolean, option: string, found: unknown, allowed: string) => {
    if (!met) throw new DdncError({ tag: 'BadOption', option: `picture ${option}`, found: String(found), allowed })
  }
  expect(Number.isSafeInteger(width) && width > 0, 'width', width, 'a positive integer')
  expect(Number.isSafeInteger(height) && height > 0, 'height', height, 'a positive integer')
  expect(components === 1 || components === 3, 'components', components, '1 or 3')
  expect(data instanceof Uint8Array, 'data', typeof data, 'a Uint8Array')
  expect(data.length === width * height * components, 'data length', data.length, `${width * height * components}`)
  for (const [name, bytes] of Object.entries({ alpha, ...metadata }))
    expect(bytes === undefined || bytes instanceof Uint8Array, name, typeof bytes, 'a Uint8Array')
  expect(alpha === undefined || alpha.length === width * height, 'alpha length', alpha?.length, `${width * height}`)
}
