/** Encoding with effort: walk after walk over one picture, each told what the ones before have shown. */
import { DdncError } from '../errors.js'
import type { GridHeader } from '../format/header.js'
import { aimOf } from '../network/aim.js'
import type { LambdaOf } from '../network/guides.js'
import type { Layer } from '../network/model.js'
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
 * Share of λ that bits of the first fine layers are weighed with, by where in the order of coefficients a layer ends: what
 * follows is predicted from their choices, so they are worth more than they say. Found on crops of photos-train, never on
 * the open set (docs/effort.md). Layers over all coefficients come late, and are at 1.
 */
const EARLY = [
  { end: 4, share: 0.6 },
  { end: 12, share: 0.8 },
  { end: 32, share: 0.9 },
] as const

/** @example shareOf(4) // 0.6 */
const shareOf = (end: number): number => EARLY.find((band) => end <= band.end)?.share ?? 1

/**
 * Encodes in so many walks at most, and keeps the file of least squared error + λ·bits. Every walk but the first aims
 * beside the picture by what the closing layer and the clean-up will add, and spends more bits early. When a walk brings
 * nothing, no more follow.
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
  const { model, targetOf } = encoding
  const costOf = ({ squares, bits }: Encoded): number => squares + lambda * bits
  const early = (layer: Layer): number => lambda * (model.fine.layers.includes(layer) ? shareOf(layer.end) : 1)
  const walkTo = (aim: TargetOf, weight: LambdaOf, number: number): Promise<Encoded> =>
    encode({ ...encoding, targetOf: aim, again: number < effort }, header, weight, {
      signal,
      onProgress: (fraction) => onProgress?.((number - 1 + fraction) / effort),
    })
  let best = await walkTo(targetOf, lambda, 1)
  for (let number = 2, last = best; number <= effort; number++) {
    last = await walkTo(aimOf(targetOf, last.extraOf!), early, number)
    if (costOf(last) >= costOf(best)) break
    best = last
  }
  return best
}
