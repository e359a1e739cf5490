import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DdncError } from '../../../src/errors.js'
import { readGridRecipe } from '../../../src/lab/train/recipe.js'
import { readPrototype } from '../../../src/lab/quantise/prototype.js'
import { checkCellGrid, type LayerStructure } from '../../../src/network/structure.js'

const text = await readFile(new URL('../../../recipes/photo.json', import.meta.url), 'utf8')
const plain = await readFile(new URL('../../../recipes/photo-plain.json', import.meta.url), 'utf8')
const taijiPlain = await readFile(new URL('../../../recipes/photo-taiji-plain.json', import.meta.url), 'utf8')
const folder = process.env['DDNC_PROTOTYPE'] ?? join(import.meta.dirname, '../../../../shared/prototype/photo')
const reference = join(folder, 'photo.safetensors')

/** The recipe with one value set, or taken away: `at` is a path such as `training.sizes.0.crop`. */
function changed(at: string, value: unknown): string {
  const recipe = JSON.parse(text) as Record<string, unknown>
  const path = at.split('.')
  const last = path.pop()!
  let inner = recipe
  for (const name of path) inner = inner[name] as Record<string, unknown>
  if (value === undefined) delete inner[last]
  else inner[last] = value
  return JSON.stringify(recipe)
}

function faultOf(recipe: string): unknown {
  try {
    readGridRecipe(recipe)
  } catch (error) {
    if (error instanceof DdncError) return error.fault
    throw error
  }
  return undefined
}

test('photo has the settings of the reference', () => {
  const { name, structure, starts, training } = readGridRecipe(text)
  expect(name).toBe('photo')
  expect(structure.coarse.layers.map(({ first, end, K, rank }) => [first, end, K, rank]).slice(0, 2)).toEqual([
    [0, 8, 33, 8],
    [8, 32, 33, 8],
  ])
  expect(structure.fine.layers.map(({ until }) => until)).toEqual([73, 73, 73, 73, 73, 58, 50, 24])
  expect(structure.fine.layers[2]).toMatchObject({ first: 12, end: 32, K: 21, n: 1, cells: 'all', escape: true })
  expect(structure.fine.layers[0].block.hidden).toBe(64)
  expect(starts.fine[2]).toEqual({ scale: 0.2, power: 1 })
  expect(training.sizes[1]).toEqual({ from: 0.5, batch: 1, crop: 320 })
  expect(training.adam).toEqual({ betas: [0.9, 0.98], epsilon: 1e-8, clip: 1 })
})

test.skipIf(!existsSync(reference))('photo has the structure of the reference weights', async () => {
  const { structure } = readPrototype(await readFile(reference), 'photo', true)
  expect(readGridRecipe(text).structure).toEqual(structure)
})

test('a layer may branch, and share its positions with the next', () => {
  const layer = { band: [0, 4], K: 2, n: 4, rank: 2, cells: 'even', scale: 1, power: 1 }
  const layers = [layer, { ...layer, cells: 'odd' }]
  const { structure } = readGridRecipe(changed('structure.fine.layers', layers))
  expect(structure.fine.coefficients).toBe(4)
  expect(structure.fine.layers.map(({ cells, n, K }) => [cells, n, K])).toEqual([
    ['even', 4, 2],
    ['odd', 4, 2],
  ])
})

describe('refused, by name', () => {
  test.each<[string, unknown, string, string]>([
    ['name', 'a name too long', 'recipe.name', 'a name too long'],
    ['structure.escape', undefined, 'recipe.structure.escape', 'missing'],
    ['structure.cleanUp', 65, 'recipe.structure.cleanUp', '65'],
    ['structure.profiles', ['plain'], 'recipe.structure.escape', 'true'],
    ['structure.profiles.0', 'simple', 'recipe.structure.profiles[0]', 'simple'],
    ['structure.coarse.channels', 127, 'recipe.structure.coarse.channels', '127'],
    ['structure.coarse.layers', [], 'recipe.structure.coarse.layers', '0 long'],
    ['structure.coarse.layers.1.until', 3, 'recipe.structure.coarse.layers[1].until', '3'],
    ['structure.coarse.layers.3.band', [80, 193], 'recipe.structure.coarse.layers[3].band', '[80,193]'],
    ['structure.fine.layers.0.band', [4, 4], 'recipe.structure.fine.layers[0].band', '[4,4]'],
    ['structure.fine.layers.2.K', 1, 'recipe.structure.fine.layers[2].K', '1'],
    ['structure.fine.layers.2.n', 3, 'recipe.structure.fine.layers[2].n', '3'],
    ['structure.fine.layers.6.until', 60, 'recipe.structure.fine.layers[6].until', '60'],
    ['structure.fine.layers.0.cells', 'half', 'recipe.structure.fine.layers[0].cells', 'half'],
    ['structure.fine.layers.0.k', 2, 'recipe.structure.fine.layers[0].k', '2'],
    ['structure.fine.layers.0.until', null, 'recipe.structure.fine.layers[0].until', 'null'],
    ['training.seed', -1, 'recipe.training.seed', '-1'],
    ['training.sizes.0.from', 0.1, 'recipe.training.sizes[0].from', '0.1'],
    ['training.sizes.2.from', 0.5, 'recipe.training.sizes[2].from', '0.5'],
    ['training.sizes.0.crop', 190, 'recipe.training.sizes[0].crop', '190'],
    ['training.learningRate.hold', '0.5', 'recipe.training.learningRate.hold', '0.5'],
    ['training.adam.betas', [0.9], 'recipe.training.adam.betas', '1 long'],
    ['training.adam.betas.1', 1, 'recipe.training.adam.betas[1]', '1'],
    ['training.logLambda.middle', [4, 9], 'recipe.training.logLambda.middle', '[4,9]'],
    ['training.splitAndPrune', true, 'recipe.training.splitAndPrune', 'true'],
    ['training.splitAndPrune', { interval: 0 }, 'recipe.training.splitAndPrune.interval', '0'],
    ['training.balancing', { step: 0.1 }, 'recipe.training.balancing.until', 'missing'],
    ['training.balancing', { step: 0.1, until: 1, rate: 1 }, 'recipe.training.balancing.rate', '1'],
    ['training.data', null, 'recipe.training.data', 'null'],
    ['structure.order', 'size', 'recipe.structure.order', 'size'],
    ['training.data.tone', 1.5, 'recipe.training.data.tone', '1.5'],
  ])('%s = %j', (at, value, option, found) => {
    expect(faultOf(changed(at, value))).toMatchObject({ tag: 'BadOption', option, found })
  })

  test('what is no JSON', () => expect(faultOf('{')).toMatchObject({ tag: 'BadOption', option: 'recipe' }))

  test('a gap between bands', () => {
    const found = 'bands without coefficient 4'
    const layer = { K: 2, rank: 2, scale: 1, power: 1 }
    const layers = [
      { ...layer, band: [0, 4] },
      { ...layer, band: [5, 12] },
    ]
    expect(faultOf(changed('structure.fine.layers', layers))).toMatchObject({ found })
  })
})

test('Split-and-Prune and balancing are switches, off by default', () => {
  const off = readGridRecipe(text).training
  expect([off.splitAndPrune, off.balancing]).toEqual([null, null])
  const splitAndPrune = { interval: 50, split: 2, prune: 0.5, until: 0.5 }
  expect(readGridRecipe(changed('training.splitAndPrune', splitAndPrune)).training).toMatchObject({ splitAndPrune })
  const balancing = { step: 0.002, until: 0.5 }
  expect(readGridRecipe(changed('training.balancing', balancing)).training).toMatchObject({ balancing })
})

describe('photo-plain', () => {
  const { structure } = readGridRecipe(plain)
  /** Bits of the cells of one position. */
  const bits = (layers: LayerStructure[]): number =>
    layers.reduce((sum, { first, end, K, n, cells }) => {
      expect(cells).toBe('all')
      return sum + (end - first) * n * Math.log2(K)
    }, 0)

  test('seven rates from 0.26 to 0.98 bits a pixel', () => {
    const { coarse, fine } = structure
    const rates = [73, 55, 46, 38, 31, 24, 17].map((s) => {
      // A coarse position is of 64×64 pixels, a fine one of 8×8.
      return bits(coarse.layers) / 4096 + bits(fine.layers.filter(({ until }) => until >= s)) / 64
    })
    expect(rates.map((rate) => Number(rate.toFixed(3)))).toEqual([0.26, 0.416, 0.604, 0.697, 0.822, 0.916, 0.979])
    expect(new Set(fine.layers.map(({ until }) => until)).size).toBe(rates.length)
  })

  test('a coefficient may be without a layer where every bit is paid', () => {
    expect(structure.fine.layers.some(({ first, end }) => first <= 9 && 9 < end)).toBe(true)
    expect(structure.fine.layers.some(({ first, end }) => first <= 30 && 30 < end)).toBe(false)
    expect(structure.profiles).toEqual(['plain'])
  })
})

test('photo-taiji-plain is photo-plain as trees of two candidates a choice', () => {
  const asTrees = JSON.parse(plain.replace('photo-pl', 'taiji-pl')) as {
    structure: Record<'coarse' | 'fine', { layers: { K: number; n?: number }[] }>
  }
  for (const grid of ['coarse', 'fine'] as const) {
    for (const layer of asTrees.structure[grid].layers) {
      if (layer.K > 2) layer.n = Math.log2(layer.K)
      layer.K = 2
    }
  }
  expect(JSON.parse(taijiPlain)).toEqual(asTrees)
})

test('any layers that are accepted make a structure that a model file may have', () => {
  const anyLayer = fc.record({
    band: fc.tuple(fc.nat(10), fc.nat(200)),
    K: fc.integer({ min: 1, max: 40 }),
    n: fc.integer({ min: 0, max: 6 }),
    rank: fc.integer({ min: 0, max: 20 }),
    until: fc.integer({ min: 0, max: 80 }),
    scale: fc.constant(1),
    power: fc.constant(1),
  })
  fc.assert(
    fc.property(fc.array(anyLayer, { minLength: 1, maxLength: 3 }), (layers) => {
      const recipe = changed('structure.fine.layers', layers)
      if (faultOf(recipe) === undefined) expect(() => checkCellGrid(readGridRecipe(recipe).structure)).not.toThrow()
      else expect(faultOf(recipe)).toMatchObject({ tag: 'BadOption' })
    }),
    { numRuns: 300 },
  )
})
