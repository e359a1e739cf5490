import { describe, expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { microParts } from '../../src/lab/quantise/micro.js'
import { checkStructure } from '../../src/network/structure.js'

type Fields = Record<string, unknown>

const good = (): Fields => structuredClone(microParts('micro').structure) as unknown as Fields

/** The structure with the value at a path such as `fine.layers.2.K` replaced. */
function withField(path: string, value: unknown): unknown {
  const root = good()
  const parts = path.split('.')
  let at: Fields = root
  for (const part of parts.slice(0, -1)) at = at[part] as Fields
  at[parts.at(-1)!] = value
  return root
}

test('a good structure is returned as it is, and nothing else of the JSON', () => {
  expect(checkStructure(good())).toEqual(good())
  expect(checkStructure({ ...good(), comment: 'x' })).toEqual(good())
  expect(checkStructure(withField('cleanUp', null))).toEqual(withField('cleanUp', null))
})

describe('refused', () => {
  test.each<[string, unknown[]]>([
    ['name', [undefined, '', 'ninechars', 'a b', 'ü', 3]],
    ['profiles', [undefined, [], ['lossless'], 'entropy']],
    ['coarse', [undefined, null, []]],
    ['fine', [undefined, 'x']],
    ['entry', [undefined, null]],
    ['closing', [undefined, null]],
    ['cleanUp', [undefined, 0, []]],
    ['coarse.channels', [0, 1025, 1.5, '8']],
    ['fine.channels', [0, 1025, null]],
    ['coarse.coefficients', [0, 193]],
    ['fine.coefficients', [0, 190]],
    ['coarse.layers', [[], {}, undefined]],
    ['fine.layers.0', [null, 'x']],
    ['fine.layers.0.first', [-1, 12]],
    ['fine.layers.0.end', [0, 13]],
    ['fine.layers.0.K', [1, 513]],
    ['fine.layers.0.n', [0, 11]],
    ['fine.layers.3.n', [7]], // 3^7 = 2187 leaves
    ['fine.layers.0.rank', [0, 17]],
    ['fine.layers.0.cells', ['none', undefined]],
    ['fine.layers.0.escape', [0, undefined]],
    ['fine.layers.0.until', [-1, 74]],
    ['fine.layers.3.until', [61]], // the layer before ends at 60
    ['fine.layers.0.headShift', [-1, 16]],
    ['fine.layers.0.priorShift', [0, 31]],
    ['fine.layers.0.block', [null]],
    ['fine.layers.0.block.hidden', [0, 1025]],
    ['fine.layers.0.block.inputShift', [-1, 16]],
    ['entry.upChannels', [0, 129]],
    ['entry.lowShift', [-1, 16]],
    ['entry.upShift', [-1, 16]],
    ['closing.inputShift', [-1, 16]],
    ['cleanUp.channels', [0, 65]],
    ['cleanUp.trunkShift', [-1, 16]],
    ['cleanUp.pictureShift', [-1, 16]],
    ['cleanUp.block.hidden', [0]],
    ['cleanUp.outputShift', [-1, 16]],
  ])('%s', (path, values) => {
    for (const value of values) {
      try {
        checkStructure(withField(path, value))
      } catch (error) {
        expect(error).toBeInstanceOf(DdncError)
        expect((error as DdncError).fault).toMatchObject({ tag: 'Corrupt' })
        expect((error as DdncError).message).toContain(
          path
            .split('.')
            .filter((part) => !/\d/.test(part))
            .at(-1)!,
        )
        continue
      }
      expect.unreachable(`${path} = ${JSON.stringify(value)} was taken`)
    }
  })

  test('plain with an escape, or with K no power of two', () => {
    expect(() => checkStructure(withField('profiles', ['entropy', 'plain']))).toThrow('plain with K = 7 and escape')
    expect(checkStructure(microParts('micro-pl').structure).profiles).toEqual(['entropy', 'plain'])
  })

  test('more layers than 64', () => {
    const layer = (good()['coarse'] as { layers: unknown[] }).layers[0]
    expect(() => checkStructure(withField('coarse.layers', new Array(65).fill(layer)))).toThrow('1 to 64 layers')
  })

  test.each([null, undefined, 3, 'x', []])('%j for the whole', (json) => {
    expect(() => checkStructure(json)).toThrow('structure')
  })
})

test('a value that is long or nested deeper than the stack is not spelt out', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(() => checkStructure(withField('name', deep))).toThrow("the model's name is a list, allowed")
  expect(() => checkStructure(withField('name', 'x'.repeat(1000)))).toThrow(`is "${'x'.repeat(39)}…, allowed`)
})
