/** Fuzzing of rANS streams (SPEC 8): any bytes are choices, and choices come back. */
import { readExpGolomb, writeExpGolomb } from '../../format/expGolomb.js'
import {
  BIT_FREQUENCY,
  encodeRans,
  openRans,
  ransAdvance,
  ransBit,
  ransFinished,
  ransSlot,
  type RansDecoder,
} from '../../format/rans.js'
import { joinBytes } from '../../format/bytes.js'
import { PROBABILITY_ONE } from '../../engine/limits.js'
import { bytesOf, changed, drawsOf, once, pick, type Draw } from './draw.js'
import { equalBytes, hold, tagOf, type Target } from './target.js'

/** Before the stream: four bytes of which the frequencies are made, and how many choices there are. */
const PRELUDE = 5
/** Every so many choices a count follows, as behind an end leaf. */
const COUNT_EVERY = 4

/** Frequencies of one to three kinds of choices: alike, or all but one of 1. */
function tablesFrom(draw: Draw): Uint16Array[] {
  return Array.from({ length: 1 + draw(2) }, () => {
    const K = 2 + draw(pick(draw, [0, 6, 40]))
    const table = new Uint16Array(K).fill(1)
    let rest = PROBABILITY_ONE - K
    for (let k = 0; k < K; k++) {
      const share = k === K - 1 ? rest : draw(pick(draw, [0, 100, rest]))
      table[k] += Math.min(share, rest)
      rest -= Math.min(share, rest)
    }
    return table
  })
}

const openTables = (bytes: Uint8Array): Uint16Array[] =>
  tablesFrom(drawsOf(bytes[0] * 2 ** 24 + bytes[1] * 2 ** 16 + bytes[2] * 256 + bytes[3], 0))

/** Intervals as they are coded. */
type Coded = { starts: number[]; frequencies: number[] }

function make(draw: Draw): Uint8Array {
  const prelude = Uint8Array.of(draw(255), draw(255), draw(255), draw(255), draw(once(draw, 3) ? 255 : 20))
  if (once(draw, 3)) return joinBytes([prelude, bytesOf(draw, 60)])
  const tables = openTables(prelude)
  const coded: Coded = { starts: [], frequencies: [] }
  const put = (start: number, frequency: number): void => {
    coded.starts.push(start)
    coded.frequencies.push(frequency)
  }
  for (let i = 0; i < prelude[4]; i++) {
    const table = tables[i % tables.length]
    const k = draw(table.length - 1)
    put(
      table.subarray(0, k).reduce((sum, f) => sum + f, 0),
      table[k],
    )
    if (i % COUNT_EVERY === 0)
      writeExpGolomb(draw(pick(draw, [0, 9, 65535])), (bit) => put(bit * BIT_FREQUENCY, BIT_FREQUENCY))
  }
  const stream = encode(coded)
  return joinBytes([prelude, once(draw, 2) ? changed(draw, stream) : stream])
}

const encode = ({ starts, frequencies }: Coded): Uint8Array =>
  encodeRans(Uint16Array.from(starts), Uint16Array.from(frequencies), starts.length)

/** All choices and counts until the stream is exhausted. */
function decode(stream: Uint8Array, tables: readonly Uint16Array[], count: number) {
  const decoder = openRans(stream)
  const coded: Coded = { starts: [], frequencies: [] }
  const put = (start: number, frequency: number): void => {
    coded.starts.push(start)
    coded.frequencies.push(frequency)
    check(decoder)
  }
  const nextBit = (): number => {
    const bit = ransBit(decoder)
    if (bit >= 0) put(bit * BIT_FREQUENCY, BIT_FREQUENCY)
    return bit
  }
  for (let i = 0; i < count && !decoder.exhausted; i++) {
    const table = tables[i % tables.length]
    const slot = ransSlot(decoder)
    let [k, start] = [0, 0]
    while (start + table[k] <= slot) start += table[k++]
    hold(k < table.length, 'every slot is that of a choice')
    ransAdvance(decoder, start, table[k])
    put(start, table[k])
    if (i % COUNT_EVERY === 0 && !decoder.exhausted) readExpGolomb(nextBit)
  }
  return { coded, decoder }
}

function check({ state, offset, exhausted, data }: RansDecoder): void {
  hold(offset <= data.length, 'nothing is read behind the stream')
  hold(exhausted || state >>> 16 > 0, 'the state stays in 2^16…2^32 − 1')
}

function run(bytes: Uint8Array): string {
  if (bytes.length < PRELUDE) return 'nothing'
  const tables = openTables(bytes)
  const count = bytes[4]
  const stream = bytes.subarray(PRELUDE)
  try {
    const { coded, decoder } = decode(stream, tables, count)
    checkPrefix(stream, tables, count, coded)
    if (!ransFinished(decoder)) return decoder.exhausted ? 'exhausted' : 'more'
    hold(equalBytes(encode(coded), stream), 'choices of a finished stream are coded as it is')
    return 'finished'
  } catch (error) {
    return tagOf(error)
  }
}

/** Half of a stream gives the first of its choices. */
function checkPrefix(stream: Uint8Array, tables: readonly Uint16Array[], count: number, whole: Coded): void {
  const { coded } = decode(stream.subarray(0, stream.length >> 1), tables, count)
  hold(
    coded.starts.every((start, i) => start === whole.starts[i] && coded.frequencies[i] === whole.frequencies[i]),
    'a prefix of a stream decodes to a prefix of its choices',
  )
}

export const rans: Target = { name: 'rans', bound: 1000, make, run }
