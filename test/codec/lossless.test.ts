import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { compressWithReport } from '../../src/codec/compress.js'
import { decompress } from '../../src/codec/decompress.js'
import { inspect } from '../../src/codec/inspect.js'
import { writeChunk } from '../../src/format/chunks.js'
import { joinBytes } from '../../src/format/bytes.js'
import { loadModel, type Model, type Picture } from '../../src/index.js'
import { readFile } from 'node:fs/promises'

let model: Model
beforeAll(async () => {
  model = await loadModel(await readFile(new URL('../../models/micro.ddnm', import.meta.url)))
})

const anyPicture = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 12 }),
    grey: fc.boolean(),
    withAlpha: fc.boolean(),
    seed: fc.nat(1e6),
    noise: fc.constantFrom(0, 3, 255),
  })
  .map(({ width, height, grey, withAlpha, seed, noise }): Picture => {
    const components = grey ? 1 : 3
    const random = (at: number) => (Math.imul(at + seed + 1, 0x9e3779b1) >>> 20) % 256
    const data = Uint8Array.from({ length: width * height * components }, (_, at) =>
      Math.min(255, Math.floor(at / components) * 2 + (noise === 0 ? 0 : random(at) % (noise + 1))),
    )
    const alpha = Uint8Array.from({ length: width * height }, (_, at) => (random(at * 31) < 100 ? 0 : 200))
    return { width, height, components, data, ...(withAlpha && { alpha }) }
  })

const seen = ({ components, alpha }: Picture, data: Uint8Array) =>
  data.map((value, at) => (alpha?.[Math.floor(at / components)] === 0 ? 0 : value))

describe.each(['wasm', 'reference'] as const)('%s', (engine) => {
  test('pictures come back as they were, wherever they are seen', async () => {
    await fc.assert(
      fc.asyncProperty(anyPicture, fc.constantFrom(undefined, 5, 95), async (picture, quality) => {
        const { file, psnr, reconstruction } = await compressWithReport(picture, {
          model,
          quality,
          lossless: true,
          engine,
        })
        expect(psnr).toBe(Infinity)
        const decoded = await decompress(file, { model, engine })
        expect(decoded).toEqual(reconstruction)
        expect(seen(picture, decoded.data)).toEqual(seen(picture, picture.data))
        if (picture.alpha?.some((value) => value !== 255)) expect(decoded.alpha).toEqual(picture.alpha)
      }),
      { numRuns: engine === 'wasm' ? 60 : 15 },
    )
  })
})

const picture: Picture = {
  width: 30,
  height: 20,
  components: 3,
  data: Uint8Array.from({ length: 1800 }, (_, at) => (at * 7 + Math.floor(at / 90) * 3) % 256),
}

test('both engines make one file; it says that it is exact', async () => {
  const options = { model, lossless: true, quality: 40 } as const
  const [one, other] = [
    await compressWithReport(picture, { ...options, engine: 'wasm' }),
    await compressWithReport(picture, { ...options, engine: 'reference' }),
  ]
  expect(one.file).toEqual(other.file)
  const { beside } = inspect(one.file)
  expect(beside.map(({ name }) => name)).toEqual(['exact', 'residual'])
  expect(beside[0].bytes).toBe(5)
})

test('a file that was cut is cut short, and with partial what its streams give', async () => {
  const { file } = await compressWithReport(picture, { model, lossless: true })
  const { beside } = inspect(file)
  const streams = file.length - beside[1].bytes - 7 // framing of up to 16,383 bytes
  for (const length of [streams, streams + 3, file.length - 1]) {
    const cut = file.subarray(0, length)
    await expect(decompress(cut, { model })).rejects.toMatchObject({ fault: { tag: 'Truncated' } })
    const lossy = await decompress(cut, { model, partial: true })
    expect(lossy.data).not.toEqual(picture.data)
    expect(lossy.data.length).toBe(1800)
  }
})

test('what is not as the specification has it is damaged, by name', async () => {
  const { file } = await compressWithReport(picture, { model, lossless: true })
  const lossy = (await compressWithReport(picture, { model, quality: 60 })).file
  const { beside } = inspect(file)
  const residual = file.subarray(file.length - beside[1].bytes - 7)
  const corrupt = { fault: { tag: 'Corrupt' } }
  // A residual of a file that does not claim to be exact; another one behind it; one of other samples.
  await expect(decompress(joinBytes([lossy, residual]), { model })).rejects.toMatchObject(corrupt)
  await expect(decompress(joinBytes([file, residual]), { model })).rejects.toMatchObject(corrupt)
  const withOther = joinBytes([
    file.subarray(0, file.length - residual.length),
    writeChunk(6, Uint8Array.of(4, 0, 1, 0, 0)),
  ])
  await expect(decompress(withOther, { model })).rejects.toMatchObject(corrupt)
  // The claim: of another method, too short, too long.
  const exactAt = lossy.length - lossyChunks(lossy)
  const claim = (...bytes: number[]) =>
    joinBytes([file.subarray(0, exactAt), writeChunk(5, Uint8Array.from(bytes)), file.subarray(exactAt + 11)])
  await expect(decompress(claim(1, 0, 0, 0, 0), { model })).rejects.toMatchObject({
    fault: { tag: 'UnsupportedVersion' },
  })
  await expect(decompress(claim(0, 0, 0), { model })).rejects.toMatchObject({ fault: { tag: 'Truncated' } })
  await expect(decompress(claim(0, 0, 0, 0, 0, 0), { model })).rejects.toMatchObject(corrupt)
  await expect(decompress(claim(0, 1, 2, 3, 4), { model })).rejects.toThrow(/the CRC of the exact samples/)
})

/** Bytes of the chunks of a file without alpha or metadata. */
const lossyChunks = (file: Uint8Array): number =>
  inspect(file).streams.reduce((sum, { bytes }) => sum + bytes + 6 + (bytes > 127 ? 1 : 0), 0)
