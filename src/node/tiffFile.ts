/** A TIFF without compression, written row by row: what sharp reads strip by strip, where it would hold raw samples whole. */
import { closeSync, openSync, writeSync } from 'node:fs'

const ROWS_PER_STRIP = 16
/** Types of fields (TIFF 6.0, 2). */
const SHORT = 3
const LONG = 4

export type Samples = Readonly<{ width: number; height: number; channels: 1 | 3 }>

/**
 * Begins a file; its size is known beforehand.
 * @param samples channels: 1 of grey, 3 of sRGB
 * @returns write: takes whole rows, or parts of them, in their order
 * @throws the system's error
 * @example const tiff = createTiff('/tmp/samples.tif', { width: 2, height: 1, channels: 3 })
 *   tiff.write(Uint8Array.of(1, 2, 3, 4, 5, 6))
 */
export function createTiff(path: string, samples: Samples): { write(samples: Uint8Array): void; close(): void } {
  const file = openSync(path, 'wx')
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
  }
  write(headerOf(samples))
  return { write, close: () => closeSync(file) }
}

/** Header, directory, and the numbers that do not fit into it; the samples follow. */
function headerOf(samples: Samples): Buffer {
  const bytes = 8 + layOut(samples, 0).length
  const start = Buffer.from('II*\0\b\0\0\0', 'latin1') // least significant byte first; the directory is at byte 8
  return Buffer.concat([start, layOut(samples, bytes)])
}

/** @param first byte of the samples */
function layOut({ width, height, channels }: Samples, first: number): Buffer {
  const row = width * channels
  const sizes = Array.from({ length: Math.ceil(height / ROWS_PER_STRIP) }, (_, strip) => {
    return row * Math.min(ROWS_PER_STRIP, height - strip * ROWS_PER_STRIP)
  })
  const fields: readonly (readonly [tag: number, type: number, values: readonly number[]])[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, new Array<number>(channels).fill(8)], // bits a sample
    [259, SHORT, [1]], // not compressed
    [262, SHORT, [channels === 3 ? 2 : 1]], // RGB, or grey of which 0 is black
    [273, LONG, sizes.map((_, strip) => first + strip * ROWS_PER_STRIP * row)],
    [277, SHORT, [channels]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG, sizes],
  ]
  const directory = Buffer.alloc(2 + 12 * fields.length + 4)
  directory.writeUInt16LE(fields.length, 0)
  const beyond: Buffer[] = []
  let next = 8 + directory.length
  fields.forEach(([tag, type, values], index) => {
    const at = 2 + 12 * index
    const numbers = Buffer.alloc(Math.max(4, values.length * (type === LONG ? 4 : 2)))
    values.forEach((value, i) =>
      type === LONG ? numbers.writeUInt32LE(value, 4 * i) : numbers.writeUInt16LE(value, 2 * i),
    )
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(values.length, at + 4)
    if (numbers.length === 4) return void numbers.copy(directory, at + 8)
    directory.writeUInt32LE(next, at + 8)
    beyond.push(numbers)
    next += numbers.length
  })
  return Buffer.concat([directory, ...beyond])
}
