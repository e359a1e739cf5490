import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { readSafetensors, writeSafetensors, type Tensor } from '../../src/network/safetensors.js'

/** A file from its JSON header and its data. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + json.length + data.length)
  new DataView(out.buffer).setUint32(0, json.length, true)
  out.set(json, 8)
  out.set(data, 8 + json.length)
  return out
}

test('the bytes of a small file', () => {
  const file = writeSafetensors({ a: 'b' }, new Map([['x', { shape: [2], data: Int16Array.of(1, -2) }]]))
  const header = '{"__metadata__":{"a":"b"},"x":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}'
  expect(header.length).toBe(79)
  expect([...file.subarray(0, 8)]).toEqual([80, 0, 0, 0, 0, 0, 0, 0])
  expect(new TextDecoder().decode(file.subarray(8, 88))).toBe(`${header} `)
  expect([...file.subarray(88)]).toEqual([1, 0, 0xfe, 0xff])
})

const int = (min: number, max: number) => fc.integer({ min, max })
const anyData = fc.oneof(
  fc.array(int(-128, 127)).map((x) => Int8Array.from(x)),
  fc.array(int(0, 255)).map((x) => Uint8Array.from(x)),
  fc.array(int(-32768, 32767)).map((x) => Int16Array.from(x)),
  fc.array(int(0, 65535)).map((x) => Uint16Array.from(x)),
  fc.array(int(-(2 ** 31), 2 ** 31 - 1)).map((x) => Int32Array.from(x)),
  fc.array(fc.float({ noNaN: true })).map((x) => Float32Array.from(x)),
)
const anyTensors = fc
  .array(
    fc.tuple(
      fc.string({ minLength: 1 }).filter((name) => !name.startsWith('__')),
      anyData,
    ),
  )
  .map((entries) => new Map<string, Tensor>(entries.map(([name, data]) => [name, { shape: [1, data.length], data }])))
const anyMetadata = fc.dictionary(
  fc.string().filter((name) => name !== '__proto__'),
  fc.string(),
)

test('any tensors and metadata return', () => {
  fc.assert(
    fc.property(anyMetadata, anyTensors, fc.nat(7), (metadata, tensors, offset) => {
      const file = writeSafetensors(metadata, tensors)
      expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0)
      // Read from an odd address too: tensors are copied out.
      const shifted = new Uint8Array(file.length + offset)
      shifted.set(file, offset)
      const read = readSafetensors(shifted.subarray(offset))
      expect({ ...read.metadata }).toEqual({ ...metadata })
      expect(new Map(read.tensors)).toEqual(tensors)
    }),
  )
})

/** Nested as deep as a header of 2^20 bytes may be, nearly. */
const DEEP = '['.repeat(400_000) + ']'.repeat(400_000)
const MANY = Array.from({ length: 4097 }, (_, i) => `t${i}`)
const entry = { dtype: 'I8', shape: [3], data_offsets: [0, 3] }

test('of two tensors of one name the last counts', () => {
  const header = '{"x":{"dtype":"BF16"},"x":{"dtype":"I8","shape":[3],"data_offsets":[0,3]}}'
  expect(readSafetensors(fileOf(header, Uint8Array.of(1, 2, 255))).tensors.get('x')!.data).toEqual(
    Int8Array.of(1, 2, -1),
  )
})

test('a name of the prototype is a name', () => {
  const header = '{"__proto__":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"__metadata__":{"__proto__":"x"}}'
  const { tensors, metadata } = readSafetensors(fileOf(header, Uint8Array.of(7)))
  expect([...tensors.keys()]).toEqual(['__proto__'])
  expect(metadata['ddnm']).toBeUndefined()
})

test('a name of a hundred thousand characters is not spelt out', () => {
  const read = (): unknown => readSafetensors(fileOf({ ['n'.repeat(100_000)]: {} }))
  expect(read).toThrow(`tensor ${'n'.repeat(60)}… is without a type`)
})

describe('refused', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'Corrupt'],
    ['an unknown type', { x: { ...entry, dtype: 'BF16' } }, 'Corrupt'],
    ['a type of the prototype', { x: { ...entry, dtype: 'constructor' } }, 'Corrupt'],
    ['a missing entry', { x: null }, 'Corrupt'],
    ['a type that is no text', { x: { ...entry, dtype: { toString: 1 } } }, 'Corrupt'],
    ['tensors that overlap', { x: entry, y: { ...entry, data_offsets: [1, 4] } }, 'Corrupt'],
    ['a negative size', { x: { ...entry, shape: [-3] } }, 'Corrupt'],
    ['nine sizes', { x: { ...entry, shape: [3, 1, 1, 1, 1, 1, 1, 1, 1] } }, 'Corrupt'],
    ['a size that the offsets contradict', { x: { ...entry, shape: [4] } }, 'Corrupt'],
    ['three offsets', { x: { ...entry, data_offsets: [0, 3, 4] } }, 'Corrupt'],
    ['offsets beyond the data', { x: { ...entry, data_offsets: [2, 5] } }, 'Truncated'],
    ['metadata that are no strings', { __metadata__: { a: 1 } }, 'Corrupt'],
    ['offsets that run backwards', { x: { ...entry, data_offsets: [3, 0] } }, 'Corrupt'],
    [
      'an offset that is no exact number',
      '{"x":{"dtype":"I8","shape":[3],"data_offsets":[0,9007199254740993]}}',
      'Corrupt',
    ],
    ['a size beyond all numbers', '{"x":{"dtype":"I8","shape":[1e400],"data_offsets":[0,3]}}', 'Corrupt'],
    ['an entry nested deeper than the stack', `{"x":${DEEP}}`, 'Corrupt'],
    ['a shape nested so', `{"x":{"dtype":"I8","shape":${DEEP},"data_offsets":[0,3]}}`, 'Corrupt'],
    ['metadata nested so', `{"__metadata__":{"a":${DEEP}}}`, 'Corrupt'],
    [
      'more tensors than 4096',
      Object.fromEntries(MANY.map((name) => [name, { ...entry, shape: [0], data_offsets: [0, 0] }])),
      'LimitExceeded',
    ],
    ['a huge claim', { x: { dtype: 'I32', shape: [2 ** 40], data_offsets: [0, 2 ** 42] } }, 'Truncated'],
  ])('%s', (_, header, tag) => {
    let fault: unknown
    try {
      readSafetensors(fileOf(header, new Uint8Array(4)))
    } catch (error) {
      fault = error instanceof DdncError ? error.fault.tag : error
    }
    expect(fault).toBe(tag)
  })

  test('damage anywhere is a tagged error or another file', () => {
    const file = writeSafetensors({ a: 'b' }, new Map([['x', { shape: [2, 2], data: Int16Array.of(1, -2, 3, 4) }]]))
    const anyFlips = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 4 })
    fc.assert(
      fc.property(fc.nat(file.length), anyFlips, (end, flips) => {
        const damaged = file.slice()
        for (const [at, flip] of flips) damaged[at] ^= flip
        try {
          readSafetensors(damaged.subarray(0, end))
        } catch (error) {
          expect(error).toBeInstanceOf(DdncError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
