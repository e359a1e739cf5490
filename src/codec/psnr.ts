/** How far a picture is from another. */
import { DdncError } from '../errors.js'

/** Squared error of samples, and how many of them are seen. Of parts of a picture both add up. */
export type Difference = Readonly<{ squares: number; seen: number }>

/**
 * Of two pictures, or of the same part of them.
 * @param alpha of each pixel: where it is 0 nobody sees the samples, so they do not count
 * @returns both exact: squares ≤ 2^16 · samples
 * @throws {DdncError} BadOption if the lengths differ
 * @example differenceOf(Uint8Array.of(0, 0), Uint8Array.of(0, 255)) // { squares: 65025, seen: 2 }
 */
export function differenceOf(original: Uint8Array, other: Uint8Array, alpha?: Uint8Array): Difference {
  if (original.length !== other.length) {
    const [found, allowed] = [`${other.length} samples long`, `${original.length}, as the original`]
    throw new DdncError({ tag: 'BadOption', option: 'the other picture', found, allowed })
  }
  let squares = 0
  let seen = original.length
  const components = alpha === undefined ? 1 : original.length / alpha.length
  for (let at = 0; at < original.length; at++) {
    if (alpha !== undefined && alpha[Math.floor(at / components)] === 0) seen -= 1
    else squares += (original[at] - other[at]) ** 2
  }
  return { squares, seen }
}

/** @returns 10·log10(255² / mean squared error), dB; Infinity if equal, or if nothing is seen */
export const psnrOf = ({ squares, seen }: Difference): number =>
  squares === 0 ? Infinity : 10 * Math.log10((65025 * seen) / squares)

/**
 * Peak signal-to-noise ratio over all samples, in dB.
 * @param original, other 8-bit samples of the same picture, equally long and not empty
 * @param alpha as of `differenceOf`
 * @throws {DdncError} BadOption if the lengths differ
 * @example psnr(Uint8Array.of(0, 0), Uint8Array.of(0, 255)) // 3.01
 */
export const psnr = (original: Uint8Array, other: Uint8Array, alpha?: Uint8Array): number =>
  psnrOf(differenceOf(original, other, alpha))
