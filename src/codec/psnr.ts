/** How far a picture is from another. */
import { DdncError } from '../errors.js'

/**
 * Peak signal-to-noise ratio over all samples, in dB.
 * @param original, other 8-bit samples of the same picture, equally long and not empty
 * @returns 10·log10(255² / mean squared error); Infinity if equal
 * @throws {DdncError} BadOption if the lengths differ
 * @example psnr(Uint8Array.of(0, 0), Uint8Array.of(0, 255)) // 3.01
 */
export function psnr(original: Uint8Array, other: Uint8Array): number {
  if (original.length !== other.length) {
    const [found, allowed] = [`${other.length} samples long`, `${original.length}, as the original`]
    throw new DdncError({ tag: 'BadOption', option: 'the other picture', found, allowed })
  }
  let sum = 0 // ≤ 2^16 · samples: exact in a double for any picture the format holds
  for (let at = 0; at < original.length; at++) sum += (original[at] - other[at]) ** 2
  return 10 * Math.log10((65025 * original.length) / sum)
}
