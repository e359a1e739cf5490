/** From a size or a PSNR that is wanted to the file that comes nearest: a bisection, with a guess from what is known. */
import { DdncError } from '../errors.js'
import type { DriveOptions } from './drive.js'
import type { Compressed } from './encode.js'

/** What a caller wants of a file, instead of a quality: the whole file at most so large, or at least so good. */
export type Wanted = Readonly<{ size: number }> | Readonly<{ psnr: number }>

/**
 * Of the options of an encoder.
 * @throws {DdncError} BadOption: a size that is no whole number of bytes, a PSNR that is no number above 0
 * @example wantedOf({ targetSize: 20000 }) // { size: 20000 }
 */
export function wantedOf({ targetSize, targetPsnr }: TargetOptions): Wanted | null {
  const refuse = (option: string, found: number | string, allowed: string): DdncError =>
    new DdncError({ tag: 'BadOption', option, found: String(found), allowed })
  if (targetSize !== undefined) {
    if (!(Number.isInteger(targetSize) && targetSize > 0)) throw refuse('target size', targetSize, 'a number of bytes')
    return { size: targetSize }
  }
  if (targetPsnr === undefined) return null
  if (!(targetPsnr > 0 && targetPsnr < Infinity)) throw refuse('target PSNR', targetPsnr, 'a number of dB above 0')
  return { psnr: targetPsnr }
}

export type TargetOptions = {
  /**
   * Instead of quality: the file has at most so many bytes, all in all, and the best quality that fits. BadOption if
   * none is so small.
   */
  targetSize?: number | undefined
  /** Instead of quality: the smallest file that has so many dB; where none has, the best there is. */
  targetPsnr?: number | undefined
}

/** How far a file is above what is wanted: a share of its bytes, or dB. It falls as files become coarser. */
const excess = (wanted: Wanted, { file, psnr }: Pick<Compressed, 'file' | 'psnr'>): number =>
  'size' in wanted ? Math.log(file.length / wanted.size) : Math.min(psnr, 1000) - wanted.psnr

/**
 * Tries encoders of falling quality until the one is found that serves and whose neighbour does not. Where quality does
 * not fall with every step (a test chart), what is found serves, too, and is the best of all that were tried.
 * @param last encoders are numbered 0, the finest, to last
 * @param make encodes; told how to report and stop
 * @returns size: the first file that is small enough; PSNR: the last that is good enough, else the best one tried
 * @throws {DdncError} BadOption if the coarsest file is too large; as `make`
 * @example await seek({ size: 20000 }, 73, encodeAt, { signal })
 */
export async function seek<Made extends Compressed>(
  wanted: Wanted,
  last: number,
  make: (position: number, driven: DriveOptions) => Promise<Made>,
  { signal, onProgress }: DriveOptions,
): Promise<Made> {
  let best: Made | null = null
  let done = 0
  // Ends of what is not known yet: `fine` is above what is wanted or −1, `coarse` is not above it or last + 1.
  let fine: End = { position: -1, excess: Infinity }
  let coarse: End = { position: last + 1, excess: -Infinity }
  let guess = true
  while (coarse.position - fine.position > 1) {
    const width = coarse.position - fine.position
    const position = guess ? between(fine, coarse) : Math.floor((fine.position + coarse.position) / 2)
    const share = (1 - done) / Math.ceil(Math.log2(width))
    const made = await make(position, {
      signal,
      onProgress: (fraction) => onProgress?.(done + share * fraction),
    })
    done += share
    if (best === null || isBetter(wanted, made, best)) best = made
    const end = { position, excess: excess(wanted, made) }
    if ('size' in wanted ? end.excess > 0 : end.excess >= 0) fine = end
    else coarse = end
    // A guess that left most of the range was a bad one: the next step halves it.
    guess = coarse.position - fine.position <= width / 2
  }
  if (best === null || ('size' in wanted && excess(wanted, best) > 0)) throw tooSmall(wanted, best)
  return best
}

type End = Readonly<{ position: number; excess: number }>

/** Where a straight line through both ends, if both were made, meets what is wanted; else the middle. */
function between(fine: End, coarse: End): number {
  const width = coarse.position - fine.position
  const isKnown = Number.isFinite(fine.excess) && Number.isFinite(coarse.excess)
  const share = isKnown ? fine.excess / (fine.excess - coarse.excess) : 0.5
  return Math.max(fine.position + 1, Math.min(coarse.position - 1, fine.position + Math.round(share * width)))
}

/** Is one file nearer to what is wanted than another? What serves goes before what does not. */
function isBetter(wanted: Wanted, one: Compressed, other: Compressed): boolean {
  const serves = (made: Compressed): boolean =>
    'size' in wanted ? excess(wanted, made) <= 0 : excess(wanted, made) >= 0
  if (serves(one) !== serves(other)) return serves(one)
  const wantsPsnr = 'size' in wanted === serves(one)
  const [better, then] = wantsPsnr
    ? [one.psnr - other.psnr, other.file.length - one.file.length]
    : [other.file.length - one.file.length, one.psnr - other.psnr]
  return better > 0 || (better === 0 && then > 0)
}

function tooSmall(wanted: Wanted, smallest: Compressed | null): DdncError {
  const found = `${'size' in wanted ? wanted.size : 0} bytes`
  const allowed = `${smallest?.file.length ?? 0} or more for this picture`
  return new DdncError({ tag: 'BadOption', option: 'target size', found, allowed })
}
