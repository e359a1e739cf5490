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
 * Share of λ that bits of the first fine layers are weighed with: what follows is predicted from their choices, so they are
 * worth more than they say. Found on crops of photos-train, never on the open set (docs/effort.md).
 */
const EARLY = [0.6, 0.8, 0.9]

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
  const early = (layer: Layer): number => lambda * (EARLY[model.fine.layers.indexOf(layer)] ?? 1)
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
