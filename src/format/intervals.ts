/** What an encoder has chosen, kept until its rANS stream is made: backwards, so at the end (SPEC 8.1). */
import { encodeRans } from './rans.js'

export type Intervals = Readonly<{
  /** @param start, frequency of 2^15, as `encodeRans` takes them */
  put(start: number, frequency: number): void
  /** Those put since the last stream; a view. */
  frequencies(): Uint16Array
  /** The stream of all of them, in the order of a decoder; then there are none. */
  stream(): Uint8Array
}>

/** @example const intervals = intervalList(); intervals.put(0, 2 ** 14); intervals.stream() */
export function intervalList(): Intervals {
  let starts = new Uint16Array(1 << 16)
  let frequencies = new Uint16Array(1 << 16)
  let count = 0
  return {
    put(start, frequency) {
      if (count === starts.length) [starts, frequencies] = [doubled(starts), doubled(frequencies)]
      starts[count] = start
      frequencies[count++] = frequency
    },
    frequencies: () => frequencies.subarray(0, count),
    stream() {
      const stream = encodeRans(starts, frequencies, count)
      count = 0
      return stream
    },
  }
}

function doubled(array: Uint16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(array.length * 2)
  larger.set(array)
  return larger
}
