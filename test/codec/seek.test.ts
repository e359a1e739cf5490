/** A size or a PSNR instead of a quality. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Compressed } from '../../src/codec/encode.js'
import { seek, wantedOf, type Wanted } from '../../src/codec/seek.js'
import { compress, compressWithReport, DdncError, decompress } from '../../src/index.js'
import { anyPicture, lambda, micro, MODELS, onlyPlain, picture, WHOLE_MODELS } from '../micro.js'

const fault = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DdncError)
  return (error as DdncError).fault
}

/** A file of which only its size and its PSNR are known. */
const made = (bytes: number, psnr: number): Compressed => ({
  file: new Uint8Array(bytes),
  psnr,
  bits: 8 * bytes,
  reconstruction: picture(1, 1, 1),
})

/** Seeks among files of these sizes, the finest first, whose PSNR is a tenth of their size. */
async function seekAmong(sizes: readonly number[], wanted: Wanted): Promise<{ bytes: number; tried: number }> {
  let tried = 0
  const make = async (position: number): Promise<Compressed> => {
    tried += 1
    return made(sizes[position], sizes[position] / 10)
  }
  const { file } = await seek(wanted, sizes.length - 1, make, {})
  return { bytes: file.length, tried }
}

const fallingSizes = fc
  .uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 80 })
  .map((sizes) => sizes.sort((a, b) => b - a))

describe('among files that shrink from one to the next', () => {
  test('a size finds the largest that is no larger', async () => {
    await fc.assert(
      fc.asyncProperty(fallingSizes, fc.integer({ min: 1, max: 5000 }), async (sizes, size) => {
        const fitting = sizes.filter((bytes) => bytes <= size)
        const found = seekAmong(sizes, { size })
        if (fitting.length > 0) expect((await found).bytes).toBe(fitting[0])
        else
          expect(await fault(found)).toEqual({
            tag: 'BadOption',
            option: 'target size',
            found: `${size} bytes`,
            allowed: `${sizes.at(-1)} or more for this picture`,
          })
      }),
    )
  })

  test('a PSNR finds the smallest that is no worse, or the best there is', async () => {
    await fc.assert(
      fc.asyncProperty(fallingSizes, fc.integer({ min: 1, max: 5000 }), async (sizes, tenths) => {
        const { bytes } = await seekAmong(sizes, { psnr: tenths / 10 })
        const good = sizes.filter((size) => size >= tenths)
        expect(bytes).toBe(good.at(-1) ?? sizes[0])
      }),
    )
  })

  test('of sizes that fall evenly in ln few are tried', async () => {
    const sizes = Array.from({ length: 585 }, (_, i) => Math.round(1e6 * Math.exp(-i / 100)))
    const { bytes, tried } = await seekAmong(sizes, { size: 20000 })
    expect(bytes).toBe(sizes.find((size) => size <= 20000))
    expect(tried).toBeLessThanOrEqual(7)
  })
})

test('of equally good files that fit the smaller one is taken', async () => {
  const files = [made(90, 28), made(40, 28), made(10, 20)]
  const { file } = await seek({ size: 95 }, 2, async (position) => files[position], {})
  expect(file.length).toBe(40)
})

test('progress only rises, and stays within 1', async () => {
  const shares: number[] = []
  const onProgress = (share: number): void => void shares.push(share)
  await compress(picture(24, 16, 3), { model: micro, targetSize: 200, onProgress })
  expect(shares.length).toBeGreaterThan(10)
  expect(shares).toEqual([...shares].sort((a, b) => a - b))
  expect(shares.at(-1)).toBeLessThanOrEqual(1 + 1e-9)
})

test.each([
  [{ targetSize: 0 }, 'target size'],
  [{ targetSize: 10.5 }, 'target size'],
  [{ targetPsnr: -1 }, 'target PSNR'],
  [{ targetPsnr: Infinity }, 'target PSNR'],
])('%j is refused', (options, option) => {
  expect(() => wantedOf(options)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ option }) }))
})

test.each([
  [{ targetSize: 1000, quality: 50 }, 'targetSize'],
  [{ targetPsnr: 30, lambda: 50 }, 'targetPsnr'],
  [{ targetSize: 1000, targetPsnr: 30 }, 'targetPsnr'],
])('%j says two things at once', async (options, option) => {
  expect(await fault(compress(picture(8, 8, 3), { model: micro, ...options }))).toMatchObject({ option })
})

test.each(MODELS)('$model.name, $profile: a size is never exceeded', async (coding) => {
  await fc.assert(
    fc.asyncProperty(anyPicture, fc.integer({ min: 0, max: 73 }), async (source, s) => {
      // Alpha and metadata count.
      const metadata = { exif: Uint8Array.of(1, 2, 3, 4) }
      const full = { ...source, metadata }
      const sizes = [s, 73].map(async (step) => (await compress(full, { ...coding, lambda: lambda(step) })).length)
      const targetSize = Math.max(...(await Promise.all(sizes)))
      const found = await compressWithReport(full, { ...coding, targetSize })
      expect(found.file.length).toBeLessThanOrEqual(targetSize)
      expect(await decompress(found.file, { model: coding.model })).toEqual(found.reconstruction)
    }),
    { numRuns: 10 },
  )
})

test('a PSNR that a step has is reached, in no larger a file', async () => {
  const source = picture(72, 40, 3)
  const known = await compressWithReport(source, { model: micro, lambda: lambda(30) })
  const found = await compressWithReport(source, { model: micro, targetPsnr: known.psnr })
  expect(found.psnr).toBeGreaterThanOrEqual(known.psnr)
  expect(found.file.length).toBeLessThanOrEqual(known.file.length)
})

test('a PSNR that nothing has gives the best there is', async () => {
  const source = picture(72, 40, 3)
  const finest = await compressWithReport(source, { model: micro, lambda: lambda(0) })
  const found = await compressWithReport(source, { model: micro, targetPsnr: 200 })
  expect(found.psnr).toBeGreaterThanOrEqual(finest.psnr)
})

test('plain: targets choose among as many files as there are', async () => {
  const source = picture(72, 72, 3, 'noise')
  const sizeOf = async (s: number): Promise<number> =>
    (await compress(source, { model: onlyPlain, lambda: lambda(s) })).length
  const [fine, coarse] = [await sizeOf(20), await sizeOf(57)]
  const found = async (targetSize: number): Promise<number> =>
    (await compress(source, { model: onlyPlain, targetSize })).length
  expect(await found(fine)).toBe(fine)
  expect(await found(fine - 1)).toBe(coarse)
})

test.each(WHOLE_MODELS)('$name: a target is a number of choices', async (model) => {
  const { width, height, components } = model
  const source = picture(width, height, components)
  const one = await compressWithReport(source, { model, quality: 1 })
  const fitting = await compressWithReport(source, { model, targetSize: one.file.length })
  expect(fitting.file.length).toBe(one.file.length)
  expect(await decompress(fitting.file, { model })).toEqual(fitting.reconstruction)
  const all = await compressWithReport(source, { model })
  const good = await compressWithReport(source, { model, targetPsnr: all.psnr })
  expect(good.psnr).toBeGreaterThanOrEqual(all.psnr)
  expect(good.file.length).toBeLessThanOrEqual(all.file.length)
  expect(await fault(compress(source, { model, targetSize: one.file.length - 1 }))).toMatchObject({
    option: 'target size',
    allowed: `${one.file.length} or more for this picture`,
  })
})
