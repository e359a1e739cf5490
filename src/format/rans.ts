/**
 * rANS (SPEC 8): 15-bit frequencies, one 32-bit state in [2^16, 2^32), 16-bit words, most significant byte first.
 * The encoder runs backwards, so that the decoder runs forwards and any prefix of a stream decodes.
 * States are kept as int32: the patterns are those of uint32, and engines keep them out of the heap.
 */
import { PROBABILITY_ONE } from '../engine/limits.js'
import { DdncError } from '../errors.js'

/** PROBABILITY_ONE is 2^15. */
const PROBABILITY_BITS = 15
/** Frequency of either value of a raw bit; bit b starts at b · BIT_FREQUENCY. */
export const BIT_FREQUENCY = PROBABILITY_ONE / 2

const SLOT_MASK = PROBABILITY_ONE - 1
const STATE_MIN = 1 << 16
const STATE_BYTES = 4

/**
 * Codes `count` symbols. No symbols are 0 bytes; otherwise at least the 4 bytes of the state.
 * @param starts Uint16Array[≥ count], sum of the frequencies before the symbol's own
 * @param frequencies Uint16Array[≥ count], 1…2^15; start + frequency ≤ 2^15
 * @throws {DdncError} BadOption for an interval that is empty or leaves 2^15
 * @example encodeRans(Uint16Array.of(0), Uint16Array.of(16384), 1) // [0, 2, 0, 0]
 */
export function encodeRans(starts: Uint16Array, frequencies: Uint16Array, count: number): Uint8Array {
  if (count === 0) return new Uint8Array(0)
  const bytes = new Uint8Array(STATE_BYTES + 2 * count) // a symbol emits one word at most
  let offset = bytes.length
  let state = STATE_MIN
  const emit = (word: number) => {
    bytes[--offset] = word // stores word & 255
    bytes[--offset] = word >>> 8
  }
  for (let i = count - 1; i >= 0; i--) {
    const start = starts[i]
    const frequency = frequencies[i]
    if (frequency === 0 || start + frequency > PROBABILITY_ONE) throw badInterval(start, frequency)
    // The state must stay below 2^32 after the step: below 2^17 · frequency before it. At 2^15 it always is.
    if (state >>> 17 >= frequency) {
      emit(state)
      state >>>= 16
    }
    // Quotients are below 2^17 and at least 2^-15 from the next integer: the double division floors exactly.
    const quotient = ((state >>> 0) / frequency) | 0
    state = (quotient << PROBABILITY_BITS) + ((state - Math.imul(quotient, frequency)) | 0) + start
    state |= 0
  }
  emit(state)
  emit(state >>> 16)
  return bytes.slice(offset)
}

export type RansDecoder = {
  readonly data: Uint8Array
  /** Byte of the next word. */
  offset: number
  /** int32 with the pattern of the uint32 state. */
  state: number
  /** No further symbol may be decoded: the stream has lacked a word. */
  exhausted: boolean
}

/**
 * Fewer than 4 bytes are exhausted from the start.
 * @throws {DdncError} Corrupt for a first state below 2^16
 * @example const decoder = openRans(encodeRans(Uint16Array.of(0), Uint16Array.of(16384), 1))
 *   ransSlot(decoder) // 0: within the interval 0…16383
 */
export function openRans(data: Uint8Array): RansDecoder {
  if (data.length < STATE_BYTES) return { data, offset: 0, state: STATE_MIN, exhausted: true }
  const state = (data[0] << 24) | (data[1] << 16) | (data[2] << 8) | data[3]
  if (state >>> 16 === 0) {
    throw new DdncError({ tag: 'Corrupt', where: 'a rANS state', found: `${state}`, allowed: '65536…4294967295' })
  }
  return { data, offset: STATE_BYTES, state, exhausted: false }
}

/** Where the next symbol lies, 0…2^15 − 1: the one with start ≤ slot < start + frequency. */
export const ransSlot = (decoder: RansDecoder): number => decoder.state & SLOT_MASK

/**
 * Takes the symbol off the state. If that needs a word which is not there, `exhausted` is set: the symbol stands,
 * nothing after it may be decoded. An odd last byte is no word.
 * @param start start ≤ ransSlot(decoder) < start + frequency
 * @param frequency 1…2^15
 * @example ransAdvance(decoder, 0, 16384)
 */
export function ransAdvance(decoder: RansDecoder, start: number, frequency: number): void {
  const { state } = decoder
  // frequency · 2^17 ≤ 2^32 bounds the result, so wrapping products and sums are those of uint32.
  const next = (Math.imul(frequency, state >>> PROBABILITY_BITS) + (state & SLOT_MASK) - start) | 0
  if (next >>> 16 !== 0) {
    decoder.state = next
    return
  }
  const { data, offset } = decoder
  if (offset + 2 > data.length) {
    decoder.state = next
    decoder.exhausted = true
    return
  }
  decoder.state = (next << 16) | (data[offset] << 8) | data[offset + 1] // next ≥ 2: one word is enough
  decoder.offset = offset + 2
}

/**
 * After the last symbol of a complete stream: all bytes are read and the state is the encoder's first, 2^16.
 * An empty stream is finished before its first symbol, and exhausted too: it holds none. (A state that lacks a word is
 * below 2^16.)
 */
export const ransFinished = (decoder: RansDecoder): boolean =>
  decoder.offset === decoder.data.length && decoder.state === STATE_MIN

/**
 * Fewest bytes of a complete stream, before a decoder allocates for it: a choice among K has a frequency of at most
 * 2^15 − K + 1, so it takes the state x to x − floor(x / 2^15)·(K − 1) or less, at most x·(1 − (K − 1)/2^16). A word
 * makes it at most 3/2·2^16 times as large (x ≥ 2 before it), and it goes from below 2^32 to 2^16.
 * @param kinds numbers of choices among K each
 * @example fewestRansBytes([{ choices: 2 ** 24, K: 2 }]) // 48: 2^24·log2(e)/2^16 = 369 bits, of them 16 in the state
 */
export function fewestRansBytes(kinds: readonly Readonly<{ choices: number; K: number }>[]): number {
  let bits = 0
  let choices = 0
  for (const kind of kinds) {
    bits += (kind.choices * (kind.K - 1) * Math.LOG2E) / 2 ** 16
    choices += kind.choices
  }
  if (choices === 0) return 0
  const words = Math.ceil((bits - 16) / (16 + Math.log2(1.5)) - 1e-6) // doubles may be a little above
  return STATE_BYTES + 2 * Math.max(0, words)
}

/**
 * The next raw bit, 0 or 1, at probability 1/2; −1 if the stream is exhausted.
 * @example readExpGolomb(() => ransBit(decoder))
 */
export function ransBit(decoder: RansDecoder): number {
  if (decoder.exhausted) return -1
  const bit = ransSlot(decoder) >>> (PROBABILITY_BITS - 1)
  ransAdvance(decoder, bit * BIT_FREQUENCY, BIT_FREQUENCY)
  return bit
}

const badInterval = (start: number, frequency: number) =>
  new DdncError({
    tag: 'BadOption',
    option: 'rANS interval',
    found: `start ${start}, frequency ${frequency}`,
    allowed: `frequency 1…${PROBABILITY_ONE}, start + frequency ≤ ${PROBABILITY_ONE}`,
  })
