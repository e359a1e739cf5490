/**
 * Bits whose probabilities follow what was coded (SPEC 12.3), over rANS. Each bit has two contexts; each context has two
 * probabilities that a bit is 0, in 1/2^16: one that counts, one that follows fast. The mean of the four is used.
 */
import { corrupt } from '../errors.js'
import { intervalList } from './intervals.js'
import { openRans, ransAdvance, ransFinished, ransSlot, type RansDecoder } from './rans.js'

const ONE = 2 ** 15
/** Bits after which a context's slow probability has its slowest rate, and that rate: 1/2^8 or nearly. */
const COUNTED = 255
const FAST_SHIFT = 5

/** Codes or decodes one bit: an encoder returns what it was given, a decoder what the stream holds. */
export type BitCoder = (first: number, second: number, bit: 0 | 1) => 0 | 1

type Contexts = Readonly<{ slow: Uint16Array; fast: Uint16Array; seen: Uint8Array }>

/** @param count of contexts */
function contexts(count: number): Contexts {
  const half = (): Uint16Array => new Uint16Array(count).fill(ONE)
  return { slow: half(), fast: half(), seen: new Uint8Array(count) }
}

/** Frequency of 0 in 2^15, 32…32,736: what is sure costs little, and what contradicts it not the world. */
function frequencyOf({ slow, fast }: Contexts, first: number, second: number): number {
  const sum = slow[first] + fast[first] + slow[second] + fast[second] // < 2^18
  return Math.min(ONE - 32, Math.max(32, sum >> 3))
}

function learn({ slow, fast, seen }: Contexts, context: number, bit: 0 | 1): void {
  const wanted = bit === 0 ? 65535 : 0
  const count = seen[context]
  // Truncated towards zero, as is every quotient here.
  slow[context] += Math.trunc((wanted - slow[context]) / (count + 1.5))
  fast[context] += (wanted - fast[context]) >> FAST_SHIFT
  if (count < COUNTED) seen[context] = count + 1
}

export type BitEncoder = Readonly<{
  bit: BitCoder
  /** The stream of the bits since the last one; what was learned stays. */
  finish(): Uint8Array
}>

/** @example const encoder = bitEncoder(2); encoder.bit(0, 1, 1); encoder.finish() */
export function bitEncoder(count: number): BitEncoder {
  const state = contexts(count)
  const intervals = intervalList()
  return {
    bit(first, second, bit) {
      const zero = frequencyOf(state, first, second)
      if (bit === 0) intervals.put(0, zero)
      else intervals.put(zero, ONE - zero)
      learn(state, first, bit)
      learn(state, second, bit)
      return bit
    },
    finish: intervals.stream,
  }
}

export type BitDecoder = Readonly<{
  bit: BitCoder
  /** Goes on with this stream. @throws {DdncError} Corrupt */
  open(stream: Uint8Array): void
  /** @throws {DdncError} Corrupt: the stream has more than was asked for */
  close(): void
}>

/**
 * @param where what the streams are, for errors
 * @example const decoder = bitDecoder(2, 'the residual'); decoder.open(stream); decoder.bit(0, 1, 0)
 */
export function bitDecoder(count: number, where: string): BitDecoder {
  const state = contexts(count)
  let rans: RansDecoder = openRans(new Uint8Array(0))
  return {
    bit(first, second) {
      if (rans.exhausted) throw corrupt(where, 'too short a stream', 'a bit for every choice')
      const zero = frequencyOf(state, first, second)
      const bit = ransSlot(rans) < zero ? 0 : 1
      if (bit === 0) ransAdvance(rans, 0, zero)
      else ransAdvance(rans, zero, ONE - zero)
      learn(state, first, bit)
      learn(state, second, bit)
      return bit
    },
    open(stream) {
      rans = openRans(stream)
    },
    close() {
      if (!ransFinished(rans))
        throw corrupt(where, 'too long a stream, or a damaged one', 'one that ends with its bits')
    },
  }
}
