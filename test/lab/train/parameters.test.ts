import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { floatModelOf } from '../../../src/lab/quantise/prototype.js'
import { parametersOf } from '../../../src/lab/train/parameters.js'
import { readGridRecipe } from '../../../src/lab/train/recipe.js'
import { firstValues, sizeOf } from '../../../src/lab/train/start.js'
import { uniformFrom } from '../../../src/network/uniform.js'

const { structure, starts } = readGridRecipe(
  readFileSync(join(import.meta.dirname, '../../../recipes/photo.json'), 'utf8'),
)
const deviations = Array.from({ length: 192 }, (_, id) => 400 / (1 + (id % 64)))
const parameters = parametersOf(structure)
const initial = firstValues(parameters, { ...starts, deviations, uniform: uniformFrom(1) })

test('names are unique, and first values have the shapes', () => {
  expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length)
  for (const { name, shape } of parameters) expect(initial.get(name)!.length, name).toBe(sizeOf(shape))
})

test('2.8 million numbers are trained; orders and scales are constants', () => {
  const trained = parameters.filter((parameter) => parameter.trained)
  expect(trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0) / 1e6).toBeCloseTo(2.8, 1)
  const constants = parameters.filter((parameter) => !parameter.trained).map(({ name }) => name)
  expect(constants.filter((name) => !/^(dc|ac)\.\d+\.scale$/.test(name))).toEqual(['dc_ids', 'ac_ids'])
})

describe('a model begins as the reference does', () => {
  test('it is a whole model of the codec: every tensor is there, in its size', () => {
    const weights = new Map(parameters.map(({ name, shape }) => [name, { shape, data: initial.get(name)! }]))
    const { model } = floatModelOf(structure, weights)
    expect([...model.fine.order.subarray(0, 3)]).toEqual([1, 8, 9])
    // u in 1/256: its leaves reach 48.
    expect(Math.max(...model.fine.layers[0].u)).toBeCloseTo(48 * 256, 1)
  })

  test('σ from the deviations, times six at the coarse grid, and 36 at least', () => {
    const [first] = initial.get('dc.0.scale')!
    expect(first).toBeCloseTo(400 * 6 * starts.coarse[0].scale, 2)
    // ids 1 and 8: deviations of 200 and 400/9.
    const [one, eight] = initial.get('ac.0.scale')!
    expect(one).toBeCloseTo(Math.max(36, 200 * starts.fine[0].scale), 3)
    expect(eight).toBe(36)
  })

  test('by variance, the means come first, then what varies most', () => {
    const deviations = Array.from({ length: 192 }, (_, id) => (id === 70 ? 900 : 400 / (1 + (id % 64))))
    const order = firstValues(parameters, { ...starts, order: 'variance', deviations, uniform: uniformFrom(1) })
    expect([...order.get('dc_ids')!.subarray(0, 7)]).toEqual([0, 64, 128, 70, 1, 65, 129])
    expect([...order.get('ac_ids')!.subarray(0, 3)]).toEqual([70, 1, 65])
    expect(order.get('ac.0.scale')![0]).toBeCloseTo(900 * starts.fine[0].scale, 2)
  })

  test('the prior falls off from the middle candidate', () => {
    const K = structure.fine.layers[0].K
    const bias = initial.get('ac.0.bias')!.subarray(0, K)
    expect(bias[(K - 1) / 2]).toBeCloseTo(0, 9)
    expect(bias[0]).toBeCloseTo(-2.2 * Math.log(49), 4)
  })

  test('weights within ±1/√inputs', () => {
    const weights = initial.get('low.weight')!
    const most = weights.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    expect(most).toBeLessThan(1 / Math.sqrt(27))
    expect(most).toBeGreaterThan(0.9 / Math.sqrt(27))
  })
})
