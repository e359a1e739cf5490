/** Compress, then decompress: on either engine, for any small picture, λ, profile and tile side. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compressWithReport, decompress, inspect, type CompressOptions, type Picture } from '../../src/index.js'
import { anyPicture, anyStep, lambda, micro, MODELS, picture } from '../micro.js'

const ENGINES = ['wasm', 'reference'] as const

const anyTask = fc.record({
  source: anyPicture,
  coding: fc.constantFrom(...MODELS),
  s: anyStep,
  tileSide: fc.constantFrom(0, 64),
})

const samePixels = (a: Picture, b: Picture): void => {
  expect({ ...a, data: undefined }).toEqual({ ...b, data: undefined })
  expect(Buffer.compare(a.data, b.data)).toBe(0)
}

test('what is decoded is what the encoder reconstructed, and both engines write the same file', async () => {
  await fc.assert(
    fc.asyncProperty(anyTask, async ({ source, coding, s, tileSide }) => {
      const options: CompressOptions = { ...coding, lambda: lambda(s), tileSide }
      const [fast, plain] = [
        await compressWithReport(source, { ...options, engine: 'wasm' }),
        await compressWithReport(source, { ...options, engine: 'reference' }),
      ]
      expect(Buffer.from(fast.file).toString('hex')).toBe(Buffer.from(plain.file).toString('hex'))
      samePixels(fast.reconstruction, plain.reconstruction)
      for (const engine of ENGINES) {
        samePixels(await decompress(fast.file, { model: coding.model, engine }), fast.reconstruction)
      }
    }),
    { numRuns: 120 },
  )
})

test('a picture of several parts of a layer becomes the file and the pixels of walks that took a layer at once', async () => {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  // 52 × 42 positions, in parts of 18 rows. Hashes: of the same models, before there were parts.
  const source = picture(411, 333, 3)
  const made = []
  for (const coding of MODELS) {
    const { file, reconstruction } = await compressWithReport(source, { ...coding, lambda: lambda(20) })
    made.push([file.length, hash(file), hash(reconstruction.data)])
  }
  expect(made).toEqual([
    [9881, '2f620723f16e0f6e', '05fa3e385ebc9724'],
    [5362, '9c3f62fdb7437462', '44bd3fd84a23f919'],
    [7333, 'f115decb2a05e9e8', '3560f15bb52bbd7c'],
  ])
})

test('a file is its choices by the prior, 0.5 % and the framing', async () => {
  await fc.assert(
    fc.asyncProperty(anyTask, async ({ source, coding, s, tileSide }) => {
      const { file, bits } = await compressWithReport(source, { ...coding, lambda: lambda(s), tileSide })
      const { streams } = inspect(file)
      const payload = 8 * streams.reduce((sum, { bytes }) => sum + bytes, 0)
      // A stream is its state (of 32 bits 16 are lost) and whole words.
      expect(payload).toBeGreaterThanOrEqual(bits - 1)
      expect(payload).toBeLessThanOrEqual(1.005 * bits + 48 * streams.length)
      // Header up to 36 bytes, a chunk's framing 6 to 8.
      expect(8 * file.length).toBeLessThanOrEqual(payload + 8 * (36 + 8 * streams.length))
    }),
    { numRuns: 80 },
  )
})

describe.each(MODELS)('$model.name, $profile', (coding) => {
  test('the smallest and the oddest sizes', async () => {
    // At 1×1 the odd half-pass has no cells; at s = 73 it is the last layer that is coded.
    const sizes = [
      [1, 1],
      [1, 65],
      [97, 1],
      [8, 8],
      [9, 8],
      [64, 64],
      [65, 64],
      [97, 65],
    ] as const
    for (const [width, height] of sizes) {
      for (const [components, s] of [
        [1, 20],
        [3, 20],
        [1, 73],
        [3, 73],
      ] as const) {
        const source = picture(width, height, components)
        const options = { ...coding, lambda: lambda(s), tileSide: 64 }
        const { file, reconstruction } = await compressWithReport(source, options)
        for (const engine of ENGINES) {
          samePixels(await decompress(file, { model: coding.model, engine }), reconstruction)
        }
      }
    }
  })
})

test('black and white noise saturates values and trunk, and comes through', async () => {
  const source = picture(97, 65, 3, 'extreme')
  for (const s of [0, 73]) {
    const { file, reconstruction } = await compressWithReport(source, { model: micro, lambda: lambda(s) })
    for (const engine of ENGINES) samePixels(await decompress(file, { model: micro, engine }), reconstruction)
  }
})

test('the model may be looked up by the name and hash that the file holds', async () => {
  const { file, reconstruction } = await compressWithReport(picture(20, 12, 3), { model: micro })
  const asked: unknown[] = []
  const decoded = await decompress(file, {
    model: async (wanted) => {
      asked.push(wanted)
      return micro
    },
  })
  samePixels(decoded, reconstruction)
  expect(asked).toEqual([{ name: 'micro', hash: Buffer.from(micro.hash.subarray(0, 8)).toString('hex') }])
})
