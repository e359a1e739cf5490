/** Metadata into the files that sharp has written: each format has its own boxes for the same bytes. */
import { deflateSync } from 'node:zlib'
import { DdncError } from '../../errors.js'
import { crc32 } from '../../format/crc32.js'
import type { Metadata } from '../../index.js'
import type { PictureFormat } from '../formats.js'
import { tiffWith } from './tiff.js'

/**
 * @param file as `writePicture` has it from sharp, without metadata
 * @throws {DdncError} LimitExceeded: more than a JPEG holds
 * @example withMetadata(png, 'png', { exif })
 */
export function withMetadata(file: Uint8Array, format: PictureFormat, metadata: Metadata): Uint8Array {
  const { exif, xmp, icc } = metadata
  if (!exif && !xmp && !icc) return file
  switch (format) {
    case 'png':
      return pngWith(file, metadata)
    case 'jpeg':
      return jpegWith(file, metadata)
    case 'webp':
      return webpWith(file, metadata)
    case 'tiff':
      return tiffWith(file, metadata)
  }
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Chunks behind IHDR, which is 25 bytes behind the signature of 8 (PNG 11.3). */
function pngWith(file: Uint8Array, { exif, xmp, icc }: Metadata): Uint8Array {
  const chunks = [
    ...(icc ? [pngChunk('iCCP', Buffer.concat([latin1('ICC profile\0\0'), deflateSync(icc)]))] : []),
    ...(exif ? [pngChunk('eXIf', exif)] : []),
    // Keyword, not compressed, no language, no translation: what XMP asks for in a PNG.
    ...(xmp ? [pngChunk('iTXt', Buffer.concat([latin1('XML:com.adobe.xmp\0\0\0\0\0'), xmp]))] : []),
  ]
  return Buffer.concat([file.subarray(0, 33), ...chunks, file.subarray(33)])
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(type, 4, 'latin1')
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4)
  return chunk
}

/** Bytes of a segment of a JPEG, its length not counted. */
const SEGMENT = 65_533

/** Segments behind the JFIF header, or behind the start if there is none. */
function jpegWith(file: Uint8Array, { exif, xmp, icc }: Metadata): Uint8Array {
  const jfif = file[2] === 0xff && file[3] === 0xe0
  const start = jfif ? 4 + file[4] * 256 + file[5] : 2
  const segments = [
    ...(exif ? [jpegSegment(0xe1, 'Exif\0\0', exif, 'EXIF')] : []),
    ...(xmp ? [jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', xmp, 'XMP')] : []),
    ...(icc ? profileSegments(icc) : []),
  ]
  return Buffer.concat([file.subarray(0, start), ...segments, file.subarray(start)])
}

function jpegSegment(marker: number, name: string, data: Uint8Array, what: string): Buffer {
  const limit = SEGMENT - name.length
  if (data.length > limit) {
    const fault = { what: `the bytes of ${what} in a jpeg picture`, value: data.length, limit }
    throw new DdncError({ tag: 'LimitExceeded', ...fault })
  }
  const length = 2 + name.length + data.length
  return Buffer.concat([Uint8Array.of(0xff, marker, length >> 8, length & 255), latin1(name), data])
}

/** A profile may take several segments: each has its number and how many there are (ICC.1, B.4). */
function profileSegments(icc: Uint8Array): Buffer[] {
  const room = SEGMENT - 14
  const count = Math.ceil(icc.length / room)
  if (count > 255) {
    const fault = { what: 'the bytes of an ICC profile in a jpeg picture', value: icc.length, limit: 255 * room }
    throw new DdncError({ tag: 'LimitExceeded', ...fault })
  }
  return Array.from({ length: count }, (_, i) => {
    const name = `ICC_PROFILE\0${String.fromCharCode(i + 1, count)}`
    return jpegSegment(0xe2, name, icc.subarray(i * room, (i + 1) * room), 'an ICC profile')
  })
}

/** Flags of the chunk that tells what else is there (WebP container, extended format). */
const WEBP = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const

/** sharp writes one chunk, of the lossless kind: VP8X and the profile stand before it, the rest behind it. */
function webpWith(file: Uint8Array, { exif, xmp, icc }: Metadata): Uint8Array {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  // VP8L: signature 2f, then 14 bits of width − 1, 14 bits of height − 1, one bit of alpha.
  const sizes = bytes.readUInt32LE(21)
  const about = Buffer.alloc(10)
  const alpha = (sizes >>> 28) & 1
  about[0] = (icc ? WEBP.icc : 0) | (alpha ? WEBP.alpha : 0) | (exif ? WEBP.exif : 0) | (xmp ? WEBP.xmp : 0)
  about.writeUIntLE(sizes & 0x3fff, 4, 3)
  about.writeUIntLE((sizes >>> 14) & 0x3fff, 7, 3)
  const body = Buffer.concat([
    latin1('WEBP'),
    riffChunk('VP8X', about),
    ...(icc ? [riffChunk('ICCP', icc)] : []),
    bytes.subarray(12),
    ...(exif ? [riffChunk('EXIF', exif)] : []),
    ...(xmp ? [riffChunk('XMP ', xmp)] : []),
  ])
  return riffChunk('RIFF', body)
}

function riffChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(8 + data.length + (data.length % 2))
  chunk.write(type, 0, 'latin1')
  chunk.writeUInt32LE(data.length, 4)
  chunk.set(data, 8)
  return chunk
}
