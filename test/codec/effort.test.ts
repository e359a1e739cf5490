/** Effort costs the encoder alone. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compress, compressWithReport, decompress, type Compressed } from '../../src/index.js'
import { anyPicture, anyStep, lambda, micro, MODELS, picture, WHOLE_MODELS } from '../micro.js'

const refused = (options: { effort: number }) =>
  expect(compress(picture(8, 8, 3), { model: micro, ...options })).rejects.toMatchObject({
    fault: { tag: 'BadOption', option: 'effort', allowed: '1…9' },
  })

test.each([0, 10, 1.5, NaN])('an effort of %d is refused', (effort) => refused({ effort }))

/** What an encoder minimises. */
const costOf = ({ psnr, bits, reconstruction: { data } }: Compressed, s: number): number =>
  (65025 * data.length) / 10 ** (psnr / 10) + lambda(s) * bits

test.each(MODELS)(
  '$model.name, $profile: a file of any effort decodes, and none costs more than the first',
  async (coding) => {
    await fc.assert(
      fc.asyncProperty(anyPicture, anyStep, fc.integer({ min: 2, max: 9 }), async (source, s, effort) => {
        const first = await compressWithReport(source, { ...coding, lambda: lambda(s) })
        const found = await compressWithReport(source, { ...coding, lambda: lambda(s), effort })
        expect(await decompress(found.file, { model: coding.model })).toEqual(found.reconstruction)
        expect(costOf(found, s)).toBeLessThanOrEqual(costOf(first, s) * (1 + 1e-12))
      }),
      { numRuns: 15 },
    )
  },
)

test('effort makes a difference', async () => {
  const source = picture(72, 72, 3)
  const costs = [1, 4].map(async (effort) =>
    costOf(await compressWithReport(source, { model: micro, lambda: lambda(30), effort }), 30),
  )
  const [first, fourth] = await Promise.all(costs)
  expect(fourth).toBeLessThan(first)
})

test('alpha that hides pixels does not count', async () => {
  const source = picture(24, 24, 3)
  const alpha = Uint8Array.from({ length: 576 }, (_, i) => (i % 24 < 12 ? 0 : 255))
  const found = await compressWithReport({ ...source, alpha }, { model: micro, effort: 3 })
  expect(await decompress(found.file, { model: micro })).toEqual(found.reconstruction)
})

test.each(WHOLE_MODELS)('$name: more paths, no worse a picture', async (model) => {
  const source = picture(model.width, model.height, model.components, 'noise')
  const first = await compressWithReport(source, { model })
  const ninth = await compressWithReport(source, { model, effort: 9 })
  expect(ninth.psnr).toBeGreaterThanOrEqual(first.psnr)
  expect(ninth.file.length).toBe(first.file.length)
  expect(await decompress(ninth.file, { model })).toEqual(ninth.reconstruction)
})
