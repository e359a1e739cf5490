import { expect, test } from 'vitest'
import { compress, compressWithReport, decompress } from '../../src/index.js'
import { comparePictures } from '../../src/lab/bench/compare.js'
import { countingOf, tuningOfParts } from '../../src/network/tune.js'
import { micro, microPlain, picture } from '../micro.js'

const order = Uint8Array.of(1, 70, 2)

test('for the squared error every coefficient of every position counts the same', () => {
  const target = Int32Array.of(0, 640, 0, 64, 64, 64)
  expect(countingOf(null, target, order, 3)).toEqual({ weights: Float64Array.of(1, 1, 1), importance: null })
})

test('chroma of a grey picture does not count', () => {
  for (const tuning of [null, { usual: 80 }]) {
    expect(countingOf(tuning, new Int32Array(3), order, 1).weights).toEqual(Float64Array.of(1, 0, 1))
  }
})

test('for the eye errors count for more the less happens at a position, within bounds', () => {
  const activities = [0, 60, 300, 1e9]
  const target = Int32Array.from(activities.flatMap((activity) => [0, Math.sqrt(activity * 64) * 64, 0]))
  const [calm, usual, lively, wild] = countingOf({ usual: 80 }, target, order, 3).importance!
  expect(calm).toBeCloseTo((20 / 80) ** -0.4, 3)
  expect(usual).toBeCloseTo(1, 3)
  expect(lively).toBeCloseTo((320 / 80) ** -0.4, 3)
  expect(wild).toBe(0.5)
})

test('what is usual is the geometric mean over all parts', () => {
  const seen = tuningOfParts(3)
  const at = (activity: number): number[] => [Math.sqrt((activity - 20) * 64) * 64, 0, 0]
  seen.add(Int32Array.from([...at(40), ...at(160)]))
  seen.add(Int32Array.from(at(1280)))
  expect(seen.tuning().usual).toBeCloseTo(201.6, 0)
})

/** Left half smooth, right half noise. */
const halves = () => {
  const noise = picture(64, 64, 3, 'noise').data
  const data = noise.map((value, at) => ((at / 3) % 64 < 32 ? 2 * (Math.floor(at / 192) + ((at / 3) % 32)) : value))
  return { width: 64, height: 64, components: 3 as const, data: new Uint8Array(data) }
}

test.each(['wasm', 'reference'] as const)(
  '%s: tuned for the eye, bits move to where the picture is calm',
  async (engine) => {
    const source = halves()
    const errorOf = async (tune: 'psnr' | 'ssim'): Promise<number[]> => {
      const { file, reconstruction } = await compressWithReport(source, { model: micro, lambda: 200, tune, engine })
      expect(await decompress(file, { model: micro })).toEqual(reconstruction)
      const halvesError = [0, 0]
      reconstruction.data.forEach(
        (value, at) => (halvesError[(at / 3) % 64 < 32 ? 0 : 1] += (value - source.data[at]) ** 2),
      )
      return halvesError
    }
    const [[calm, lively], [calmTuned, livelyTuned]] = [await errorOf('psnr'), await errorOf('ssim')]
    expect(calmTuned).toBeLessThan(calm)
    expect(livelyTuned).toBeGreaterThan(lively)
  },
)

test('tiles are tuned as the whole', async () => {
  const source = picture(128, 64, 3)
  const [one, two] = await Promise.all(
    [
      { tileSide: 64, threads: 1 },
      { tileSide: 64, effort: 2 },
    ].map((options) => compressWithReport(source, { model: micro, lambda: 60, tune: 'ssim', ...options })),
  )
  expect(comparePictures(one.reconstruction, two.reconstruction).psnr).toBeGreaterThan(30)
})

test('what cannot be tuned is refused', async () => {
  const fault = { tag: 'BadOption', option: 'tune' }
  const source = picture(8, 8, 3)
  await expect(compress(source, { model: microPlain, profile: 'plain', tune: 'ssim' })).rejects.toMatchObject({ fault })
  await expect(compress(source, { model: micro, tune: 'butter' as 'ssim' })).rejects.toMatchObject({ fault })
})
