/** Files of whole-image models: on either engine, for any path, class and quality. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileOfPath } from '../../src/codec/wholeImage.js'
import { DdncError } from '../../src/errors.js'
import { readFile, writeFile } from '../../src/format/file.js'
import { readHeader, writeHeader, type WholeHeader } from '../../src/format/header.js'
import {
  bitsOfPath,
  compress,
  compressWithReport,
  decompress,
  inspect,
  inspectPath,
  pathOfBits,
  type CompressOptions,
  type Picture,
  type WholeImageModel,
} from '../../src/index.js'
import { stepsOf } from '../../src/network/wholeModel.js'
import { micro, picture, WHOLE_MODELS, type Kind } from '../micro.js'

const ENGINES = ['wasm', 'reference'] as const
const [shot, recur, conditional] = WHOLE_MODELS

const tagOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run
    return 'picture'
  } catch (error) {
    if (error instanceof DdncError) return error.fault.tag
    throw error
  }
}

const sourceFor = ({ width, height, components }: WholeImageModel, kind: Kind, seed: number): Picture =>
  picture(width, height, components, kind, seed)

const wholeHeader = (file: Uint8Array): WholeHeader => {
  const { header } = readHeader(file)
  if (header.kind !== 'whole') throw new Error('a file of grids')
  return header
}

const anyPath = fc.constantFrom(...WHOLE_MODELS).chain((model) =>
  fc.record({
    model: fc.constant(model),
    label: fc.nat(Math.max(0, model.classes - 1)),
    path: fc.array(fc.nat(model.K - 1), { maxLength: stepsOf(model).length }),
  }),
)

test('a path is a file, and the file is the path, in exactly ceil(L·log2 K) bits', async () => {
  await fc.assert(
    fc.asyncProperty(anyPath, async ({ model, label, path }) => {
      const file = fileOfPath(path, model, label)
      const { layers, bits } = await inspectPath(file, { model })
      expect(layers.map(({ choices }) => choices[0])).toEqual(path)
      const length = path.length === 0 ? 0 : (BigInt(model.K) ** BigInt(path.length) - 1n).toString(2).length
      expect(bits!.length).toBe(length)
      expect(bits).toBe(bitsOfPath(path, model.K))
      expect(fileOfPath(pathOfBits(bits!, model.K), model, label)).toEqual(file)
      expect(readFile(file).streams[0].data.length).toBe(Math.ceil(length / 8))
      expect(inspect(file)).toMatchObject({ kind: 'whole', label, choices: path.length, profile: 'plain' })
      const [fast, plain] = await Promise.all(ENGINES.map((engine) => decompress(file, { model, engine })))
      expect(fast).toEqual(plain)
    }),
    { numRuns: 60 },
  )
})

test('what is decoded is what the encoder reconstructed, and both engines write the same file', async () => {
  const anyTask = fc.record({
    model: fc.constantFrom(...WHOLE_MODELS),
    kind: fc.constantFrom<Kind>('gradient', 'noise', 'extreme', 'flat'),
    seed: fc.nat(1000),
    quality: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(anyTask, async ({ model, kind, seed, quality }) => {
      const source = sourceFor(model, kind, seed)
      const [fast, plain] = await Promise.all(
        ENGINES.map((engine) => compressWithReport(source, { model, quality, engine })),
      )
      expect(fast).toEqual(plain)
      for (const engine of ENGINES) {
        expect(await decompress(fast.file, { model, engine })).toEqual(fast.reconstruction)
      }
      const choices = Math.ceil(((quality ?? 100) / 100) * stepsOf(model).length)
      expect(wholeHeader(fast.file).choices).toBe(choices)
      expect(8 * readFile(fast.file).streams[0].data.length).toBe(8 * Math.ceil(fast.bits / 8))
      expect(fast.bits).toBe(Math.ceil(choices * Math.log2(model.K)))
    }),
    { numRuns: 40 },
  )
})

test('all choices are the default', async () => {
  for (const [model, bits] of [
    [shot, 8],
    [recur, 7],
    [conditional, 10],
  ] as const) {
    expect((await compressWithReport(sourceFor(model, 'gradient', 1), { model })).bits).toBe(bits)
  }
})

test('of the classes the one of least error is taken, unless one is given', async () => {
  const seen = new Set<number>()
  for (let seed = 0; seed < 12; seed++) {
    const source = sourceFor(conditional, seed % 2 ? 'noise' : 'gradient', seed)
    const each = await Promise.all([0, 1, 2].map((label) => compressWithReport(source, { model: conditional, label })))
    each.forEach(({ file }, label) => expect(wholeHeader(file).label).toBe(label))
    const best = await compressWithReport(source, { model: conditional })
    const most = Math.max(...each.map(({ psnr }) => psnr))
    expect(best).toEqual(each.find(({ psnr }) => psnr === most))
    seen.add(wholeHeader(best.file).label)
  }
  expect(seen.size).toBeGreaterThan(1)
})

test('progress rises to 1 over all classes, and a signal stops the work', async () => {
  const told: number[] = []
  const source = sourceFor(conditional, 'noise', 1)
  await compress(source, { model: conditional, onProgress: (share) => told.push(share) })
  expect(told.length).toBe(12)
  expect(told.at(-1)).toBe(1)
  expect(told).toEqual([...told].sort((a, b) => a - b))
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(compress(source, { model: conditional, signal })).rejects.toThrow('enough')
  const file = await compress(source, { model: conditional })
  await expect(decompress(file, { model: conditional, signal })).rejects.toThrow('enough')
})

test('grey is spread where the model has colour', async () => {
  const grey = picture(12, 8, 1)
  const { reconstruction } = await compressWithReport(grey, { model: recur })
  expect(reconstruction.components).toBe(3)
  const spread = {
    ...grey,
    components: 3 as const,
    data: Uint8Array.from({ length: 288 }, (_, i) => grey.data[Math.floor(i / 3)]),
  }
  expect((await compressWithReport(spread, { model: recur })).reconstruction).toEqual(reconstruction)
})

describe('refused before anything is allocated', () => {
  test.each<[Partial<CompressOptions> & { source?: Picture }, string]>([
    [{ source: picture(16, 15, 1) }, 'picture size is 16 x 15, allowed is 16 x 16 with model micro-s'],
    [{ source: picture(16, 16, 3) }, 'picture components is 3, RGB, allowed is 1, grey, with model micro-s'],
    [{ label: 1 }, 'label is 1, allowed is none: model micro-s has no classes'],
    [{ quality: 0 }, 'quality is 0'],
    [{ lambda: 20 }, 'lambda is 20, allowed is none with model micro-s'],
    [{ tileSide: 64 }, 'tileSide is 64'],
    [{ profile: 'entropy' }, 'profile is entropy with model micro-s'],
  ])('by an encoder: %j', async ({ source = picture(16, 16, 1), ...options }, message) => {
    await expect(compress(source, { model: shot, ...options })).rejects.toThrow(message)
  })

  test('a class for a model with grids', async () => {
    await expect(compress(picture(8, 8, 1), { model: micro, label: 0 })).rejects.toThrow('label is 0')
  })

  test.each([
    [[0, 3], 0, 'choice is 3'],
    [[0, 0, 0, 0, 0, 0], 0, 'path is 6 choices, allowed is 0…5'],
    [[0], 1, 'label is 1'],
  ])('a path %j of class %i', (path, label, message) => {
    expect(() => fileOfPath(path, shot, label)).toThrow(message)
  })

  test.each<[Partial<WholeHeader>, string]>([
    [{ width: 8 }, 'width is 8, allowed is 16'],
    [{ height: 17 }, 'height is 17, allowed is 16'],
    [{ components: 3 }, 'components is 3, allowed is 1'],
    [{ label: 1 }, 'the class is 1, allowed is 0…0'],
    [{ choices: 6 }, 'choices coded is 6, allowed is 0…5'],
    [{ width: 4096, height: 512 }, 'width is 4096'],
  ])('by a decoder: a header with %j', async (fields, message) => {
    const file = fileOfPath([0, 1, 2, 0, 1], shot)
    const { header, streams } = readFile(file)
    const other = writeFile({ ...(header as WholeHeader), ...fields }, [streams[0].data])
    await expect(decompress(other, { model: shot })).rejects.toThrow(message)
    expect(await tagOf(decompress(other, { model: shot }))).toBe('Corrupt')
  })

  test('a file of the other kind than its model', async () => {
    const common = { width: 16, height: 16, components: 1, modelName: 'x' } as const
    const whole = { kind: 'whole', profile: 'plain', label: 0, choices: 0, ...common } as const
    const file = writeFile({ ...whole, modelHash: micro.hash.subarray(0, 8) }, [new Uint8Array(0)])
    await expect(decompress(file, { model: micro })).rejects.toThrow('the kind of file is of whole-image choices')
    const grids = { kind: 'grid', profile: 'plain', lambdaStep: 0, fineLayers: 0, tileSide: 0, ...common } as const
    const empty = new Uint8Array(0)
    const other = writeFile({ ...grids, modelHash: shot.hash.subarray(0, 8) }, [empty, empty])
    await expect(decompress(other, { model: shot })).rejects.toThrow('the kind of file is of grids')
  })
})

describe('cut and damaged', () => {
  const path = [2, 0, 1, 2, 1]
  const file = fileOfPath(path, shot)

  test('a cut file is Truncated, or in part the choices that it determines', async () => {
    const start = writeHeader(wholeHeader(file)).length
    const whole = await decompress(file, { model: shot })
    for (let end = 0; end < file.length; end++) {
      const cut = file.subarray(0, end)
      expect(await tagOf(decompress(cut, { model: shot }))).toBe('Truncated')
      if (end < start) continue
      const { layers } = await inspectPath(cut, { model: shot, partial: true })
      const there = layers.map(({ choices }) => choices[0])
      expect(there).toEqual(end < start + 3 ? [] : path) // its one byte of data is the third
      const part = await decompress(cut, { model: shot, partial: true })
      expect(part).toEqual(there.length === 0 ? { ...whole, data: new Uint8Array(256).fill(128) } : whole)
    }
  })

  test('part of a path is the picture of its sure choices', async () => {
    // Four choices are ten bits, of which the first byte has eight.
    const long = fileOfPath([4, 0, 3, 2], conditional, 2)
    const cut = long.subarray(0, writeHeader(wholeHeader(long)).length + 3)
    const { layers } = await inspectPath(cut, { model: conditional, partial: true })
    const sure = layers.map(({ choices }) => choices[0])
    expect(sure.length).toBeGreaterThan(0)
    expect(sure).toEqual([4, 0, 3, 2].slice(0, sure.length))
    const shorter = fileOfPath(sure, conditional, 2)
    expect((await decompress(cut, { model: conditional, partial: true })).data).toEqual(
      (await decompress(shorter, { model: conditional })).data,
    )
  })

  test('a path of K^L or more, or padding, with their CRC in order, is Corrupt', async () => {
    const { header } = readFile(file)
    for (const byte of [243, 255]) {
      const bytes = writeFile(header, [Uint8Array.of(byte)]) // 3^5 = 243
      expect(await tagOf(decompress(bytes, { model: shot }))).toBe('Corrupt')
    }
    expect(await tagOf(decompress(writeFile(header, [Uint8Array.of(1, 0)]), { model: shot }))).toBe('Corrupt')
    const seven = fileOfPath([0, 1, 0, 1, 0, 1, 1], recur)
    const { header: own, streams } = readFile(seven)
    const padded = writeFile(own, [Uint8Array.of(streams[0].data[0] | 1)])
    expect(await tagOf(decompress(padded, { model: recur }))).toBe('Corrupt')
  })

  test('any damage is a tagged error, or a sound file of other choices', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, flip, partial) => {
        const damaged = file.slice()
        damaged[at % file.length] ^= flip
        const tag = await tagOf(decompress(damaged, { model: shot, partial }))
        expect([
          'Corrupt',
          'BadSignature',
          'UnsupportedVersion',
          'Truncated',
          ...(partial ? ['picture'] : []),
        ]).toContain(tag)
      }),
      { numRuns: 200 },
    )
  })
})
