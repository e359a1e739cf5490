import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DdncError, type Fault } from '../../src/errors.js'
import { crc32 } from '../../src/format/crc32.js'
import {
  MAX_PIXELS,
  MAX_SIDE,
  readHeader,
  tileGrid,
  writeHeader,
  type GridHeader,
  type WholeHeader,
} from '../../src/format/header.js'
import { anyGridHeader, anyHeader, exampleHeader, faultOf, hex, unhex, wholeHeader } from './samples.js'

const exampleBytes = 'dd4e0d0a 00 26 28 09 0123456789abcdef 70686f746f2d31 8006 8004 9e1d736b'

/** With the CRC repaired after an edit. */
function sealed(edit: (bytes: Uint8Array) => Uint8Array | void): Uint8Array {
  const bytes = writeHeader(exampleHeader)
  const content = bytes.slice(0, -4)
  const edited = edit(content) ?? content
  return unhex(hex(edited) + crc32(edited).toString(16).padStart(8, '0'))
}

test('the bytes of a header', () => {
  expect(hex(writeHeader(exampleHeader))).toBe(exampleBytes.replaceAll(' ', ''))
  expect(readHeader(unhex(exampleBytes))).toEqual({ header: exampleHeader, length: 31 })
})

test('the bytes of a header of whole-image choices: class and choices stand where s and fine layers do', () => {
  const bytes = 'dd4e0d0a 00 97 03 78 0123456789abcdef 6d6e2d7461696a69 1c 1c 2e4b14b2'
  expect(hex(writeHeader(wholeHeader))).toBe(bytes.replaceAll(' ', ''))
  expect(readHeader(writeHeader(wholeHeader))).toEqual({ header: wholeHeader, length: 30 })
})

test('any header returns, whatever follows it', () => {
  fc.assert(
    fc.property(anyHeader, fc.uint8Array(), (header, rest) => {
      const bytes = writeHeader(header)
      expect(bytes.length).toBeGreaterThanOrEqual(23)
      expect(bytes.length).toBeLessThanOrEqual(36)
      expect(readHeader(Uint8Array.of(...bytes, ...rest))).toEqual({ header, length: bytes.length })
    }),
  )
})

test('every cut is Truncated', () => {
  const bytes = writeHeader(exampleHeader)
  for (let length = 0; length < bytes.length; length++) {
    expect(faultOf(() => readHeader(bytes.subarray(0, length))).tag).toBe('Truncated')
  }
})

test('other files are BadSignature, and so is one that text mode has mangled', () => {
  expect(faultOf(() => readHeader(unhex('89504e470d0a1a0a')))).toEqual({
    tag: 'BadSignature',
    what: 'a .ddn file',
    found: '89 50 4e 47',
  })
  const bytes = hex(writeHeader(exampleHeader))
  const lineEnds = [
    ['0d0a', '0a'],
    ['0a', '0d0a'],
    ['0d0a', '0d'],
  ] as const
  const characters = [
    ['dd', '5d'],
    ['dd', 'efbfbd'],
    ['dd', 'c39d'],
  ] as const // 7 bits, UTF-8 read, UTF-8 written
  for (const [from, to] of [...lineEnds, ...characters]) {
    expect(faultOf(() => readHeader(unhex(bytes.replace(from, to)))).tag).toBe('BadSignature')
  }
})

test('a later version is named before anything else is judged', () => {
  expect(faultOf(() => readHeader(unhex('dd4e0d0a 01')))).toEqual({
    tag: 'UnsupportedVersion',
    what: 'this .ddn',
    version: 1,
    supported: 0,
  })
})

test('any flipped bit is an error, and Corrupt once signature, version and extent are past', () => {
  const bytes = writeHeader(exampleHeader)
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice()
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    const { tag } = faultOf(() => readHeader(damaged))
    if (bit < 32) expect(tag).toBe('BadSignature')
    else if (bit < 40) expect(tag).toBe('UnsupportedVersion')
    else expect(['Corrupt', 'Truncated']).toContain(tag)
  }
})

test.each([
  ['bit depth 1', 5, 0x66, 'the bit depth code'],
  ['s = 74', 6, 74, 's'],
  ['a space in the name', 16, 0x20, 'model name'],
  ['a name beyond ASCII', 16, 0xe9, 'model name'],
])('with the CRC repaired, %s is Corrupt', (_, offset, value, where) => {
  const fault = faultOf(() => readHeader(sealed((bytes) => void (bytes[offset] = value))))
  expect(fault).toMatchObject({ tag: 'Corrupt', where })
})

test.each([
  ['the entropy profile', 0x87, 'the profile of a whole-image file'],
  ['tiles', 0x9f, 'the tile side of a whole-image file'],
  ['bit depth 1', 0xd7, 'the bit depth code'],
])('whole-image choices with %s are Corrupt', (_, flags, where) => {
  const content = writeHeader(wholeHeader).slice(0, -4)
  content[5] = flags
  const all = flags & 0x08 ? Uint8Array.of(...content, 1) : content
  const bytes = unhex(hex(all) + crc32(all).toString(16).padStart(8, '0'))
  expect(faultOf(() => readHeader(bytes))).toMatchObject({ tag: 'Corrupt', where })
})

test.each<[Partial<WholeHeader>, Partial<Fault>]>([
  [{ label: 256 }, { tag: 'BadOption', option: 'label' }],
  [{ choices: -1 }, { tag: 'BadOption', option: 'choices coded' }],
])('a writer of whole-image choices refuses %j', (change, fault) => {
  expect(faultOf(() => writeHeader({ ...wholeHeader, ...change }))).toMatchObject(fault)
})

test.each([
  ['width 0', '00 8004', { tag: 'Corrupt', where: 'width' }],
  ['height 0', '8006 00', { tag: 'Corrupt', where: 'height' }],
  ['an overlong width', '868000 8004', { tag: 'Corrupt', where: 'width' }],
  ['width 2^20 + 1', '818040 01', { tag: 'LimitExceeded', what: 'width' }],
  ['height 2^32 - 1', '01 ffffffff0f', { tag: 'LimitExceeded', what: 'height' }],
  ['2^20 · 65 pixels', '808040 41', { tag: 'LimitExceeded', value: 2 ** 20 * 65 }],
  ['tiles of 2^20 + 64', '01 01 818001', { tag: 'Corrupt', where: 'tile side' }],
  ['tiles of 0', '01 01 00', { tag: 'Corrupt', where: 'the tile side of a tiled picture' }],
])('%s is refused', (what, sizes, fault) => {
  const bytes = sealed((content) => {
    if (what.startsWith('tiles')) content[5] |= 0x08 // tiled
    return unhex(hex(content.subarray(0, 23)) + sizes.replaceAll(' ', ''))
  })
  expect(faultOf(() => readHeader(bytes))).toMatchObject(fault)
})

test('the limits themselves are allowed', () => {
  const sizes = { width: MAX_SIDE, height: MAX_PIXELS / MAX_SIDE, tileSide: 16384 }
  const header = { ...exampleHeader, ...sizes, lambdaStep: 73, fineLayers: 255 }
  expect(readHeader(writeHeader(header)).header).toEqual(header)
})

test.each<[Partial<GridHeader>, Partial<Fault>]>([
  [{ width: 0 }, { tag: 'BadOption', option: 'width' }],
  [{ height: 1.5 }, { tag: 'BadOption', option: 'height' }],
  [{ width: MAX_SIDE + 1 }, { tag: 'LimitExceeded', limit: MAX_SIDE }],
  [
    { width: 16385, height: 16384 },
    { tag: 'LimitExceeded', limit: MAX_PIXELS },
  ],
  [
    { width: 4096, height: 1025 },
    { tag: 'LimitExceeded', what: 'pixels of a tile', limit: 2 ** 22 },
  ],
  [
    { width: 4096, height: 4096, tileSide: 2112 },
    { tag: 'LimitExceeded', what: 'pixels of a tile', value: 2112 ** 2 },
  ],
  [{ lambdaStep: 74 }, { tag: 'BadOption', option: 's' }],
  [{ fineLayers: 256 }, { tag: 'BadOption', option: 'fine layers coded' }],
  [{ tileSide: 100 }, { tag: 'BadOption', option: 'tile side' }],
  [{ modelHash: new Uint8Array(32) }, { tag: 'BadOption', option: 'model hash' }],
  [{ modelName: 'photo-100' }, { tag: 'BadOption', option: 'model name' }],
  [{ modelName: '' }, { tag: 'BadOption', option: 'model name' }],
])('a writer refuses %j', (change, fault) => {
  expect(faultOf(() => writeHeader({ ...exampleHeader, ...change }))).toMatchObject(fault)
})

test('tiles follow from the sizes', () => {
  expect(tileGrid({ width: 999, height: 999, tileSide: 0 })).toEqual({ across: 1, down: 1 })
  expect(tileGrid({ width: 128, height: 129, tileSide: 64 })).toEqual({ across: 2, down: 3 })
  expect(tileGrid({ width: 1, height: 1, tileSide: 1024 })).toEqual({ across: 1, down: 1 })
})

test('the limits of the sizes bound the tiles by 2^17', () => {
  fc.assert(
    fc.property(anyGridHeader, (header) => {
      const { across, down } = tileGrid({ ...header, tileSide: 64 })
      expect(across * down).toBeLessThan(2 ** 17)
    }),
  )
})

test('arbitrary bytes behind a good start, CRC repaired, are a header or a tagged error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 15, maxLength: 40 }), (tail) => {
      const content = Uint8Array.of(0xdd, 0x4e, 0x0d, 0x0a, 0, tail[0]! & 0x3f, ...tail.subarray(1))
      const bytes = unhex(hex(content) + crc32(content).toString(16).padStart(8, '0'))
      try {
        const { header, length } = readHeader(bytes)
        expect(writeHeader(header)).toEqual(bytes.slice(0, length)) // one header has one form
      } catch (error) {
        if (!(error instanceof DdncError)) throw error
      }
    }),
  )
})
