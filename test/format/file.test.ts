import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { writeChunk } from '../../src/format/chunks.js'
import { readFile, streamCount, streamName, writeFile } from '../../src/format/file.js'
import { writeHeader, type Header } from '../../src/format/header.js'
import { anyHeader, exampleHeader, faultOf, hex, unhex, wholeHeader } from './samples.js'

const complete = (data: Uint8Array) => ({ data, complete: true })
const coarse = Uint8Array.of(1, 2, 3, 4)
const tile = Uint8Array.of(5, 6, 7, 8, 9, 10)
/** 130 × 64 in tiles of 64: three tiles. */
const tiled = { ...exampleHeader, width: 130, height: 64, tileSide: 64 }
const tiles = [Uint8Array.of(10, 11, 12, 13), new Uint8Array(0), Uint8Array.of(14)]

const fileOf = (header: Header, ...chunks: [type: number, data: Uint8Array][]) =>
  unhex(hex(writeHeader(header)) + chunks.map(([type, data]) => hex(writeChunk(type, data))).join(''))

test('the bytes of a file', () => {
  expect(hex(writeFile(exampleHeader, [unhex('00082000'), unhex('400000000005')]))).toBe(
    hex(writeHeader(exampleHeader)) + '010400082000' + '1489a1dc' + '0206400000000005' + '3be513cd',
  )
})

test('header and framing of one tile are at most 47 bytes, streams up to 2 MiB', () => {
  const header = { ...exampleHeader, width: 16383, height: 256, modelName: 'photo-1' }
  const streams = [new Uint8Array(2 ** 21 - 1), new Uint8Array(2 ** 21 - 1)] as const
  expect(writeFile(header, streams).length - 2 * (2 ** 21 - 1)).toBe(47)
})

const anyFile = anyHeader.chain((header) => {
  const few = streamCount(header) <= 50 ? header : { ...header, height: Math.min(header.height, 4), tileSide: 0 }
  const count = streamCount(few)
  return fc.record({
    header: fc.constant(few),
    streams: fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: count, maxLength: count }),
  })
})

test('any file returns', () => {
  fc.assert(
    fc.property(anyFile, fc.boolean(), ({ header, streams }, partial) => {
      const bytes = writeFile(header, streams)
      const expected = { header, streams: streams.map(complete), beside: {} }
      expect(readFile(bytes, { partial })).toEqual(expected)
    }),
  )
})

test('every cut after the header is Truncated, or in part the streams as far as they go', () => {
  const bytes = writeFile(tiled, [coarse, ...tiles])
  const { length } = writeHeader(tiled)
  for (let end = 0; end < bytes.length; end++) {
    const cut = bytes.subarray(0, end)
    expect(faultOf(() => readFile(cut)).tag).toBe('Truncated')
    if (end < length) {
      expect(faultOf(() => readFile(cut, { partial: true })).tag).toBe('Truncated')
      continue
    }
    const { streams } = readFile(cut, { partial: true })
    expect(streams.length).toBe(4)
    let offset = length
    for (const [index, data] of [coarse, ...tiles].entries()) {
      const there = Math.max(0, Math.min(data.length, end - offset - 2)) // type and length: 2 bytes
      offset += data.length + 6
      expect(streams[index]).toEqual({ data: data.subarray(0, there), complete: offset <= end })
    }
  }
})

test('streams are views into the file', () => {
  const bytes = writeFile(exampleHeader, [coarse, tile])
  expect(readFile(bytes).streams[0].data.buffer).toBe(bytes.buffer)
})

test('unknown ancillary chunks are skipped anywhere, if they are whole', () => {
  const note: [number, Uint8Array] = [0xff, Uint8Array.of(1)]
  const bytes = fileOf(exampleHeader, note, [1, coarse], note, note, [2, tile], note)
  expect(readFile(bytes)).toEqual({ header: exampleHeader, streams: [complete(coarse), complete(tile)], beside: {} })
  expect(faultOf(() => readFile(bytes.subarray(0, -1))).tag).toBe('Truncated')
  expect(readFile(bytes.subarray(0, -1), { partial: true }).streams[1]).toEqual(complete(tile))
  bytes[bytes.length - 1]! ^= 1
  expect(faultOf(() => readFile(bytes, { partial: true })).tag).toBe('Corrupt')
})

test.each<[string, [number, Uint8Array][], string]>([
  ['a tile before the coarse stream', [[2, tile]], '1'],
  [
    'two coarse streams',
    [
      [1, coarse],
      [1, coarse],
    ],
    '2',
  ],
  [
    'a tile too many',
    [
      [1, coarse],
      [2, tile],
      [2, tile],
    ],
    'the end of the file',
  ],
  [
    'an unknown critical chunk',
    [
      [1, coarse],
      [3, tile],
    ],
    '2',
  ],
])('%s is Corrupt', (_, chunks, allowed) => {
  for (const partial of [false, true]) {
    const fault = faultOf(() => readFile(fileOf(exampleHeader, ...chunks), { partial }))
    expect(fault).toMatchObject({ tag: 'Corrupt', allowed })
  }
})

describe('a file of whole-image choices', () => {
  const path = Uint8Array.of(0x6a)

  test('has one chunk, of a type of its own', () => {
    const bytes = writeFile(wholeHeader, [path])
    expect(hex(bytes)).toBe(hex(writeHeader(wholeHeader)) + '03016a' + '497bde4c')
    expect(readFile(bytes)).toEqual({ header: wholeHeader, streams: [complete(path)], beside: {} })
    expect(streamName(wholeHeader, 0)).toBe('the path')
  })

  test('that is cut ends within its path', () => {
    const bytes = writeFile(wholeHeader, [path])
    expect(faultOf(() => readFile(bytes.subarray(0, -7)))).toMatchObject({ tag: 'Truncated', where: 'the path' })
    expect(readFile(bytes.subarray(0, -4), { partial: true }).streams).toEqual([{ data: path, complete: false }])
    expect(readFile(bytes.subarray(0, -7), { partial: true }).streams).toEqual([
      { data: new Uint8Array(0), complete: false },
    ])
  })

  test.each<[string, [number, Uint8Array][], string]>([
    ['a coarse stream', [[1, path]], '3'],
    [
      'a second path',
      [
        [3, path],
        [3, path],
      ],
      'the end of the file',
    ],
  ])('with %s is Corrupt', (_, chunks, allowed) => {
    expect(faultOf(() => readFile(fileOf(wholeHeader, ...chunks)))).toMatchObject({ tag: 'Corrupt', allowed })
  })
})

describe('chunks beside the streams', () => {
  const alpha = Uint8Array.of(0, 1)
  const icc = Uint8Array.of(2)
  const exif = Uint8Array.of(3)
  const xmp = Uint8Array.of(4)

  test('alpha and profile stand before the streams, the other metadata behind them', () => {
    const bytes = writeFile(exampleHeader, [coarse, tile], { xmp, exif, icc, alpha })
    const [first, second] = [[4, alpha] as [number, Uint8Array], [0x82, icc] as [number, Uint8Array]]
    expect(bytes).toEqual(fileOf(exampleHeader, first, second, [1, coarse], [2, tile], [0x80, exif], [0x81, xmp]))
    const expected = { header: exampleHeader, streams: [complete(coarse), complete(tile)] }
    expect(readFile(bytes)).toEqual({ ...expected, beside: { alpha, icc, exif, xmp } })
  })

  test('metadata is found wherever it stands', () => {
    const bytes = fileOf(exampleHeader, [0x80, exif], [4, alpha], [1, coarse], [0x82, icc], [2, tile])
    expect(readFile(bytes).beside).toEqual({ alpha, icc, exif })
  })

  test('of a whole-image file too', () => {
    const bytes = writeFile(wholeHeader, [Uint8Array.of(0x6a)], { alpha })
    expect(readFile(bytes).beside).toEqual({ alpha })
  })

  test.each<[string, [number, Uint8Array][]]>([
    [
      'a second alpha',
      [
        [4, alpha],
        [4, alpha],
        [1, coarse],
        [2, tile],
      ],
    ],
    [
      'alpha behind the coarse stream',
      [
        [1, coarse],
        [4, alpha],
        [2, tile],
      ],
    ],
    [
      'alpha at the end',
      [
        [1, coarse],
        [2, tile],
        [4, alpha],
      ],
    ],
    [
      'a second EXIF',
      [
        [0x80, exif],
        [1, coarse],
        [0x80, exif],
        [2, tile],
      ],
    ],
  ])('%s is Corrupt', (_, chunks) => {
    for (const partial of [false, true])
      expect(faultOf(() => readFile(fileOf(exampleHeader, ...chunks), { partial }))).toMatchObject({ tag: 'Corrupt' })
  })

  test('one that is cut is not there in part', () => {
    const bytes = writeFile(exampleHeader, [coarse, tile], { alpha, exif })
    const { length } = writeHeader(exampleHeader)
    expect(readFile(bytes.subarray(0, -1), { partial: true }).beside).toEqual({ alpha })
    expect(readFile(bytes.subarray(0, length + 4), { partial: true }).beside).toEqual({})
    expect(faultOf(() => readFile(bytes.subarray(0, -1))).tag).toBe('Truncated')
  })
})

test('trailing bytes are Corrupt', () => {
  const bytes = unhex(hex(writeFile(exampleHeader, [coarse, tile])) + '00')
  expect(faultOf(() => readFile(bytes))).toMatchObject({ tag: 'Corrupt', found: '0', allowed: 'the end of the file' })
})

test('a missing tile is named', () => {
  const bytes = fileOf(tiled, [1, coarse], [2, tiles[0]!])
  expect(faultOf(() => readFile(bytes))).toMatchObject({ tag: 'Truncated', where: 'the stream of tile 1' })
})

test('a writer refuses another number of streams', () => {
  expect(faultOf(() => writeFile(tiled, [coarse, tile]))).toMatchObject({ tag: 'BadOption', found: '2', allowed: '4' })
})

test('damage and cuts end in a file or a tagged error', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
  fc.assert(
    fc.property(anyFile, damage, fc.nat(), fc.boolean(), (file, places, end, partial) => {
      const bytes = writeFile(file.header, file.streams)
      for (const [place, value] of places) bytes[place % bytes.length] = value
      const cut = bytes.subarray(0, end % 4 === 0 ? end % bytes.length : bytes.length)
      try {
        const { header, streams } = readFile(cut, { partial })
        expect(streams.length).toBe(streamCount(header))
      } catch (error) {
        if (!(error instanceof DdncError)) throw error
      }
    }),
    { numRuns: 500 },
  )
})

test('arbitrary chunks behind a good header end in a file or a tagged error', () => {
  const anyChunk = fc.tuple(fc.oneof(fc.constantFrom(1, 2, 0xff), fc.nat(255)), fc.uint8Array({ maxLength: 4 }))
  fc.assert(
    fc.property(fc.array(anyChunk, { maxLength: 6 }), fc.boolean(), (chunks, partial) => {
      const types = chunks.map(([type]) => type)
      const known = types.filter((type) => type >= 0x80 && type <= 0x82)
      // Alpha (4) and the claim to be exact (5), which change what may follow, have tests of their own.
      fc.pre(new Set(known).size === known.length && !types.includes(4) && !types.includes(5))
      const critical = types.filter((type) => type < 0x80)
      let tags = 'whole'
      try {
        readFile(fileOf(exampleHeader, ...chunks), { partial })
      } catch (error) {
        if (!(error instanceof DdncError)) throw error
        tags = error.fault.tag
      }
      const whole = critical.join() === '1,2'
      const early = critical.join() === '' || critical.join() === '1'
      expect(tags).toBe(whole ? 'whole' : !early ? 'Corrupt' : partial ? 'whole' : 'Truncated')
    }),
  )
})
