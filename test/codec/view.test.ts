/** Parts of pictures: what is decoded of them is what the whole picture has there. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compress, DdncError, decompress, type Picture, type Region } from '../../src/index.js'
import { cropped } from '../../src/codec/pixels.js'
import { writeFile } from '../../src/format/file.js'
import { gridFile, lambda, MODELS, micro, picture, WHOLE_MODELS } from '../micro.js'

const within = (side: number) =>
  fc
    .integer({ min: 1, max: side })
    .chain((length) => fc.tuple(fc.integer({ min: 0, max: side - length }), fc.constant(length)))

const anyRegion = ({ width, height }: Picture): fc.Arbitrary<Region> =>
  fc.tuple(within(width), within(height)).map(([[x, w], [y, h]]) => ({ x, y, width: w, height: h }))

const withAlpha = (source: Picture): Picture => ({
  ...source,
  alpha: Uint8Array.from({ length: source.width * source.height }, (_, i) => (i * 7) % 256),
})

const anyPart = fc
  .record({
    source: fc
      .tuple(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 150 }),
        fc.constantFrom(1 as const, 3 as const),
      )
      .map((shape) => picture(...shape)),
    coding: fc.constantFrom(...MODELS),
    tileSide: fc.constantFrom(0, 64, 128),
    hasAlpha: fc.boolean(),
    lossless: fc.boolean(),
  })
  .chain((task) => anyRegion(task.source).map((region) => ({ ...task, region })))

const cropOf = (whole: Picture, region: Region) => ({
  data: Buffer.from(cropped(whole.data, whole.width, whole.components, region)),
  alpha: whole.alpha && Buffer.from(cropped(whole.alpha, whole.width, 1, region)),
})

test('a region is the crop of the whole picture', async () => {
  await fc.assert(
    fc.asyncProperty(anyPart, async ({ source, coding, tileSide, hasAlpha, lossless, region }) => {
      const { model } = coding
      const options = { ...coding, lambda: lambda(20), tileSide, lossless }
      const file = await compress(hasAlpha ? withAlpha(source) : source, options)
      const part = await decompress(file, { model, region })
      const { data, alpha } = cropOf(await decompress(file, { model }), region)
      expect(part).toMatchObject({ width: region.width, height: region.height, components: source.components })
      expect(data.equals(part.data)).toBe(true)
      expect(part.alpha && Buffer.from(part.alpha)).toEqual(alpha)
    }),
    { numRuns: 60 },
  )
})

test('a thumbnail has a pixel for 8 of the width and of the height; its region is its crop', async () => {
  await fc.assert(
    fc.asyncProperty(anyPart, async ({ source, coding, tileSide, hasAlpha, region }) => {
      const { model } = coding
      const file = await compress(hasAlpha ? withAlpha(source) : source, { ...coding, lambda: lambda(20), tileSide })
      const small = await decompress(file, { model, scale: 8 })
      expect(small).toMatchObject({ width: Math.ceil(source.width / 8), height: Math.ceil(source.height / 8) })
      const part = await decompress(file, { model, scale: 8, region })
      const x = Math.floor(region.x / 8)
      const y = Math.floor(region.y / 8)
      const [right, bottom] = [Math.ceil((region.x + region.width) / 8), Math.ceil((region.y + region.height) / 8)]
      const { data } = cropOf(small, { x, y, width: right - x, height: bottom - y })
      expect([part.width, part.height]).toEqual([right - x, bottom - y])
      expect(data.equals(part.data)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('a thumbnail of one colour is that colour, and its alpha the mean', async () => {
  const data = new Uint8Array(3 * 20 * 12).map((_, i) => [200, 40, 90][i % 3])
  const alpha = new Uint8Array(20 * 12).fill(100)
  alpha[0] = 0 // of 64
  const file = await compress({ width: 20, height: 12, components: 3, data, alpha }, { model: micro, quality: 100 })
  const small = await decompress(file, { model: micro, scale: 8 })
  expect([...small.alpha!]).toEqual([98, 100, 100, 100, 100, 100]) // 100·63/64 = 98.4
  small.data.forEach((sample, i) => expect(Math.abs(sample - [200, 40, 90][i % 3])).toBeLessThan(30))
})

test('only tiles within 16 pixels are walked', async () => {
  const { header, streams } = gridFile(await compress(picture(256, 64, 3), { model: micro, tileSide: 64 }))
  // The last tile's stream is another one: no decoder gets through it.
  const data = streams.map((stream, i) =>
    i === 4 ? stream.data.map((byte, at) => (at < 4 ? byte : 255 - byte)) : stream.data,
  )
  const file = writeFile(header, data)
  const decoded = (x: number) => decompress(file, { model: micro, region: { x, y: 0, width: 8, height: 64 } })
  await expect(decoded(168)).resolves.toMatchObject({ width: 8 }) // up to 175, and 16 more: 191
  await expect(decoded(169)).rejects.toMatchObject({ fault: { tag: 'Corrupt' } })
})

describe('refused', () => {
  const refusal = async (region: Region) => {
    const file = await compress(picture(20, 10, 3), { model: micro })
    return decompress(file, { model: micro, region }).catch((error: unknown) => (error as DdncError).fault)
  }

  test.each([
    [{ x: 0, y: 0, width: 21, height: 1 }],
    [{ x: 20, y: 0, width: 1, height: 1 }],
    [{ x: 0, y: -1, width: 1, height: 1 }],
    [{ x: 0, y: 0, width: 0, height: 1 }],
    [{ x: 0.5, y: 0, width: 1, height: 1 }],
  ])('the region %j of 20 x 10', async (region) => {
    expect(await refusal(region)).toMatchObject({ tag: 'BadOption', option: 'region' })
  })

  test('other scales, and any of a whole-image file, which has no coarse grid', async () => {
    const file = await compress(picture(20, 10, 3), { model: micro })
    await expect(decompress(file, { model: micro, scale: 4 as 8 })).rejects.toThrow('scale is 4, allowed is 1 or 8')
    const [model] = WHOLE_MODELS
    const whole = await compress(picture(model.width, model.height, model.components), { model })
    await expect(decompress(whole, { model, scale: 8 })).rejects.toThrow('allowed is 1 with a file of whole-image')
    const region = { x: 1, y: 2, width: 3, height: 2 }
    const { data } = cropOf(await decompress(whole, { model }), region)
    expect(data.equals((await decompress(whole, { model, region })).data)).toBe(true)
  })
})
