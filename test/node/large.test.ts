/** Pictures that go by files: the same as those in memory. The threshold lies above this: parts are called as they are. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { compressSource } from '../../src/codec/compress.js'
import { openPicture } from '../../src/codec/decompress.js'
import { cropped, sourceOf } from '../../src/codec/pixels.js'
import { compress, decompressImage, readPicture } from '../../src/node.js'
import { isLarge, writeLarge } from '../../src/node/large.js'
import { openRaw } from '../../src/node/rawFile.js'
import { createTiff } from '../../src/node/tiffFile.js'
import { micro, picture } from '../micro.js'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'ddnc-test-'))))
afterAll(() => rm(folder, { recursive: true }))

/** 37 rows: two strips of 16 and a part of one. */
const samples = (channels: number): Uint8Array =>
  Uint8Array.from({ length: 5 * 37 * channels }, (_, i) => (i * 7919) % 251)

test.each([1, 3] as const)('a TIFF of %i channels is read as it was written', async (channels) => {
  const path = join(folder, `${channels}.tif`)
  const tiff = createTiff(path, { width: 5, height: 37, channels })
  const all = samples(channels)
  for (let from = 0; from < all.length; from += 10 * 5 * channels) tiff.write(all.subarray(from, from + 50 * channels))
  tiff.close()
  expect(await sharp(path).metadata()).toMatchObject({ width: 5, height: 37, channels, hasAlpha: false })
  const read = channels === 1 ? sharp(path).toColourspace('b-w') : sharp(path)
  expect([...(await read.raw().toBuffer())]).toEqual([...all])
})

describe('samples that sharp has written', () => {
  const opened = async (data: Uint8Array, channels: 3 | 4) => {
    const path = join(folder, 'samples.v')
    const written = await sharp(data, { raw: { width: 5, height: 37, channels } }).toFile(path)
    return openRaw(path, written)
  }

  test('any rectangle of them', async () => {
    const source = (await opened(samples(3), 3))!
    const area = { x: 1, y: 20, width: 3, height: 2 }
    expect(source).toMatchObject({ width: 5, height: 37, components: 3 })
    expect(source.read(area)).toEqual(cropped(samples(3), 5, 3, area))
    source.close()
  })

  test('grey throughout is one component, opaque alpha none, and any other alpha is not for it', async () => {
    const grey = Uint8Array.from({ length: 5 * 37 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i >> 2) % 251))
    const source = (await opened(grey, 4))!
    expect(source.components).toBe(1)
    expect([...(await source.read({ x: 1, y: 1, width: 2, height: 1 }))]).toEqual([6, 7])
    source.close()
    grey[4 * 100 + 3] = 254
    expect(await opened(grey, 4)).toBeNull()
  })
})

test('a source gives the file that the same picture in memory gives, in one tile and in several', async () => {
  const source = picture(150, 90, 3)
  for (const tileSide of [0, 64]) {
    const options = { model: micro, tileSide, lambda: 100 }
    const { file } = await compressSource(sourceOf(source), undefined, options)
    expect(Buffer.compare(file, await compress(source, options))).toBe(0)
  }
})

test.each(['png', 'jpeg', 'tiff', 'webp'] as const)('a %s by files is the one in memory', async (format) => {
  const exif = Buffer.from('II*\0\b\0\0\0\0\0\0\0\0\0', 'latin1')
  for (const components of [1, 3] as const) {
    const source = { ...picture(70, 40, components), metadata: { exif } }
    const file = await compress(source, { model: micro, tileSide: 64 })
    const opened = await openPicture(file, { model: micro }, null)
    expect(isLarge(opened)).toBe(false)
    const { path, size, folder } = await writeLarge(opened, format, opened.besides.metadata)
    const made = await readFile(path)
    expect(made.length).toBe(size)
    await rm(folder, { recursive: true })
    const [byFiles, inMemory] = [
      await readPicture(made),
      await readPicture(await decompressImage(file, format, { model: micro })),
    ]
    expect(Buffer.compare(byFiles.picture.data, inMemory.picture.data)).toBe(0)
    expect(byFiles.picture.metadata?.exif).toEqual(inMemory.picture.metadata?.exif)
  }
})

test('a failure leaves nothing in the folder for temporary files', async () => {
  const own = await mkdtemp(join(folder, 'temporary-'))
  vi.stubEnv('TMPDIR', own)
  const shape = { width: 8, height: 8, components: 3 } as const
  const paint = async () => {
    expect(await readdir(own)).toHaveLength(1)
    throw new Error('damaged')
  }
  await expect(writeLarge({ shape, paint }, 'png', undefined)).rejects.toThrow('damaged')
  expect(await readdir(own)).toEqual([])
  vi.unstubAllEnvs()
})
