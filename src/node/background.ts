/** What lies behind a transparent picture. */
import type { default as SharpConstructor } from 'sharp'
import { DdncError } from '../errors.js'

/** Red, green, blue. */
export type Colour = Uint8Array

/**
 * A colour as sharp understands it.
 * @param background CSS colour: `white`, `#204060`
 * @throws {DdncError} BadOption: no colour, or one that is not opaque
 */
export async function colourOf(sharp: typeof SharpConstructor, background: string): Promise<Colour> {
  const allowed = 'an opaque CSS colour such as white or #204060'
  const bad = { tag: 'BadOption', option: '--background', found: background, allowed } as const
  const pixel = await Promise.resolve()
    .then(() =>
      sharp({ create: { width: 1, height: 1, channels: 4, background } })
        .raw()
        .toBuffer(),
    )
    .catch((cause: unknown) => {
      throw new DdncError(bad, { cause })
    })
  if (pixel[3] !== 255) throw new DdncError(bad)
  return pixel.subarray(0, 3)
}

/**
 * Lays pixels on a colour.
 * @param rgb Uint8Array[3 · pixels], alpha Uint8Array[pixels]
 * @returns Uint8Array[3 · pixels], rounded
 * @example laidOn(Uint8Array.of(200, 100, 0), Uint8Array.of(51), Uint8Array.of(0, 0, 255)) // [40, 20, 204]
 */
export function laidOn(rgb: Uint8Array, alpha: Uint8Array, background: Colour): Uint8Array {
  const laid = new Uint8Array(rgb.length)
  for (let at = 0; at < rgb.length; at++) {
    const opaque = alpha[Math.floor(at / 3)]
    laid[at] = (rgb[at] * opaque + background[at % 3] * (255 - opaque) + 127) / 255 // ≤ 255.5, so truncated ≤ 255
  }
  return laid
}
