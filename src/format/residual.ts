/** The residual (SPEC 12): the differences of the exact samples from those that the streams decode to, without loss. */
import { corrupt } from '../errors.js'
import { bitDecoder, bitEncoder, type BitCoder } from './adaptiveBits.js'
import { joinBytes, readBytes, type ByteReader } from './bytes.js'
import { leb128Bytes, readLeb128 } from './leb128.js'
import { CONTEXTS, orderOf, residualModel, type Size } from './residualModel.js'

const WHERE = 'the residual'
/** Pixels of the rows that have a rANS stream together. */
const STRIPE_PIXELS = 2 ** 16
/** Magnitudes that are counted up to, each with a bit of its own. */
const COUNTED = 18
/**
 * Of the contexts of an error: is it zero (by the fraction), its sign (by the fraction), its size, how many digits
 * the rest has, and they. */
const [ZERO, SIGN, SIZE, DIGITS, VALUES] = [0, 8, 16, 16 + COUNTED, 23 + COUNTED]

/**
 * @param exact, lossy samples, of one size
 * @param alpha where it is 0 nothing is coded: nobody sees the sample
 * @example packResidual(exact, lossy, { width, height, components: 3 })
 */
export function packResidual(exact: Uint8Array, lossy: Uint8Array, size: Size, alpha?: Uint8Array): Uint8Array {
  const encoder = bitEncoder(CONTEXTS)
  const parts: ArrayLike<number>[] = []
  const samples = exact.slice()
  walk(
    encoder.bit,
    samples,
    lossy,
    size,
    alpha,
    () => {},
    () => {
      const stream = encoder.finish()
      parts.push(leb128Bytes(stream.length), stream)
    },
  )
  return joinBytes(parts)
}

/**
 * @returns the exact samples; those that alpha hides are the lossy ones
 * @throws {DdncError} Truncated, Corrupt
 * @example unpackResidual(packResidual(exact, lossy, size), lossy, size) // exact
 */
export function unpackResidual(data: Uint8Array, lossy: Uint8Array, size: Size, alpha?: Uint8Array): Uint8Array {
  const reader: ByteReader = { bytes: data, offset: 0 }
  const decoder = bitDecoder(CONTEXTS, WHERE)
  const samples = lossy.slice()
  const open = (): void => decoder.open(readBytes(reader, readLeb128(reader, WHERE), WHERE))
  walk(decoder.bit, samples, lossy, size, alpha, open, decoder.close)
  if (reader.offset < data.length) throw corrupt(WHERE, 'longer', 'one that ends with its last stripe')
  return samples
}

/** Both directions: `samples` are read by an encoder and written by a decoder. */
function walk(
  bit: BitCoder,
  samples: Uint8Array,
  lossy: Uint8Array,
  size: Size,
  alpha: Uint8Array | undefined,
  begin: () => void,
  end: () => void,
): void {
  const { width, height, components } = size
  const model = residualModel(lossy, size)
  const order = orderOf(components)
  const rows = Math.max(1, Math.floor(STRIPE_PIXELS / width))
  for (let y = 0; y < height; y++) {
    if (y % rows === 0) begin()
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      for (const c of order) {
        const at = pixel * components + c
        const prediction = model.predict(x, y, c)
        const hidden = alpha?.[pixel] === 0
        const expected = Math.max(0, Math.min(255, lossy[at] + prediction.error))
        const { first, second, fraction } = prediction
        const missed = hidden ? 0 : codeError(bit, samples[at] - expected, expected, first, second, fraction + 4)
        if (!hidden) samples[at] = expected + missed
        model.learn(x, y, c, hidden ? 0 : expected + missed - lossy[at], missed)
      }
    }
    if ((y + 1) % rows === 0 || y === height - 1) end()
  }
}

/** @param fraction 0…7 */
function codeError(
  bit: BitCoder,
  error: number,
  expected: number,
  first: number,
  second: number,
  fraction: number,
): number {
  if (bit(first + ZERO + fraction, second + ZERO + fraction, error === 0 ? 1 : 0) === 1) return 0
  let negative = expected === 255
  if (expected > 0 && expected < 255)
    negative = bit(first + SIGN + fraction, second + SIGN + fraction, error < 0 ? 1 : 0) === 1
  const most = negative ? expected : 255 - expected
  const size = Math.abs(error)
  let coded = 1
  while (coded < most && coded <= COUNTED) {
    const place = SIZE + coded - 1
    if (bit(first + place, second + place, size > coded ? 1 : 0) === 0) return negative ? -coded : coded
    coded += 1
  }
  if (coded < most) coded += codeRest(bit, size - coded, most - coded, first, second)
  return negative ? -coded : coded
}

/** A number from 0 to `most` ≤ 236, plus 1: how many digits its binary form has, then those below the first. */
function codeRest(bit: BitCoder, rest: number, most: number, first: number, second: number): number {
  const wanted = 31 - Math.clz32(rest + 1)
  let digits = 0
  while (2 ** (digits + 1) <= most + 1) {
    const place = DIGITS + digits
    if (bit(first + place, second + place, wanted > digits ? 1 : 0) === 0) break
    digits += 1
  }
  let value = 1
  for (let digit = digits - 1; digit >= 0; digit--) {
    const place = VALUES + digit
    value = value * 2 + bit(first + place, second + place, ((rest + 1) >> digit) & 1 ? 1 : 0)
  }
  if (value - 1 > most) throw corrupt(WHERE, `${value - 1} more`, `0…${most}: a sample is at most 255`)
  return value - 1
}
