/** Cut and damaged files: a picture or a tagged error, in bounded time and memory. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compress, DdncError, decompress, inspectPath, type Picture } from '../../src/index.js'
import { crc32 } from '../../src/format/crc32.js'
import { writeFile } from '../../src/format/file.js'
import { readHeader, writeHeader, type GridHeader } from '../../src/format/header.js'
import { gridFile, lambda, micro, microPlain, MODELS, picture } from '../micro.js'

const tagOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'picture'
  } catch (error) {
    if (error instanceof DdncError) return error.fault.tag
    throw error // anything else fails the test with its stack
  }
}

describe.each(MODELS)('$model.name, $profile', ({ model, profile }) => {
  const source = picture(70, 66, 3)
  const file = compress(source, { model, profile, lambda: lambda(20), tileSide: 64 })

  test('cut anywhere after its header it decodes with partial, and is Truncated without', async () => {
    const whole = await file
    const { length } = readHeader(whole)
    let last: Picture | null = null
    for (let end = length; end < whole.length; end += end < length + 40 ? 1 : 7) {
      const cut = whole.subarray(0, end)
      last = await decompress(cut, { model, partial: true })
      expect([last.width, last.height, last.data.length]).toEqual([70, 66, 70 * 66 * 3])
      expect(await tagOf(decompress(cut, { model }))).toBe('Truncated')
    }
    for (const end of [length, length + 30, whole.length - 9]) {
      const cut = whole.subarray(0, end)
      const other = await decompress(cut, { model, partial: true, engine: 'reference' })
      expect(Buffer.compare(other.data, (await decompress(cut, { model, partial: true })).data)).toBe(0)
    }
    const complete = await decompress(whole, { model })
    expect(Buffer.compare((await decompress(whole, { model, partial: true })).data, complete.data)).toBe(0)
    for (let end = 0; end < length; end++) {
      expect(await tagOf(decompress(whole.subarray(0, end), { model, partial: true }))).toBe('Truncated')
    }
  })

  test('damage anywhere is found: by a CRC, the signature, the version or the model', async () => {
    const whole = await file
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = whole.slice()
        damaged[at] ^= flip
        const tag = await tagOf(decompress(damaged, { model }))
        expect(['Corrupt', 'BadSignature', 'UnsupportedVersion', 'Truncated']).toContain(tag)
      }),
      { numRuns: 300 },
    )
  })

  test('damaged streams with their CRCs repaired give a picture or Corrupt', async () => {
    const whole = await file
    const { header, streams: sound } = gridFile(whole)
    const streams = sound.map(({ data }) => data)
    const anyDamage = fc.record({
      stream: fc.nat(streams.length - 1),
      flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 8 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
      more: fc.uint8Array({ maxLength: 9 }),
    })
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(anyDamage, async ({ stream, flips, cut, more }) => {
        const damaged = streams.map((data) => data.slice())
        let data = damaged[stream]
        for (const [at, flip] of flips) data[at % data.length] ^= flip
        if (cut !== undefined) data = data.subarray(0, cut % data.length)
        damaged[stream] = Uint8Array.from([...data, ...more])
        const bytes = writeFile(header, damaged)
        const tags: string[] = []
        for (const partial of [false, true]) tags.push(await tagOf(decompress(bytes, { model, partial })))
        for (const tag of tags) expect(['picture', 'Corrupt']).toContain(tag)
        tags.forEach((tag) => seen.add(tag))
      }),
      { numRuns: 150 },
    )
    expect(seen).toContain('Corrupt')
  })

  test('a header that says something else, its CRC repaired, gives a picture or a tagged error', async () => {
    const { header, streams } = gridFile(await file)
    const otherHeader = fc.record<Partial<GridHeader>>(
      {
        width: fc.integer({ min: 1, max: 200 }),
        height: fc.integer({ min: 1, max: 200 }),
        components: fc.constantFrom(1, 3),
        profile: fc.constantFrom('entropy', 'plain'),
        lambdaStep: fc.nat(73),
        fineLayers: fc.nat(255),
        tileSide: fc.constantFrom(0, 64, 128),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(otherHeader, async (fields) => {
        const start = writeHeader({ ...header, ...fields })
        const original = writeFile(
          header,
          streams.map(({ data }) => data),
        )
        const bytes = Uint8Array.from([...start, ...original.subarray(writeHeader(header).length)])
        expect(['picture', 'Corrupt', 'Truncated']).toContain(await tagOf(decompress(bytes, { model })))
      }),
      { numRuns: 150 },
    )
  })
})

test('plain: bits that are no whole choice do not run a layer', async () => {
  // 9×9 positions: the even half-pass is 41·5 choices of 3 bits, 615; 77 bytes hold one bit of the odd one's first.
  const file = await compress(picture(72, 72, 3), { model: microPlain, profile: 'plain', lambda: lambda(20) })
  const { header, streams } = gridFile(file)
  const [coarse, tile] = streams
  const cut = async (coarseBytes: number, tileBytes: number): Promise<string[]> => {
    const start = writeFile(header, [coarse.data, tile.data])
    const bytes =
      coarseBytes < coarse.data.length
        ? start.subarray(0, writeHeader(header).length + 2 + coarseBytes)
        : start.subarray(0, start.length - 4 - tile.data.length + tileBytes)
    const { layers } = await inspectPath(bytes, { model: microPlain, partial: true })
    return layers.map(({ name }) => name)
  }
  const all = ['coarse.0', 'coarse.1', 'coarse.2']
  expect(await cut(coarse.data.length, 76)).toEqual([...all, 'fine.0'])
  expect(await cut(coarse.data.length, 77)).toEqual([...all, 'fine.0'])
  expect(await cut(coarse.data.length, 78)).toEqual([...all, 'fine.0', 'fine.1'])
  expect(await cut(coarse.data.length, 0)).toEqual(all)
  expect(await cut(0, 0)).toEqual([])
})

test('bytes of anything are refused by name', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
      expect(['BadSignature', 'Truncated']).toContain(await tagOf(decompress(bytes, { model: micro })))
    }),
  )
})

test('another model than the file names is UnknownModel, before any pixel', async () => {
  const file = await compress(picture(8, 8, 3), { model: micro })
  expect(await tagOf(decompress(file, { model: microPlain }))).toBe('UnknownModel')
})

describe('sizes that the streams cannot fill', () => {
  const hash = (model: typeof micro): Uint8Array => model.hash.subarray(0, 8)
  const claim = (model: typeof micro, fields: Partial<GridHeader>): GridHeader => ({
    kind: 'grid',
    width: 8192,
    height: 8192,
    components: 3,
    profile: 'entropy',
    lambdaStep: 0,
    fineLayers: model.fine.layers.length,
    tileSide: 2048,
    modelHash: hash(model),
    modelName: model.name,
    ...fields,
  })

  // 2^26 pixels would take gigabytes: these return at once, as nothing is allocated.
  test.each([
    ['no bytes', 0],
    ['a state alone', 4],
    ['bytes that end in the first layer', 400],
  ])('2^26 pixels in streams of %s are Corrupt', async (_, bytes) => {
    const stream = new Uint8Array(bytes).fill(1)
    const file = writeFile(claim(micro, {}), Array(17).fill(stream))
    const refusal = decompress(file, { model: micro })
    await expect(refusal).rejects.toThrow(/the (coarse stream|stream of tile 0) is (.* bytes for .* choices|too short)/)
  })

  test('plain streams have exactly one length', async () => {
    const file = writeFile(claim(microPlain, { profile: 'plain' }), [
      new Uint8Array(100),
      ...Array(16).fill(new Uint8Array(1000)),
    ])
    await expect(decompress(file, { model: microPlain })).rejects.toThrow('the coarse stream is 100 bytes')
  })

  test('more pixels than 2^28 are LimitExceeded', async () => {
    const file = await compress(picture(8, 8, 3), { model: micro })
    const start = writeHeader(claim(micro, { width: 16384, height: 16384 }))
    const larger = start.slice()
    larger[16 + 5 + 1] = 0x81 // 16384 is 80 80 01, 16512 is 80 81 01
    const claimed = Uint8Array.from([...withCrc(larger), ...file.subarray(32)])
    expect(await tagOf(decompress(claimed, { model: micro }))).toBe('LimitExceeded')
  })
})

function withCrc(header: Uint8Array): Uint8Array {
  const out = header.slice()
  new DataView(out.buffer).setUint32(out.length - 4, crc32(out.subarray(0, -4)))
  return out
}
