/** How far a picture is from another. */
import { DdncError } from '../errors.js'

/**
 * Peak signal-to-noise ratio over all samples, in dB.
 * @param original, other 8-bit samples of the same picture, equally long and not empty
 * @param alpha of each pixel: where it is 0 nobody sees the samples, so they do not count
 * @returns 10·log10(255² / mean squared error); Infinity if equal, or if nothing is seen
 * @throws {DdncError} BadOption if the lengths differ
 * @example psnr(Uint8Array.of(0, 0), Uint8Array.of(0, 255)) // 3.01
 */
export function psnr(original: Uint8Array, other: Uint8Array, alpha?: Uint8Array): number {
  if (original.length !== other.length) {
    const [found, allowed] = [`${other.length} samples long`, `${original.length}, as the original`]
    throw new DdncError({ tag: 'BadOption', option: 'the other picture', found, allowed })
  }
  let sum = 0 // ≤ 2^16 · samples: exact in a double for any picture the format holds
  let seen = original.length
  const components = alpha === undefined ? 1 : original.length / alpha.length
  for (let at = 0; at < original.length; at++) {
    if (alpha !== undefined && alpha[Math.floor(at / components)] === 0) seen -= 1
    else sum += (original[at] - other[at]) ** 2
  }
  return sum === 0 ? Infinity : 10 * Math.log10((65025 * seen) / sum)
}
