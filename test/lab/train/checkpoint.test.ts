import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DdncError } from '../../../src/errors.js'
import { noUsualLoss } from '../../../src/lab/train/balance.js'
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../../../src/lab/train/checkpoint.js'
import { readSafetensors, writeSafetensors, type Tensor } from '../../../src/network/safetensors.js'

const SMALL: Checkpoint = {
  recipe: '{"name": "photo"}',
  step: 7,
  steps: 100,
  minutes: null,
  seconds: 1.5,
  random: 4_000_000_000,
  usualLoss: [0.1, ...noUsualLoss.slice(1)],
  trained: new Map([
    [
      'up.weight',
      {
        shape: [1, 2],
        updates: 6,
        weight: Float32Array.of(1, -2),
        first: Float32Array.of(0.1, 0.2),
        second: Float32Array.of(1e-30, 3),
        average: Float32Array.of(-0, 5),
      },
    ],
  ]),
  constants: new Map([['order', { shape: [2], data: Float32Array.of(3, 4) }]]),
}

test('a small one, as any reader of safetensors sees it', () => {
  const { metadata, tensors } = readSafetensors(writeCheckpoint(SMALL))
  expect(metadata).toMatchObject({ format: 'ddnc checkpoint', version: '0', recipe: '{"name": "photo"}' })
  expect([...tensors.keys()].sort()).toEqual([
    'average/up.weight',
    'constant/order',
    'first/up.weight',
    'second/up.weight',
    'updates/up.weight',
    'weight/up.weight',
  ])
  expect(tensors.get('weight/up.weight')).toEqual({ shape: [1, 2], data: Float32Array.of(1, -2) })
})

/** Any 32 bits: also what training should not reach. */
const anyFloats = (length: number) =>
  fc
    .array(fc.integer(), { minLength: length, maxLength: length })
    .map((bits) => new Float32Array(Int32Array.from(bits).buffer))
const anyShape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const anySlots = anyShape.chain((shape) => {
  const floats = anyFloats(sizeOf(shape))
  return fc.record({
    shape: fc.constant(shape),
    updates: fc.nat(),
    weight: floats,
    first: floats,
    second: floats,
    average: floats,
  })
})
const anyConstant = anyShape.chain((shape) => fc.record({ shape: fc.constant(shape), data: anyFloats(sizeOf(shape)) }))
const mapOf = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(fc.tuple(fc.string(), value), { maxLength: 4 }).map((entries) => new Map(entries))
const positive = fc.double({ min: 0, max: 1e6, noNaN: true })
const anyCheckpoint: fc.Arbitrary<Checkpoint> = fc
  .record({
    recipe: fc.string(),
    step: fc.nat(),
    more: fc.option(fc.nat()),
    minutes: fc.option(positive),
    seconds: positive,
    random: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    usualLoss: fc.array(positive, { minLength: 10, maxLength: 10 }),
    trained: mapOf(anySlots),
    constants: mapOf(anyConstant),
  })
  .map(({ more, ...rest }) => ({ ...rest, steps: more === null ? null : rest.step + more }))

/** Bits, so that −0 and every NaN count. */
const bitsOf = (checkpoint: Checkpoint): unknown =>
  [...checkpoint.trained, ...checkpoint.constants].map(([name, entry]) => [
    name,
    Object.entries(entry)
      .sort()
      .map(([slot, value]) => [slot, value instanceof Float32Array ? [...new Uint32Array(value.buffer)] : value]),
  ])

test('any checkpoint returns, to the bit', () => {
  fc.assert(
    fc.property(anyCheckpoint, (checkpoint) => {
      const read = readCheckpoint(writeCheckpoint(checkpoint))
      const sorted = (one: Checkpoint): unknown => JSON.stringify([bitsOf(one)].flat().sort())
      expect(sorted(read)).toEqual(sorted(checkpoint))
      const { trained: _, constants: __, ...state } = checkpoint
      expect(read).toMatchObject(JSON.parse(JSON.stringify(state)) as object)
      // What is written again is the same file.
      expect(writeCheckpoint(read)).toEqual(writeCheckpoint(checkpoint))
    }),
  )
})

test('one that could not be read back is not written', () => {
  const slots = SMALL.trained.get('up.weight')!
  const of = (count: number): Checkpoint => ({
    ...SMALL,
    trained: new Map(Array.from({ length: count }, (_, i) => [`weight number ${i}`, slots])),
  })
  expect(readCheckpoint(writeCheckpoint(of(819))).trained.size).toBe(819) // 4,095 tensors and a constant
  expect(() => writeCheckpoint(of(820))).toThrow('tensors is 4101, over the limit of 4096')
})

function faultOf(bytes: Uint8Array): unknown {
  try {
    readCheckpoint(bytes)
  } catch (error) {
    if (error instanceof DdncError) return error.fault
    throw error
  }
  return undefined
}

describe('refused', () => {
  const file = readSafetensors(writeCheckpoint(SMALL))
  const withState = (changes: object): Uint8Array => {
    const state = { ...(JSON.parse(file.metadata['state']) as object), ...changes }
    return writeSafetensors({ ...file.metadata, state: JSON.stringify(state) }, file.tensors)
  }
  const withTensors = (changes: Record<string, Tensor | undefined>): Uint8Array => {
    const tensors = new Map<string, Tensor>(file.tensors)
    for (const [name, tensor] of Object.entries(changes)) {
      if (tensor) tensors.set(name, tensor)
      else tensors.delete(name)
    }
    return writeSafetensors(file.metadata, tensors)
  }

  test('a safetensors file of another kind, and another version', () => {
    expect(faultOf(writeSafetensors({}, new Map()))).toMatchObject({ tag: 'BadSignature' })
    const later = writeSafetensors({ ...file.metadata, version: '1' }, file.tensors)
    expect(faultOf(later)).toMatchObject({ tag: 'UnsupportedVersion', version: 1, supported: 0 })
  })

  test.each<[string, object]>([
    ['step', { step: 1.5 }],
    ['steps', { steps: 6 }],
    ['random', { random: 2 ** 32 }],
    ['seconds', { seconds: null }],
    ['usualLoss', { usualLoss: [1, 2] }],
    ['minutes', { minutes: 'ten' }],
  ])('a bad %s', (field, changes) => {
    expect(faultOf(withState(changes))).toMatchObject({ tag: 'Corrupt', where: `the checkpoint's ${field}` })
  })

  test.each<[string, string, Tensor | undefined]>([
    ['a missing slot', 'first/up.weight', undefined],
    ['a slot of another shape', 'second/up.weight', { shape: [2, 1], data: Float32Array.of(1, 2) }],
    ['a negative count', 'updates/up.weight', { shape: [], data: Int32Array.of(-1) }],
    ['a slot of another type', 'average/up.weight', { shape: [1, 2], data: Int32Array.of(1, 2) }],
    ['a stranger', 'other/up.weight', { shape: [1], data: Float32Array.of(1) }],
    ['a slot without a weight', 'first/down.weight', { shape: [1], data: Float32Array.of(1) }],
  ])('%s', (_, name, tensor) => {
    expect(faultOf(withTensors({ [name]: tensor }))).toMatchObject({
      tag: 'Corrupt',
      where: `the checkpoint's ${name}`,
    })
  })

  test('every cut, with a tag', () => {
    const bytes = writeCheckpoint(SMALL)
    for (let end = 0; end < bytes.length; end++) expect(faultOf(bytes.subarray(0, end))).toHaveProperty('tag')
  })
})
