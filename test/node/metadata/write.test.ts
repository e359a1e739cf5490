import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readPicture, writePicture, type PictureFormat } from '../../../src/node/picture.js'
import { SAMPLE_XMP, sampleExif } from './samples.js'

const FORMATS: readonly PictureFormat[] = ['png', 'jpeg', 'webp', 'tiff']
const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, at) => at * 4)
const picture = { width: 5, height: 4, components: 3, data } as const
/** As a reader leaves it: upright, with the sides of the picture. */
const exif = await upright()
const xmp = new Uint8Array(Buffer.from(SAMPLE_XMP.replace('Orientation="6"', 'Orientation="1"')))
const icc = Uint8Array.from(
  (
    await sharp(
      await sharp(data, { raw: { width: 5, height: 4, channels: 3 } })
        .withIccProfile('p3')
        .png()
        .toBuffer(),
    ).metadata()
  ).icc!,
)
const fault = (tag: string, more: object = {}) => ({ fault: expect.objectContaining({ tag, ...more }) })

async function upright(): Promise<Uint8Array> {
  const { uprightExif } = await import('../../../src/node/metadata/exif.js')
  return Uint8Array.from(uprightExif(sampleExif(), { width: 5, height: 4 }))
}

describe.each(FORMATS)('%s', (format) => {
  test('takes EXIF, XMP and profile, and gives them back to a reader', async () => {
    const file = await writePicture({ ...picture, metadata: { exif, xmp, icc } }, format)
    const { picture: read, notes } = await readPicture(file, { keepGamut: true })
    expect(notes).toEqual([])
    expect(read.metadata!.xmp).toEqual(xmp)
    expect(read.metadata!.icc).toEqual(icc)
    if (format !== 'tiff') expect(read.metadata!.exif).toEqual(exif) // its fields are tested in tiff.test.ts
    if (format !== 'jpeg') expect(read.data).toEqual(data)
  })

  test.each(['exif', 'xmp', 'icc'] as const)('takes %s alone', async (name) => {
    const metadata = { [name]: { exif, xmp, icc }[name] }
    const file = await writePicture({ ...picture, metadata }, format)
    const { picture: read } = await readPicture(file, { keepGamut: true })
    expect(Object.keys(read.metadata!)).toEqual([name])
  })

  test('without metadata is a file without', async () => {
    expect(
      (await readPicture(await writePicture(picture, format), { keepGamut: true })).picture.metadata,
    ).toBeUndefined()
  })

  test('a grey picture with a profile of RGB is written as RGB', async () => {
    const grey = { width: 2, height: 1, components: 1, data: Uint8Array.of(7, 200), metadata: { icc } } as const
    const file = await writePicture(grey, format)
    expect(await sharp(file).metadata()).toMatchObject({ channels: 3, hasProfile: true })
  })

  if (format !== 'jpeg')
    test('alpha and metadata beside each other', async () => {
      const alpha = Uint8Array.from({ length: 20 }, (_, at) => at * 9)
      const file = await writePicture({ ...picture, alpha, metadata: { exif, xmp } }, format)
      const { picture: read } = await readPicture(file)
      expect(read).toMatchObject({ data, alpha, metadata: { xmp } })
    })
})

describe('what a JPEG cannot hold', () => {
  test.each([
    ['exif', 65_528, 'EXIF'],
    ['xmp', 65_505, 'XMP'],
  ] as const)('%s of %i bytes is named', async (name, length, what) => {
    const written = writePicture({ ...picture, metadata: { [name]: new Uint8Array(length) } }, 'jpeg')
    await expect(written).rejects.toMatchObject(fault('LimitExceeded', { limit: length - 1 }))
    await expect(written).rejects.toThrow(what)
  })

  test('a profile may take several segments', async () => {
    const large = new Uint8Array(150_000)
    large.set(icc)
    const file = Buffer.from(await writePicture({ ...picture, metadata: { icc: large } }, 'jpeg'))
    const marks = [...file.toString('latin1').matchAll(/ICC_PROFILE\0(.)(.)/gs)]
    expect(marks.map(([, number, count]) => [number!.charCodeAt(0), count!.charCodeAt(0)])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    expect((await sharp(file).metadata()).width).toBe(5)
  })
})
