import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uprightXmp, withoutGpsProperties } from '../../../src/node/metadata/xmp.js'
import { SAMPLE_XMP } from './samples.js'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (xmp: Uint8Array | null) => xmp && Buffer.from(xmp).toString()

test('upright: the orientation is 1, the rest to the byte', () => {
  expect(text(uprightXmp(bytes(SAMPLE_XMP)))).toBe(SAMPLE_XMP.replace('Orientation="6"', 'Orientation="1"'))
  const element = SAMPLE_XMP.replace('tiff:Orientation="6"', '').replace(
    '<tiff:Make>',
    '<tiff:Orientation>8</tiff:Orientation><tiff:Make>',
  )
  expect(text(uprightXmp(bytes(element)))).toBe(element.replace('>8<', '>1<'))
})

test('without the place: properties as attributes, as elements, empty ones, and nothing else', () => {
  const changed = text(withoutGpsProperties(bytes(SAMPLE_XMP)))
  const expected = SAMPLE_XMP.replace(' exif:GPSLatitude="10,30.0N"', '')
    .replace('<exif:GPSLongitude>20,0.0E</exif:GPSLongitude>', '')
    .replace('<exif:GPSTimeStamp/>', '')
  expect(changed).toBe(expected)
})

test('another prefix for the same namespace', () => {
  const renamed = SAMPLE_XMP.replaceAll('exif:', 'e-x.1:').replaceAll('xmlns:exif', 'xmlns:e-x.1')
  expect(text(withoutGpsProperties(bytes(renamed)))).not.toContain('GPS')
})

test.each<[string, Uint8Array]>([
  [
    'a place by other names',
    bytes(SAMPLE_XMP.replace('<dc:title>', '<other:longitude>20</other:longitude><dc:title>')),
  ],
  ['UTF-16', new Uint8Array(Buffer.from(SAMPLE_XMP, 'utf16le'))],
  ['a property that does not end', bytes(SAMPLE_XMP.replace('</exif:GPSLongitude>', ''))],
  [
    'two halves of a property',
    bytes(SAMPLE_XMP.replace('</exif:GPSLongitude>', '</exif:GPSLongitude><exif:GPSAltitude</exif:GPSAltitude> a="1"')),
  ],
  ['no text', Uint8Array.of(0xff, 0xfe, 0xfd)],
])('%s: nobody can say that the place is out', (_, xmp) => {
  expect(withoutGpsProperties(xmp)).toBeNull()
})

test('no text is left alone', () => {
  const xmp = Uint8Array.of(0xff, 0xfe, 0xfd)
  expect(uprightXmp(xmp)).toBe(xmp)
})

test('arbitrary bytes are never an error', () => {
  const anyXmp = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .tuple(fc.nat(SAMPLE_XMP.length), fc.string(), fc.nat(SAMPLE_XMP.length))
      .map(([at, put, end]) => bytes((SAMPLE_XMP.slice(0, at) + put + SAMPLE_XMP.slice(at)).slice(0, end))),
  )
  fc.assert(
    fc.property(anyXmp, (xmp) => {
      expect(uprightXmp(xmp).length).toBe(xmp.length)
      expect(withoutGpsProperties(xmp)?.length ?? 0).toBeLessThanOrEqual(xmp.length)
    }),
  )
})
