import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BIT_FREQUENCY,
  encodeRans,
  fewestRansBytes,
  openRans,
  ransAdvance,
  ransBit,
  ransFinished,
  ransSlot,
} from '../../src/format/rans.js'
import { hex, unhex } from './samples.js'

type Symbols = [start: number, frequency: number][]

const encode = (symbols: Symbols) =>
  encodeRans(
    Uint16Array.from(symbols, ([start]) => start),
    Uint16Array.from(symbols, ([, frequency]) => frequency),
    symbols.length,
  )

/** How many of the symbols a stream decodes to; the slot must lie within each. */
function decode(data: Uint8Array, symbols: Symbols) {
  const decoder = openRans(data)
  let decoded = 0
  for (const [start, frequency] of symbols) {
    if (decoder.exhausted) break
    const slot = ransSlot(decoder)
    expect(slot).toBeGreaterThanOrEqual(start)
    expect(slot).toBeLessThan(start + frequency)
    ransAdvance(decoder, start, frequency)
    decoded++
  }
  return { decoded, decoder }
}

test('a literal stream', () => {
  // 2^16 → 1: (65536/8192)·32768 + 8192 = 0x42000; 0 of 1/2: (0x42000/16384)·32768 + 8192 = 0x82000
  expect(hex(encode([[0, 16384], [8192, 8192]]))).toBe('00082000')
  // Frequency 1 multiplies the state by 2^15: word 0x0000 leaves first, 1·32768 + 5 follows
  expect(hex(encode([[5, 1]]))).toBe('80000005')
  expect(hex(encode([[0, 1], [5, 1]]))).toBe('400000000005')
})

test('no symbols are no bytes: finished, and nothing to decode', () => {
  const decoder = openRans(encode([]))
  expect(decoder).toMatchObject({ exhausted: true, offset: 0 })
  expect(ransFinished(decoder)).toBe(true)
})

test('certain symbols cost nothing', () => {
  const symbols: Symbols = Array.from({ length: 1000 }, () => [0, 32768])
  const { decoded, decoder } = decode(encode(symbols), symbols)
  expect([decoded, decoder.data.length, ransFinished(decoder)]).toEqual([1000, 4, true])
})

test('fewer than 4 bytes hold no symbol and are not finished', () => {
  for (const bytes of ['00', '0001', '000100']) {
    const decoder = openRans(unhex(bytes))
    expect([decoder.exhausted, ransFinished(decoder)]).toEqual([true, false])
  }
})

test('a first state below 2^16 is Corrupt', () => {
  expect(() => openRans(unhex('0000ffff'))).toThrow('damaged: a rANS state is 65535')
  expect(openRans(unhex('00010000')).exhausted).toBe(false)
})

test('an odd last byte is no word, and not finished', () => {
  const symbols: Symbols = [[0, 1], [5, 1]]
  const data = encode(symbols)
  expect(decode(data.subarray(0, 5), symbols)).toMatchObject({ decoded: 1, decoder: { exhausted: true } })
  const { decoder } = decode(Uint8Array.of(...data, 0), symbols)
  expect([decoder.exhausted, ransFinished(decoder)]).toEqual([false, false])
})

test('an interval that is empty or too wide is refused', () => {
  expect(() => encode([[0, 0]])).toThrow('rANS interval')
  expect(() => encode([[1, 32768]])).toThrow('rANS interval')
})

test('raw bits return', () => {
  fc.assert(fc.property(fc.array(fc.nat(1)), (bits) => {
    const decoder = openRans(encode(bits.map((bit) => [bit * BIT_FREQUENCY, BIT_FREQUENCY])))
    expect(bits.map(() => ransBit(decoder))).toEqual(bits)
    expect(ransFinished(decoder)).toBe(true)
  }))
  expect(ransBit(openRans(new Uint8Array(0)))).toBe(-1)
})

/** Any table: cuts of 0…2^15 into intervals, narrow and wide ones. */
const anyInterval = fc.tuple(fc.nat(32767), fc.integer({ min: 0, max: 15 }), fc.nat(32767)).map(
  ([start, level, width]): [number, number] => [start, 1 + Math.min(width >> level, 32767 - start)])
const anySymbols = fc.array(anyInterval, { maxLength: 200 })

test('any symbols of any tables return, and the stream is finished', () => {
  fc.assert(fc.property(anySymbols, (symbols) => {
    const { decoded, decoder } = decode(encode(symbols), symbols)
    expect(decoded).toBe(symbols.length)
    expect(ransFinished(decoder)).toBe(true)
    if (symbols.length > 0) expect(decoder.exhausted).toBe(false)
  }))
})

test('any choices among the tables that a decoder searches return', () => {
  const anyTable = fc.uniqueArray(fc.integer({ min: 1, max: 32767 }), { maxLength: 20 }).map((cuts) =>
    [0, ...cuts.sort((a, b) => a - b), 32768])
  const anyChoice = anyTable.chain((table) => fc.tuple(fc.constant(table), fc.nat(table.length - 2)))
  fc.assert(fc.property(fc.array(anyChoice), (choices) => {
    const width = (table: number[], k: number) => table[k + 1]! - table[k]!
    const decoder = openRans(encode(choices.map(([table, k]) => [table[k]!, width(table, k)])))
    for (const [table, k] of choices) {
      const slot = ransSlot(decoder)
      const found = table.findLastIndex((start) => start <= slot)
      expect(found).toBe(k)
      ransAdvance(decoder, table[found]!, width(table, found))
    }
    expect(ransFinished(decoder)).toBe(true)
  }))
})

test('the state is that of the definition in BigInt', () => {
  fc.assert(fc.property(anySymbols.filter((symbols) => symbols.length > 0), (symbols) => {
    let state = 1n << 16n
    let words = ''
    for (const [start, frequency] of symbols.toReversed()) {
      const f = BigInt(frequency)
      while (state >= f << 17n) {
        words = (state & 0xffffn).toString(16).padStart(4, '0') + words
        state >>= 16n
      }
      state = ((state / f) << 15n) + (state % f) + BigInt(start)
    }
    expect(hex(encode(symbols))).toBe(state.toString(16).padStart(8, '0') + words)
  }))
})

test('every prefix decodes the first symbols and stops exhausted', () => {
  fc.assert(fc.property(anySymbols.filter((symbols) => symbols.length > 0), (symbols) => {
    const data = encode(symbols)
    let before = 0
    for (let length = 0; length < data.length; length++) {
      const { decoded, decoder } = decode(data.subarray(0, length), symbols) // checks each symbol
      expect(decoder.exhausted).toBe(true)
      expect(ransFinished(decoder)).toBe(length === 0) // 0 bytes are the stream of no symbols
      expect(decoded).toBeGreaterThanOrEqual(before) // more bytes, no fewer symbols
      before = decoded
    }
  }))
})

test('arbitrary bytes decode to something and stay within their bounds', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), anySymbols, (data, tables) => {
    data[0]! |= 1 // a legal first state
    const decoder = openRans(data)
    for (const [cut] of tables) {
      if (decoder.exhausted) break
      const [start, end] = ransSlot(decoder) < cut ? [0, cut] : [cut, 32768]
      ransAdvance(decoder, start, end - start)
      expect(decoder.offset).toBeLessThanOrEqual(data.length)
      if (!decoder.exhausted) expect(decoder.state >>> 0).toBeGreaterThanOrEqual(65536)
    }
  }))
})

test('the length is the information, within 1 % and 6 bytes', () => {
  fc.assert(fc.property(anySymbols.filter((symbols) => symbols.length > 0), (symbols) => {
    const bits = symbols.reduce((sum, [, frequency]) => sum + 15 - Math.log2(frequency), 0)
    const { length } = encode(symbols)
    expect(8 * length).toBeGreaterThanOrEqual(bits - 1e-6)
    expect(8 * length).toBeLessThanOrEqual(1.01 * bits + 48)
  }))
})

test('no stream is shorter than its fewest bytes', () => {
  expect(fewestRansBytes([])).toBe(0)
  expect(fewestRansBytes([{ choices: 0, K: 5 }])).toBe(0)
  expect(fewestRansBytes([{ choices: 1, K: 5 }])).toBe(4)
  expect(fewestRansBytes([{ choices: 2 ** 24, K: 2 }])).toBe(48)
  fc.assert(fc.property(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 2, max: 512 }), (choices, K) => {
    // The most probable that a choice among K can be, and its interval at the start, where it costs least.
    const starts = new Uint16Array(choices)
    const frequencies = new Uint16Array(choices).fill(32768 - K + 1)
    const { length } = encodeRans(starts, frequencies, choices)
    expect(length).toBeGreaterThanOrEqual(fewestRansBytes([{ choices, K }]))
  }))
})
