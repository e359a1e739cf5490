/** Files that are no picture of pixels, and the faults of those that are damaged. */
import { DdncError, hexOf } from '../errors.js'

const PICTURE = 'a picture that ddnc reads (JPEG, PNG, WebP, TIFF, GIF, AVIF)'

/** Drawings that sharp, or a reader, might take for pictures, which nothing is asked to draw; and what ddnc itself wrote. */
const FOREIGN: readonly (readonly [found: string, is: (start: string) => boolean])[] = [
  ['an SVG drawing; draw it first', (start) => /^\s*</.test(start) && /<(?:[a-z]+:)?svg[\s>]/i.test(start)],
  ['a PDF document; draw a page first', (start) => start.includes('%PDF-')],
  ['the signature of a .ddn file; decode it', (start) => start.startsWith('\xddN\r\n')],
]
/** Bytes in which they show. */
const START = 1024

/**
 * @throws {DdncError} BadSignature: nothing at all, an SVG drawing, a PDF document, a .ddn file
 * @example refuseForeign(await readFile('logo.svg')) // throws
 */
export function refuseForeign(bytes: Uint8Array): void {
  if (bytes.length === 0) throw badSignature('nothing, it is empty')
  const start = Buffer.from(bytes.subarray(0, START))
    .toString('latin1')
    .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
  const foreign = FOREIGN.find(([, is]) => is(start.replaceAll('\0', ''))) // UTF-16 of ASCII is ASCII and zeros
  if (foreign !== undefined) throw badSignature(foreign[0])
}

/** Whatever else is drawn, by the name that sharp has for it. @throws {DdncError} BadSignature */
export function refuseDrawing(format: string): void {
  if (format === 'svg' || format === 'pdf') throw badSignature(`that of a drawing (${format})`)
}

/**
 * The fault of a file that sharp cannot read; its wording is all there is to tell a foreign file from a damaged one.
 * @throws {DdncError} BadSignature, Corrupt: always
 */
export function unreadable(bytes: Uint8Array, cause: unknown): never {
  const message = cause instanceof Error ? cause.message.split('\n')[0].trim() : String(cause)
  if (message.includes('unsupported image format')) throw badSignature(firstBytes(bytes), cause)
  const reason = message.replace(/^(Unknown error|Input buffer has corrupt header:) */, '')
  const found = reason === '' ? 'unreadable' : `unreadable (${reason})`
  const allowed = 'a whole, sound picture file'
  throw new DdncError({ tag: 'Corrupt', where: 'the picture', found, allowed }, { cause })
}

const badSignature = (found: string, cause?: unknown): DdncError =>
  new DdncError({ tag: 'BadSignature', what: PICTURE, found }, { cause })

const firstBytes = (bytes: Uint8Array): string =>
  `the ${bytes.length === 1 ? 'byte' : 'bytes'} ${hexOf(bytes.subarray(0, 4), ' ')}`
