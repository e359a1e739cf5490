/** The format of a picture by the name of its file. */
import { DdncError } from '../errors.js'
import { PICTURE_FORMATS, type PictureFormat } from '../node/picture.js'

/**
 * Format by the file's extension; PNG for standard output.
 * @throws {DdncError} BadOption
 * @example formatOf('a.JPG') // 'jpeg'
 */
export function formatOf(output: string): PictureFormat {
  if (output === '-') return 'png'
  const name = output.toLowerCase()
  for (const [format, { extensions }] of Object.entries(PICTURE_FORMATS)) {
    if (extensions.some((extension) => name.endsWith(extension))) return format as PictureFormat
  }
  const allowed = Object.values(PICTURE_FORMATS).flatMap(({ extensions }) => extensions)
  const found = `"${output}"`
  throw new DdncError({ tag: 'BadOption', option: 'OUT', found, allowed: `a name that ends in ${allowed.join(' ')}` })
}
