/** Samples in a file that sharp has written, in the form of libvips: a header of 64 bytes, then they are as they are. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { PixelSource } from '../codec/pixels.js'

const HEADER = 64
/** Bytes read at once to look at all samples. */
const BLOCK = 2 ** 22

export type RawSource = PixelSource & Readonly<{ close(): void }>

/**
 * Opens what sharp has written with the extension `.v`. A picture that is grey throughout has one component.
 * @param info channels: 3, or 4 of which the last is alpha
 * @returns null if the picture has transparent parts
 * @throws the system's error
 * @example const source = openRaw('/tmp/samples.v', await sharp(bytes).toFile('/tmp/samples.v'))
 */
export function openRaw(
  path: string,
  { width, height, channels }: Readonly<{ width: number; height: number; channels: number }>,
): RawSource | null {
  const file = openSync(path, 'r')
  const { isGrey, isOpaque } = lookOver(file, width * height, channels)
  if (!isOpaque) {
    closeSync(file)
    return null
  }
  const components = isGrey ? 1 : 3
  return {
    width,
    height,
    components,
    // Synchronous: a row of a tile is a few kilobytes, and a promise for each would take longer than all of them.
    read(area) {
      const out = new Uint8Array(area.width * area.height * components)
      const row = Buffer.alloc(area.width * channels)
      for (let y = 0; y < area.height; y++) {
        readFully(file, row, HEADER + ((area.y + y) * width + area.x) * channels)
        const to = y * area.width * components
        if (components === channels) out.set(row, to)
        else
          for (let x = 0; x < area.width; x++)
            for (let c = 0; c < components; c++) out[to + x * components + c] = row[x * channels + c]
      }
      return out
    },
    close: () => closeSync(file),
  }
}

function lookOver(file: number, pixels: number, channels: number): { isGrey: boolean; isOpaque: boolean } {
  const step = Math.floor(BLOCK / channels)
  const block = Buffer.alloc(step * channels)
  let [isGrey, isOpaque] = [true, true]
  for (let from = 0; from < pixels && (isGrey || (channels === 4 && isOpaque)); from += step) {
    const part = block.subarray(0, Math.min(step, pixels - from) * channels)
    readFully(file, part, HEADER + from * channels)
    for (let at = 0; at < part.length; at += channels) {
      if (part[at] !== part[at + 1] || part[at] !== part[at + 2]) isGrey = false
      if (channels === 4 && part[at + 3] !== 255) isOpaque = false
    }
  }
  return { isGrey, isOpaque }
}

function readFully(file: number, into: Buffer, position: number): void {
  for (let done = 0; done < into.length;) {
    const read = readSync(file, into, done, into.length - done, position + done)
    if (read === 0) throw new Error('a temporary file of samples is shorter than it was')
    done += read
  }
}
