/** What the tests of format/ share: one worked header, arbitrary ones, hex, faults. */
import fc from 'fast-check'
import { DdncError, type Fault } from '../../src/errors.js'
import {
  MAX_PIXELS,
  MAX_SIDE,
  MAX_TILE_PIXELS,
  type GridHeader,
  type Header,
  type WholeHeader,
} from '../../src/format/header.js'

export const exampleHeader: GridHeader = {
  kind: 'grid',
  width: 768,
  height: 512,
  components: 3,
  profile: 'entropy',
  lambdaStep: 40,
  fineLayers: 9,
  tileSide: 0,
  modelHash: Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef),
  modelName: 'photo-1',
}

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))

/** 1…limit, every power of two as likely as the next: sizes of one, two and three bytes all occur. */
const anySide = (limit: number) =>
  fc
    .integer({ min: 0, max: Math.floor(Math.log2(limit)) })
    .chain((level) => fc.integer({ min: 1, max: Math.min(2 ** (level + 1), limit) }))

const anySizes = anySide(MAX_SIDE).chain((width) =>
  fc.record({ width: fc.constant(width), height: anySide(Math.min(MAX_SIDE, Math.floor(MAX_PIXELS / width))) }),
)

export const anyGridHeader: fc.Arbitrary<GridHeader> = fc
  .tuple(
    anySizes,
    fc.record({
      components: fc.constantFrom(1 as const, 3 as const),
      profile: fc.constantFrom('entropy' as const, 'plain' as const),
      lambdaStep: fc.nat(73),
      fineLayers: fc.nat(255),
      tileSide: fc.oneof(fc.nat(16), fc.nat(16384)).map((units) => units * 64),
      modelHash: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      modelName: fc.string({ unit: visible, minLength: 1, maxLength: 8 }),
    }),
  )
  .map(([sizes, fields]) => ({ kind: 'grid' as const, ...sizes, ...fields }))
  .filter(({ width, height, tileSide }) => {
    const side = tileSide || MAX_SIDE
    return Math.min(width, side) * Math.min(height, side) <= MAX_TILE_PIXELS
  })

export const wholeHeader: WholeHeader = {
  kind: 'whole',
  width: 28,
  height: 28,
  components: 1,
  profile: 'plain',
  label: 3,
  choices: 120,
  modelHash: exampleHeader.modelHash,
  modelName: 'mn-taiji',
}

const anyWholeHeader: fc.Arbitrary<WholeHeader> = fc
  .record({
    width: fc.integer({ min: 1, max: 256 }),
    height: fc.integer({ min: 1, max: 256 }),
    components: fc.constantFrom(1 as const, 3 as const),
    label: fc.nat(255),
    choices: fc.nat(255),
    modelHash: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    modelName: fc.string({ unit: visible, minLength: 1, maxLength: 8 }),
  })
  .map((fields) => ({ kind: 'whole', profile: 'plain', ...fields }))

export const anyHeader: fc.Arbitrary<Header> = fc.oneof(anyGridHeader, anyWholeHeader)

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Spaces are for the reader. */
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** The fault that something throws. */
export function faultOf(run: () => unknown): Fault {
  try {
    run()
  } catch (error) {
    if (error instanceof DdncError) return error.fault
    throw error
  }
  throw new Error('nothing was thrown')
}
