import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { compressWithReport, loadModel } from '../../../src/index.js'
import { bitsPerPixel, roundTrip } from '../../../src/lab/bench/roundTrip.js'

const model = await loadModel(await readFile(new URL('../../../models/micro.ddnm', import.meta.url)))
const picture = {
  width: 24,
  height: 17,
  components: 3,
  data: Uint8Array.from({ length: 24 * 17 * 3 }, (_, at) => (at * 7) % 256),
} as const

test('tells what the library tells of the file, and how long both ways took', async () => {
  const { file, bits, psnr } = await compressWithReport(picture, { model, lambda: Math.exp(4.5) })
  const result = await roundTrip({ name: 'made', picture }, model, 35)
  expect(result).toMatchObject({ bytes: file.length, bits })
  expect(result.psnr).toBeCloseTo(psnr, 9)
  expect(result.encodeSeconds).toBeGreaterThan(0)
  expect(result.decodeSeconds).toBeGreaterThan(0)
})

test('bits per pixel do not count components', () => {
  expect(bitsPerPixel(816, picture)).toBe(2)
})
