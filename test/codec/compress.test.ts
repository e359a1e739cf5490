/** Options, reports, progress and abort. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compress,
  compressWithReport,
  DdncError,
  decompress,
  inspect,
  inspectPath,
  type CompressOptions,
  type Picture,
} from '../../src/index.js'
import { psnr as psnrOf } from '../../src/codec/psnr.js'
import type { Grid, Layer } from '../../src/network/model.js'
import { anyPicture, anyStep, gridInfo, lambda, micro, microPlain, MODELS, onlyPlain, picture } from '../micro.js'

/** Nothing that a prior could be made of. */
const noPrior: Pick<Layer, 'priorTable' | 'priorBias' | 'z'> = (() => {
  const nothing = new Int8Array(0)
  const z = { name: 'none', side: 1, inputs: 8, outputs: 0, weights: nothing, bias: nothing, shift: nothing } as const
  return { priorTable: nothing, priorBias: nothing, z }
})()

const fault = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DdncError)
  return (error as DdncError).fault
}

describe('options', () => {
  const source = picture(16, 16, 3)

  test('plain with a model that was not made for it is refused by name', async () => {
    expect(await fault(compress(source, { model: micro, profile: 'plain' }))).toEqual({
      tag: 'BadOption',
      option: 'profile',
      found: 'plain with model micro',
      allowed: 'entropy with this model',
    })
  })

  test.each<[Partial<CompressOptions>, string]>([
    [{ quality: 50, lambda: 100 }, 'lambda'],
    [{ quality: 0 }, 'quality'],
    [{ quality: 101 }, 'quality'],
    [{ lambda: 1 }, 'lambda'],
    [{ tileSide: 32 }, 'tile side'],
    [{ tileSide: -64 }, 'tile side'],
  ])('%j is refused', async (options, option) => {
    expect(await fault(compress(source, { model: micro, ...options }))).toMatchObject({ tag: 'BadOption', option })
  })

  test.each<[string, Partial<Picture>]>([
    ['no width', { width: 0 }],
    ['half a pixel', { height: 0.5 }],
    ['two components', { components: 2 as 1 }],
    ['too few samples', { data: new Uint8Array(5) }],
  ])('a picture with %s is refused', async (_, fields) => {
    expect((await fault(compress({ ...source, ...fields }, { model: micro }))).tag).toBe('BadOption')
  })

  test('sides over the limit are refused', async () => {
    const long: Picture = { width: 2 ** 20 + 1, height: 1, components: 1, data: new Uint8Array(2 ** 20 + 1) }
    expect((await fault(compress(long, { model: micro }))).tag).toBe('LimitExceeded')
  })

  test('quality sets s, and with it the layers that are coded', async () => {
    const of = async (quality: number) => inspect(await compress(source, { model: micro, quality }))
    expect(await of(100)).toMatchObject({ lambdaStep: 0, fineLayers: 4 })
    expect(await of(50)).toMatchObject({ lambdaStep: 37, fineLayers: 3 }) // the last is coded up to s = 30
    expect(await of(1)).toMatchObject({ lambdaStep: 73, fineLayers: 2 }) // the third up to s = 60
    expect(inspect(await compress(source, { model: micro }))).toMatchObject({ lambdaStep: 18, tileSide: 0 })
  })
})

test('the report: PSNR against the source, bits of the choices', async () => {
  const source = picture(40, 24, 3)
  const { psnr, reconstruction, bits, file } = await compressWithReport(source, { model: micro, lambda: lambda(10) })
  expect(psnr).toBe(psnrOf(source.data, reconstruction.data))
  expect(bits).toBeGreaterThan(8 * (file.length - 60))
})

test('the report has what it says and no more', async () => {
  const report = await compressWithReport(picture(24, 24, 3), { model: micro, effort: 2 })
  expect(Object.keys(report).sort()).toEqual(['bits', 'file', 'psnr', 'reconstruction'])
})

test('plain bits are Σ cells·n·log2 K', async () => {
  const options = { model: microPlain, profile: 'plain', lambda: lambda(0) } as const
  const { bits, file } = await compressWithReport(picture(9, 9, 3), options)
  // Coarse: 1 position, 8 coefficients of 4, 4 and 3 bits. Fine: 4 positions, 5 coefficients of 3 bits in one half-pass
  // and of 2 in the refinement.
  expect(bits).toBe(8 * (4 + 4 + 3) + 4 * 5 * (3 + 2))
  expect(inspect(file).streams.map(({ bytes }) => bytes)).toEqual([11, 13])
})

test('a model with nothing but plain needs no profile named', async () => {
  const source = picture(40, 24, 3)
  const file = await compress(source, { model: onlyPlain })
  expect(inspect(file).profile).toBe('plain')
  expect(file).toEqual(await compress(source, { model: onlyPlain, profile: 'plain' }))
  expect(inspect(await compress(source, { model: microPlain })).profile).toBe('entropy')
  expect(await fault(compress(source, { model: onlyPlain, profile: 'entropy' }))).toMatchObject({ option: 'profile' })
})

test('neither side of a plain file evaluates the prior', async () => {
  const source = picture(70, 66, 3)
  const { file, reconstruction } = await compressWithReport(source, { model: onlyPlain })
  // Another prior: had it been looked at, z would differ, and this engine would fail on it.
  const layers = (grid: Grid): Grid => ({ ...grid, layers: grid.layers.map((layer) => ({ ...layer, ...noPrior })) })
  const model = { ...onlyPlain, coarse: layers(onlyPlain.coarse), fine: layers(onlyPlain.fine) }
  expect(await compressWithReport(source, { model, engine: 'reference' })).toMatchObject({ file, reconstruction })
  expect(await decompress(file, { model, engine: 'reference' })).toEqual(reconstruction)
  expect((await inspectPath(file, { model, engine: 'reference' })).layers.length).toBeGreaterThan(0)
})

test('plain: a quality is a number of layers, and more of them are never the worse picture', async () => {
  await fc.assert(
    fc.asyncProperty(anyPicture, async (source) => {
      let last = { bytes: 0, psnr: 0 }
      for (const quality of [1, 30, 60, 100]) {
        const { file, psnr } = await compressWithReport(source, { model: onlyPlain, quality })
        const { lambdaStep, fineLayers } = gridInfo(file)
        expect([lambdaStep, fineLayers]).toEqual(lambdaStep === 20 ? [20, 3] : [57, 2])
        expect(file.length).toBeGreaterThanOrEqual(last.bytes)
        expect(psnr).toBeGreaterThanOrEqual(last.psnr)
        last = { bytes: file.length, psnr }
      }
    }),
    { numRuns: 30 },
  )
  // Noise is worth all layers.
  const { file } = await compressWithReport(picture(72, 72, 3, 'noise'), { model: onlyPlain, quality: 100 })
  expect(gridInfo(file).fineLayers).toBe(3)
  const exact = await compressWithReport(picture(72, 72, 3, 'noise'), { model: onlyPlain, lambda: lambda(33) })
  expect(inspect(exact.file)).toMatchObject({ lambdaStep: 33, fineLayers: 3 })
})

test.each(MODELS)('$model.name, $profile: either search makes a file, all leaves no worse a one', async (coding) => {
  const cost = { leaves: 0, greedy: 0 }
  await fc.assert(
    fc.asyncProperty(anyPicture, anyStep, async (source, s) => {
      for (const search of ['leaves', 'greedy'] as const) {
        const options = { ...coding, search, lambda: lambda(s) }
        const { file, reconstruction, bits } = await compressWithReport(source, options)
        expect(await decompress(file, { model: coding.model })).toEqual(reconstruction)
        let squares = 0
        reconstruction.data.forEach((sample, i) => (squares += (sample - source.data[i]) ** 2))
        cost[search] += (squares + lambda(s) * bits) / source.data.length
      }
    }),
    { numRuns: 25, seed: 1 },
  )
  // The inner candidates of micro-pl lie evenly between their leaves: without a price of bits, greedy finds the nearest.
  if (coding.profile === 'entropy') expect(cost.leaves).toBeLessThan(cost.greedy)
  else expect(cost.leaves).toBe(cost.greedy)
})

test('grey comes back grey, colour as colour', async () => {
  for (const components of [1, 3] as const) {
    const file = await compress(picture(11, 5, components), { model: micro })
    expect(inspect(file).components).toBe(components)
    expect((await decompress(file, { model: micro })).data.length).toBe(55 * components)
  }
})

describe.each(['compress', 'decompress'] as const)('%s', (what) => {
  const source = picture(97, 65, 3)
  const run = async (options: { signal?: AbortSignal; onProgress?: (fraction: number) => void }): Promise<unknown> => {
    if (what === 'compress') return compress(source, { model: micro, tileSide: 64, ...options })
    return decompress(await compress(source, { model: micro, tileSide: 64 }), { model: micro, ...options })
  }

  test('tells its progress, rising from 0 to 1', async () => {
    const told: number[] = []
    await run({ onProgress: (fraction) => told.push(fraction) })
    expect(told.length).toBeGreaterThan(6)
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
    expect(told[0]).toBeGreaterThanOrEqual(0)
    expect(told.at(-1)).toBeLessThanOrEqual(1)
    expect(told.at(-1)).toBeGreaterThan(0.5)
  })

  test('an abort rejects with its reason, before or within', async () => {
    await expect(run({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
    const controller = new AbortController()
    const within = run({
      signal: controller.signal,
      onProgress: (fraction) => {
        if (fraction > 0.3) controller.abort('within')
      },
    })
    await expect(within).rejects.toBe('within')
    await expect(run({})).resolves.toBeDefined() // and leaves nothing behind
  })
})

test('beyond the candidates a quality is never worse than its own step, nor larger, and is some coarser step as it is', async () => {
  // A board of single pixels at full contrast: the micro-model's candidates are far from it, and escapes are needed.
  const [width, height] = [24, 16]
  const data = Uint8Array.from({ length: width * height }, (_, i) => 255 * ((i + Math.floor(i / width)) % 2))
  const board = { width, height, components: 1 as const, data }
  let replaced = 0
  for (let s = 0; s <= 73; s += 3) {
    const own = await compressWithReport(board, { model: micro, lambda: lambda(s) })
    const got = await compressWithReport(board, { model: micro, quality: 100 - (99 * s) / 73 })
    const { lambdaStep } = gridInfo(got.file)
    expect(lambdaStep).toBeGreaterThanOrEqual(s)
    expect(lambdaStep).toBeLessThanOrEqual(s + 8)
    expect(got.psnr).toBeGreaterThanOrEqual(own.psnr)
    expect(got.file.length).toBeLessThanOrEqual(own.file.length)
    const same = await compressWithReport(board, { model: micro, lambda: lambda(lambdaStep) })
    expect(got.file).toEqual(same.file)
    if (lambdaStep > s) replaced++
  }
  expect(replaced).toBeGreaterThan(0)
})
