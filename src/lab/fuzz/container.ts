/** Fuzzing of the file around the streams (SPEC 3): header, chunks, alpha, metadata. No model is asked. */
import { unpackBesides } from '../../codec/beside.js'
import { readFile, writeFile, type DdnFile } from '../../format/file.js'
import { writeHeader } from '../../format/header.js'
import { changed, once, type Draw } from './draw.js'
import { anyChunks, anyHeader, rawFile } from './rawFile.js'
import { attempt, equalBytes, hold, type Target } from './target.js'

function make(draw: Draw): Uint8Array {
  const header = anyHeader(draw)
  const chunks = anyChunks(draw, header)
  const bytes = rawFile(draw, header, chunks)
  return once(draw, 4) ? changed(draw, bytes) : bytes
}

function run(bytes: Uint8Array): string {
  const whole = attempt(() => readFile(bytes))
  const partial = attempt(() => readFile(bytes, { partial: true }))
  if (whole.value !== null) {
    checkWhole(bytes, whole.value)
    hold(partial.value !== null, 'a whole file is read with partial too')
  } else if (whole.tag !== 'Truncated') {
    hold(partial.tag === whole.tag, 'partial decoding forgives nothing but the end')
  }
  const file = partial.value
  if (file === null) return partial.tag
  for (const { data } of file.streams) hold(data.buffer === bytes.buffer || data.length === 0, 'streams are views')
  const besides = attempt(() => unpackBesides(file.beside, file.header))
  const pixels = file.header.width * file.header.height
  hold((besides.value?.alpha?.length ?? pixels) === pixels, 'alpha has a byte a pixel')
  return besides.tag ?? (whole.value === null ? 'cut' : 'file')
}

/** There is one way to write a header, and one a chunk: what is read is written again as it was. */
function checkWhole(bytes: Uint8Array, { header, streams, beside }: DdnFile): void {
  const start = writeHeader(header)
  hold(equalBytes(start, bytes.subarray(0, start.length)), 'the header is written as it was read')
  const data = streams.map((stream) => stream.data)
  const again = readFile(writeFile(header, data, beside))
  hold(
    again.streams.every((stream, i) => equalBytes(stream.data, data[i])),
    'streams are read as they are written',
  )
}

export const container: Target = { name: 'container', bound: 2000, make, run }
