import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readPicture, writePicture } from '../../../src/node/picture.js'
import { SAMPLE_XMP, sampleExif } from './samples.js'

/** 4 × 2 pixels that lie on their side. */
const data = Uint8Array.from({ length: 4 * 2 * 3 }, (_, at) => at * 9)
const xmp = new Uint8Array(Buffer.from(SAMPLE_XMP))
const lying = (exif: Uint8Array, format: 'png' | 'jpeg' | 'webp' | 'tiff' = 'png') =>
  writePicture({ width: 4, height: 2, components: 3, data, metadata: { exif, xmp } }, format)
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1')

test.each(['png', 'jpeg', 'webp', 'tiff'] as const)('of a %s the orientation is baked in, once', async (format) => {
  const { picture } = await readPicture(await lying(sampleExif(), format))
  expect(picture).toMatchObject({ width: 2, height: 4 })
  const { exif, xmp: packet } = picture.metadata!
  expect(text(packet)).toContain('tiff:Orientation="1"')
  const again = await readPicture(await writePicture({ ...picture, metadata: { exif, xmp: packet } }, format))
  expect(again.picture).toMatchObject({ width: 2, height: 4 })
  expect(again.picture.metadata).toEqual(picture.metadata)
  expect((await sharp(await writePicture(picture, 'png')).metadata()).orientation).toBe(1)
})

test('an XMP in several parts is lost, which is said', async () => {
  const jpeg = await sharp(data, { raw: { width: 4, height: 2, channels: 3 } })
    .jpeg()
    .toBuffer()
  const name = Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1')
  const part = Buffer.concat([Uint8Array.of(0xff, 0xe1, 0, 2 + name.length + 4), name, Buffer.from('part')])
  const file = Buffer.concat([jpeg.subarray(0, 2), part, jpeg.subarray(2)])
  expect((await readPicture(file)).notes).toEqual(['XMP in several parts left out'])
  expect((await readPicture(file, { strip: 'all' })).notes).toEqual([])
})

describe('strip', () => {
  test('all: nothing is left', async () => {
    const { picture } = await readPicture(await lying(sampleExif()), { strip: 'all' })
    expect(picture).toMatchObject({ width: 2, height: 4 })
    expect(picture).not.toHaveProperty('metadata')
  })

  test('location: the place is gone, the rest is not', async () => {
    const { picture, notes } = await readPicture(await lying(sampleExif()), { strip: 'location' })
    expect(notes).toEqual([])
    expect(text(picture.metadata!.exif)).toContain('Maker1')
    expect(text(picture.metadata!.exif)).not.toContain('N\0\0\0')
    expect(text(picture.metadata!.xmp)).toContain('ExposureTime')
    expect(text(picture.metadata!.xmp)).not.toContain('GPS')
  })

  test('location, where it cannot be told: all of it goes, and that is said', async () => {
    const astray = sampleExif()
    new DataView(astray.buffer, astray.byteOffset).setUint32(10 + 60 + 8, 5000, true)
    const { picture, notes } = await readPicture(await lying(astray), { strip: 'location' })
    expect(Object.keys(picture.metadata!)).toEqual(['xmp'])
    expect(notes).toEqual(['EXIF left out: it cannot be told where it has the location'])
  })
})

describe('keepGamut', () => {
  const inSrgb = sharp(Uint8Array.of(200, 100, 50), { raw: { width: 1, height: 1, channels: 3 } })

  test('numbers stay, with their profile, through every format', async () => {
    const wide = await inSrgb.clone().withIccProfile('p3').png().toBuffer()
    const numbers = await sharp(wide, { ignoreIcc: true }).raw().toBuffer()
    const { picture, notes } = await readPicture(wide, { keepGamut: true })
    expect([...picture.data]).toEqual([...numbers])
    expect(notes).toEqual([])
    expect((await sharp(wide).metadata()).icc!.equals(picture.metadata!.icc!)).toBe(true)
    const shown = await sharp(await writePicture(picture, 'png'))
      .toColourspace('srgb')
      .raw()
      .toBuffer()
    for (const [at, value] of [200, 100, 50].entries()) expect(Math.abs(shown[at]! - value)).toBeLessThanOrEqual(2)
  })

  test('without it the profile goes, since the numbers are sRGB', async () => {
    const { picture } = await readPicture(await inSrgb.clone().withIccProfile('p3').png().toBuffer())
    expect(picture).not.toHaveProperty('metadata')
  })

  test('of CMYK there are no RGB numbers to keep, and that is said', async () => {
    const cmyk = await inSrgb.clone().toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer()
    const { picture, notes } = await readPicture(cmyk, { keepGamut: true })
    expect(picture).not.toHaveProperty('metadata')
    expect(notes).toEqual(['converted to sRGB: its profile is not one of RGB'])
  })

  test('a picture without a profile is sRGB as it is', async () => {
    const { picture, notes } = await readPicture(await inSrgb.clone().png().toBuffer(), { keepGamut: true })
    expect(picture).toEqual({ width: 1, height: 1, components: 3, data: Uint8Array.of(200, 100, 50) })
    expect(notes).toEqual([])
  })
})
