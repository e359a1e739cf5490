import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkType, writeChunk } from '../../src/format/chunks.js'
import { packAlpha } from '../../src/format/alpha.js'
import { readFile } from '../../src/format/file.js'
import { readHeader } from '../../src/format/header.js'
import { compress, compressWithReport, decompress, inspect, type Picture } from '../../src/index.js'
import { micro, picture, WHOLE_MODELS } from '../micro.js'

const fault = (tag: string, more: object = {}) => ({ fault: expect.objectContaining({ tag, ...more }) })
const options = { model: micro, quality: 10 }
const bytes = (text: string) => new TextEncoder().encode(text)
/** 9 × 7 pixels, of which the left third is not to be seen. */
const plain = picture(9, 7, 3)
const alpha = Uint8Array.from({ length: 63 }, (_, at) => (at % 9 < 3 ? 0 : 200 + (at % 9)))
const metadata = { exif: bytes('II*\0…'), xmp: bytes('<x:xmpmeta>'), icc: bytes('a profile') }

describe('alpha', () => {
  test('any plane returns, exactly', async () => {
    const sides = fc.tuple(fc.integer({ min: 1, max: 33 }), fc.integer({ min: 1, max: 20 }))
    const anyAlpha = sides.chain(([width, height]) =>
      fc
        .uint8Array({ minLength: width * height, maxLength: width * height })
        .map((plane) => ({ width, height, plane })),
    )
    await fc.assert(
      fc.asyncProperty(
        anyAlpha,
        fc.constantFrom(1 as const, 3 as const),
        async ({ width, height, plane }, components) => {
          const decoded = await decompress(
            await compress({ ...picture(width, height, components), alpha: plane }, options),
            options,
          )
          expect(decoded).toMatchObject({ width, height, components })
          if (plane.every((value) => value === 255)) expect(decoded.alpha).toBeUndefined()
          else expect(decoded.alpha).toEqual(plane)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('opaque throughout it is not there: the file is that of the picture without', async () => {
    const opaque = { ...plain, alpha: new Uint8Array(63).fill(255) }
    expect(await compress(opaque, options)).toEqual(await compress(plain, options))
  })

  test('of what it hides nothing is paid for and nothing is counted', async () => {
    const noisy = plain.data.map((value, at) => (alpha[Math.floor(at / 3)] === 0 ? (at * 7919) % 256 : value))
    const coded = await compressWithReport({ ...plain, alpha }, options)
    const hidden = await compressWithReport({ ...plain, data: noisy, alpha }, options)
    expect(hidden.file).toEqual(coded.file)
    expect(hidden.psnr).toBe(coded.psnr)
    expect(hidden.psnr).toBeGreaterThan(15)
  })

  test('the report has what a decoder gives', async () => {
    const { file, reconstruction } = await compressWithReport({ ...plain, alpha, metadata }, options)
    expect(await decompress(file, options)).toEqual(reconstruction)
  })

  test('a picture that is nowhere to be seen differs in nothing', async () => {
    const { file, psnr } = await compressWithReport({ ...plain, alpha: new Uint8Array(63) }, options)
    expect(psnr).toBe(Infinity)
    expect((await decompress(file, options)).alpha).toEqual(new Uint8Array(63))
  })

  test('of a model of whole pictures too', async () => {
    const [model] = WHOLE_MODELS
    const { width, height, components } = model!
    const plane = Uint8Array.from({ length: width * height }, (_, at) => at % 256)
    const file = await compress({ ...picture(width, height, components), alpha: plane }, { model: model! })
    expect((await decompress(file, { model: model! })).alpha).toEqual(plane)
  })

  test.each<[string, Partial<Record<keyof Picture, unknown>>]>([
    ['of another length', { alpha: new Uint8Array(62) }],
    ['that is no Uint8Array', { alpha: Array.from(alpha) }],
    ['with metadata that is text', { metadata: { xmp: '<x:xmpmeta>' } }],
  ])('%s is refused', async (_, part) => {
    await expect(compress({ ...plain, ...part } as Picture, options)).rejects.toMatchObject(fault('BadOption'))
  })
})

describe('metadata', () => {
  test('returns byte by byte, and a key that is missing stays so', async () => {
    expect((await decompress(await compress({ ...plain, metadata }, options), options)).metadata).toEqual(metadata)
    const { exif } = metadata
    const some = await decompress(
      await compress({ ...plain, metadata: { exif, xmp: new Uint8Array(0) } }, options),
      options,
    )
    expect(some.metadata).toEqual({ exif })
    expect(Object.keys(await decompress(await compress(plain, options), options))).not.toContain('metadata')
  })

  test('info tells what a file has', async () => {
    const info = inspect(await compress({ ...plain, alpha, metadata }, options))
    expect(info.beside.map(({ name }) => name)).toEqual(['alpha', 'icc', 'exif', 'xmp'])
    expect(inspect(await compress(plain, options)).beside).toEqual([])
  })

  test('over 2^24 bytes is refused', async () => {
    const large = { ...plain, metadata: { xmp: new Uint8Array(2 ** 24 + 1) } }
    await expect(compress(large, options)).rejects.toMatchObject(fault('LimitExceeded'))
  })
})

/** The file of the plain picture with a chunk put in behind its header. */
async function withChunk(type: number, data: Uint8Array): Promise<Uint8Array> {
  const file = await compress(plain, options)
  const { length } = readHeader(file)
  return Uint8Array.of(...file.subarray(0, length), ...writeChunk(type, data), ...file.subarray(length))
}

describe('chunks of strangers', () => {
  const tooWide = packAlpha(new Uint8Array(70), 10)
  test.each<[string, number, Uint8Array, string]>([
    ['alpha of another size', ChunkType.alpha, tooWide, 'Corrupt'],
    ['alpha of another method', ChunkType.alpha, Uint8Array.of(9), 'UnsupportedVersion'],
    ['a profile that does not inflate', ChunkType.icc, Uint8Array.of(3, 7), 'Corrupt'],
    ['an XMP of 4 GiB', ChunkType.xmp, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), 'LimitExceeded'],
  ])('%s is refused, before the model is asked for', async (_, type, data, tag) => {
    const file = await withChunk(type, data)
    const model = () => Promise.reject(new Error('asked for'))
    await expect(decompress(file, { model })).rejects.toMatchObject(fault(tag))
  })

  test('a cut file keeps the alpha that it has whole', async () => {
    const file = await compress({ ...plain, alpha, metadata }, options)
    const { streams } = readFile(file)
    const cut = file.subarray(0, streams[0]!.data.byteOffset - file.byteOffset)
    const decoded = await decompress(cut, { ...options, partial: true })
    expect(decoded.alpha).toEqual(alpha)
    expect(decoded.metadata).toEqual({ icc: metadata.icc })
  })
})
