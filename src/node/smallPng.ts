/** PNG files of small pictures (PNG specification, 5 and 11), without sharp: to load it would take most of their time. */
import { deflateSync } from 'node:zlib'
import { filterRows } from '../format/rowFilters.js'
import { pngChunk } from './metadata/write.js'

/** Pixels of the largest: there sharp is as fast, its start included. */
export const SMALL_PNG_PIXELS = 2 ** 16

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** Colour type by channels: grey, grey with alpha, RGB, RGB with alpha. */
const COLOUR_TYPE = { 1: 0, 2: 4, 3: 2, 4: 6 } as const

/**
 * A whole file, 8 bits a sample, without metadata.
 * @param samples [height, width, channels]
 * @example await writeFile('white.png', smallPng(Uint8Array.of(255), { width: 1, height: 1, channels: 1 }))
 */
export function smallPng(
  samples: Uint8Array,
  { width, height, channels }: Readonly<{ width: number; height: number; channels: 1 | 2 | 3 | 4 }>,
): Uint8Array {
  const header = Buffer.alloc(13) // compression, filter and interlace: method 0
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = COLOUR_TYPE[channels]
  const rows = filterRows(samples, width * channels, 'least', channels)
  return Buffer.concat([
    SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', new Uint8Array(0)),
  ])
}
