/** Encoding with effort: walk after walk over one picture, each told what the ones before have shown. */
import { DdncError } from '../errors.js'
import type { GridHeader } from '../format/header.js'
import { aimOf } from '../network/aim.js'
import type { Picture } from '../network/picture.js'
import type { TargetOf } from '../network/target.js'
import type { DriveOptions } from './drive.js'
import { encode, type Encoded, type Encoding } from './encode.js'

export const MAX_EFFORT = 9

/**
 * @throws {DdncError} BadOption outside 1…9
 * @example checkEffort(9)
 */
export function checkEffort(effort: number): void {
  if (Number.isInteger(effort) && effort >= 1 && effort <= MAX_EFFORT) return
  throw new DdncError({ tag: 'BadOption', option: 'effort', found: String(effort), allowed: `1…${MAX_EFFORT}` })
}

/**
 * Encodes in so many walks at most, and keeps the file of least squared error + λ·bits. Every walk but the first aims
 * beside the picture by what the closing layer and the clean-up will add. When a walk brings nothing, no more follow.
 * @param header, lambda as `encode` takes them
 * @param effort walks, 1…9
 * @example await encodeWithEffort(encoding, header, lambdaOf(header.lambdaStep), 2, {})
 */
export async function encodeWithEffort(
  encoding: Omit<Encoding, 'again'>,
  header: GridHeader,
  lambda: number,
  effort: number,
  { signal, onProgress }: DriveOptions,
): Promise<Encoded> {
  const { picture, targetOf } = encoding
  const samples = seenSamples(picture)
  const costOf = ({ psnr, bits }: Encoded): number => (65025 * samples) / 10 ** (psnr / 10) + lambda * bits
  const walkTo = (aim: TargetOf, number: number): Promise<Encoded> =>
    encode({ ...encoding, targetOf: aim, again: number < effort }, header, lambda, {
      signal,
      onProgress: (fraction) => onProgress?.((number - 1 + fraction) / effort),
    })
  let best = await walkTo(targetOf, 1)
  for (let number = 2, last = best; number <= effort; number++) {
    last = await walkTo(aimOf(targetOf, last.extraOf!), number)
    if (costOf(last) >= costOf(best)) break
    best = last
  }
  return best
}

/** Samples that are not wholly transparent: those that the PSNR counts. */
const seenSamples = ({ data, alpha, components }: Picture): number =>
  alpha === undefined ? data.length : components * alpha.reduce((seen, value) => seen + (value === 0 ? 0 : 1), 0)
