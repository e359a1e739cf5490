/** Fuzzing of what reads EXIF, TIFF and XMP: no bytes bring it down, and what it promises of its results holds. */
import { joinBytes, uint32Bytes } from '../../format/bytes.js'
import { unpackBytes } from '../../format/packed.js'
import { uprightExif, withoutGps } from '../../node/metadata/exif.js'
import { childOf, fieldOf, openTiff, readIfd, Tag } from '../../node/metadata/ifd.js'
import { exifOfTiff, tiffWith } from '../../node/metadata/tiff.js'
import { uprightXmp, withoutGpsProperties } from '../../node/metadata/xmp.js'
import { anyNumber, bytesOf, changed, once, pick, type Draw } from './draw.js'
import { attempt, equalBytes, hold, type Target } from './target.js'

/** Readers of XMP, by their places among `READERS`. */
const XMP = [4, 5]

/** A list of fields, in the byte order of the structure. */
type Row = readonly [tag: number, type: number, count: number, value: number]

const TAGS = [Tag.orientation, Tag.exif, Tag.gps, Tag.interoperability, Tag.pixelWidth, Tag.xmp, 0x010f, 0x0100, 0x0111]

/**
 * A structure of up to four lists that lead to each other, as they should or in rings; values within and without.
 */
function anyExif(draw: Draw): Uint8Array {
  const little = draw(1) === 1
  const counts = Array.from({ length: 1 + draw(3) }, () => draw(5))
  const starts: number[] = []
  let end = 8
  for (const count of counts) {
    starts.push(end)
    end += 2 + 12 * count + 4
  }
  const value = (): number => pick(draw, [pick(draw, starts), 1 + draw(7), draw(end + 40), anyNumber(draw)])
  const row = (): Row => {
    const tag = once(draw, 5) ? draw(65535) : pick(draw, TAGS)
    const leads = tag === Tag.exif || tag === Tag.gps || tag === Tag.interoperability
    if (leads && !once(draw, 5)) return [tag, 4, 1, pick(draw, starts)]
    return [tag, once(draw, 9) ? draw(255) : draw(13), once(draw, 9) ? anyNumber(draw) : draw(3), value()]
  }
  const number = (size: 2 | 4, given: number): number[] => {
    const bytes = uint32Bytes(given >>> 0).slice(4 - size)
    return little ? bytes.reverse() : bytes
  }
  const list = (count: number): number[] => [
    ...number(2, once(draw, 30) ? draw(65535) : count),
    ...Array.from({ length: count }, row).flatMap(([tag, type, values, first]) => [
      ...number(2, tag),
      ...number(2, type),
      ...number(4, values),
      // A SHORT stands in the first two bytes.
      ...(type === 3 && values === 1 ? [...number(2, first & 65535), 0, 0] : number(4, first)),
    ]),
    ...number(4, once(draw, 3) ? pick(draw, [...starts, draw(end)]) : 0),
  ]
  return joinBytes([
    little ? [0x49, 0x49, 42, 0] : [0x4d, 0x4d, 0, 42],
    number(4, once(draw, 30) ? anyNumber(draw) : 8),
    ...counts.map(list),
    bytesOf(draw, 60),
  ])
}

const FRAGMENTS = [
  '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
  ' xmlns:exif="http://ns.adobe.com/exif/1.0/"',
  " xmlns:e.x-i='http://ns.adobe.com/exif/1.0/'",
  ' xmlns:tiff="http://ns.adobe.com/tiff/1.0/"',
  '<rdf:Description',
  '>',
  '/>',
  '<exif:GPSLatitude>10,30N</exif:GPSLatitude>',
  '<exif:GPSAltitude',
  '</exif:GPSAltitude>',
  ' exif:GPSVersionID="2.2.0.0"',
  " exif:GPSTimeStamp = '1\">'",
  '<tiff:Orientation>6</tiff:Orientation>',
  ' tiff:Orientation="8"',
  '<tiff:Orientation  a="',
  ' latitude ',
  '<exif:Flash>0</exif:Flash>',
  '\0',
  '\u00fc',
]

const anyXmp = (draw: Draw): Uint8Array =>
  new TextEncoder().encode(Array.from({ length: draw(14) }, () => pick(draw, FRAGMENTS)).join(''))

function make(draw: Draw): Uint8Array {
  const reader = draw(READERS.length - 1)
  const bytes = XMP.includes(reader) ? anyXmp(draw) : anyExif(draw)
  return joinBytes([[reader], once(draw, 3) ? changed(draw, bytes) : bytes])
}

function run(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'nothing'
  return READERS[bytes[0] % READERS.length](bytes.subarray(1))
}

/** The main list of a structure, or null. */
function mainOf(bytes: Uint8Array) {
  const tiff = openTiff(bytes)
  const main = tiff && readIfd(tiff, tiff.first)
  return tiff && main && { tiff, main }
}

function upright(bytes: Uint8Array): string {
  const out = uprightExif(bytes, { width: 7, height: 5 })
  hold(out.length === bytes.length, 'EXIF stays as long as it is')
  return equalBytes(out, bytes) ? 'kept' : 'changed'
}

function placeless(bytes: Uint8Array): string {
  const out = withoutGps(bytes)
  if (out === null) return 'refused'
  hold(out.length === bytes.length, 'EXIF stays as long as it is')
  const found = mainOf(out)
  hold(found !== null, 'EXIF without a place is EXIF')
  const { tiff, main } = found!
  for (const list of [main, childOf(tiff, main, Tag.exif)])
    hold(fieldOf(list, Tag.gps) === undefined || childOf(tiff, list, Tag.gps) === null, 'no list leads to a place')
  return equalBytes(out, bytes) ? 'kept' : 'changed'
}

function ofTiff(bytes: Uint8Array): string {
  const out = exifOfTiff(bytes)
  if (out === null) return 'none'
  const found = mainOf(out)
  hold(found !== null && found.main.damaged.length === 0, 'EXIF that was put together is sound')
  return 'changed'
}

/** One grey pixel in one strip, as a writer lays it out: 8 header, 10 list of 8 fields, 112 end; the pixel is in the header. */
const PIXEL = joinBytes([
  [0x49, 0x49, 42, 0, 10, 0, 0, 0, 200, 0, 8, 0],
  ...(
    [
      [256, 3, 1, 1],
      [257, 3, 1, 1],
      [258, 3, 1, 8],
      [259, 3, 1, 1],
      [262, 3, 1, 1],
      [273, 4, 1, 8],
      [277, 3, 1, 1],
      [279, 4, 1, 1],
    ] as const
  ).map(([tag, type, count, value]) => [tag & 255, tag >> 8, type, 0, count, 0, 0, 0, value, 0, 0, 0]),
  [0, 0, 0, 0],
])

function intoTiff(bytes: Uint8Array): string {
  const out = tiffWith(PIXEL, { exif: bytes, xmp: bytes.subarray(0, 9) })
  const found = mainOf(out)
  hold(found !== null, 'a TIFF with metadata is a TIFF')
  const { tiff, main } = found!
  const strip = fieldOf(main, 273)
  hold(strip !== undefined, 'it has its strip')
  hold(out[tiff.view.getUint32(strip!.valueAt, tiff.little)] === 200, 'which is the pixel')
  return 'file'
}

function xmpUpright(bytes: Uint8Array): string {
  const out = uprightXmp(bytes)
  hold(out.length === bytes.length, 'XMP stays as long as it is')
  hold(equalBytes(uprightXmp(out), out), 'once is enough')
  return equalBytes(out, bytes) ? 'kept' : 'changed'
}

function xmpPlaceless(bytes: Uint8Array): string {
  const out = withoutGpsProperties(bytes)
  if (out === null) return 'refused'
  hold(!/latitude|longitude/i.test(new TextDecoder().decode(out)), 'no latitude is left')
  hold(equalBytes(withoutGpsProperties(out) ?? bytes, out), 'once is enough')
  return equalBytes(out, bytes) ? 'kept' : 'changed'
}

const packed = (bytes: Uint8Array): string => attempt(() => unpackBytes(bytes, 'the EXIF')).tag ?? 'bytes'

/** The first byte says who reads the rest. */
const READERS: readonly ((bytes: Uint8Array) => string)[] = [
  upright,
  placeless,
  ofTiff,
  intoTiff,
  xmpUpright,
  xmpPlaceless,
  packed,
]

export const metadata: Target = { name: 'metadata', bound: 1000, make, run }
