import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { exifOfTiff, tiffWith } from '../../../src/node/metadata/tiff.js'
import { fieldOf, childOf, openTiff, readIfd, Tag } from '../../../src/node/metadata/ifd.js'
import { sampleExif } from './samples.js'

const samples = Uint8Array.from({ length: 31 * 17 * 3 }, (_, at) => (at * 7919) % 251)
const plain = await sharp(samples, { raw: { width: 31, height: 17, channels: 3 } })
  .tiff({ compression: 'deflate', predictor: 'horizontal' })
  .toBuffer()
const xmp = new Uint8Array(Buffer.from('<x:xmpmeta/>'))

/** Tags of the main list, of the details, of the place, with their values as hex. */
function fieldsOf(bytes: Uint8Array) {
  const tiff = openTiff(bytes)!
  const main = readIfd(tiff, tiff.first)!
  const show = (ifd: typeof main | null) =>
    Object.fromEntries(
      (ifd?.fields ?? []).map(({ tag, valueAt, size }) => [
        tag,
        Buffer.from(bytes).toString('hex', valueAt, valueAt + size),
      ]),
    )
  return { main: show(main), details: show(childOf(tiff, main, Tag.exif)), place: show(childOf(tiff, main, Tag.gps)) }
}

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('with %s EXIF', (_, little) => {
  const exif = sampleExif(little)

  test('pixels, XMP and every field are there', async () => {
    const file = tiffWith(plain, { exif, xmp })
    expect((await sharp(file).raw().toBuffer()).equals(samples)).toBe(true)
    const meta = await sharp(file).metadata()
    expect(meta).toMatchObject({ width: 31, height: 17, orientation: 6 })
    expect(Uint8Array.from(meta.xmp!)).toEqual(xmp)
    const [before, after] = [fieldsOf(exif), fieldsOf(file)]
    expect(after.details).toEqual(before.details)
    expect(after.place).toEqual(before.place)
    for (const tag of [0x010f, 0x0112, 0x011a]) expect(after.main[tag]).toBe(before.main[tag])
  })

  test('the EXIF stands where its offsets hold', () => {
    expect([...tiffWith(plain, { exif }).subarray(8, exif.length)]).toEqual([...exif.subarray(8)])
  })

  test('read again it has the same fields', () => {
    const again = fieldsOf(exifOfTiff(tiffWith(plain, { exif, xmp }))!)
    expect(again.details).toEqual(fieldsOf(exif).details)
    expect(again.place).toEqual(fieldsOf(exif).place)
    // And the one resolution that every TIFF has to have.
    expect(Object.keys(again.main).sort()).toEqual([...Object.keys(fieldsOf(exif).main), String(0x011b)].sort())
  })
})

test('a profile is one of sharp again', async () => {
  const icc = (
    await sharp(samples, { raw: { width: 31, height: 17, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer()
      .then((png) => sharp(png).metadata())
  ).icc!
  const file = tiffWith(plain, { icc })
  expect((await sharp(file).metadata()).icc!.equals(icc)).toBe(true)
  expect((await sharp(file, { ignoreIcc: true }).raw().toBuffer()).equals(samples)).toBe(true)
})

test('a plain TIFF tells nothing, nor does what is none', () => {
  expect(exifOfTiff(plain)).toBeNull()
  expect(exifOfTiff(new Uint8Array(0))).toBeNull()
  expect(exifOfTiff(new Uint8Array(Buffer.from('not a TIFF')))).toBeNull()
})

test('damaged EXIF is left out, the picture is not', async () => {
  const file = tiffWith(plain, { exif: new Uint8Array(Buffer.from('no EXIF')), xmp })
  expect((await sharp(file).raw().toBuffer()).equals(samples)).toBe(true)
})

test('arbitrary structures are never an error, lists in a ring neither', () => {
  const anyExif = fc
    .tuple(fc.boolean(), fc.array(fc.tuple(fc.nat(225), fc.nat(255)), { maxLength: 6 }), fc.nat(226))
    .map(([little, changes, length]) => {
      const exif = sampleExif(little)
      for (const [at, value] of changes) exif[at] = value
      return exif.subarray(0, length)
    })
  fc.assert(
    fc.property(fc.oneof(anyExif, fc.uint8Array({ maxLength: 200 })), (exif) => {
      exifOfTiff(exif)
      const file = tiffWith(plain, { exif })
      const tiff = openTiff(file)!
      expect(fieldOf(readIfd(tiff, tiff.first), 0x0100)?.count).toBe(1)
    }),
    { numRuns: 1000 },
  )
})
