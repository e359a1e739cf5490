import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { writeSafetensors } from '../../../src/network/safetensors.js'
import { writeCheckpoint } from '../../../src/lab/train/checkpoint.js'
import { matching, weightsOf } from '../../../src/lab/train/from.js'
import { parametersOf } from '../../../src/lab/train/parameters.js'
import { sizeOf } from '../../../src/lab/train/start.js'
import { readGridRecipe } from '../../../src/lab/train/recipe.js'

const recipe = (name: string) => readFile(new URL(`../../../recipes/${name}.json`, import.meta.url), 'utf8')
const [photo, taiji, plain] = [await recipe('photo'), await recipe('photo-taiji'), await recipe('photo-plain')]
const structure = readGridRecipe(photo).structure

/** All weights of `photo`, each number its place in the list. */
const everything = new Map(
  parametersOf(structure).map(({ name, shape }, i) => [name, { shape, data: new Float32Array(sizeOf(shape)).fill(i) }]),
)

test('a checkpoint gives its recipe, its averaged weights and its constants', () => {
  const one = (value: number) => Float32Array.of(value)
  const slots = { shape: [1], updates: 3, weight: one(1), first: one(2), second: one(3), average: one(4) }
  const state = { step: 5, steps: 9, minutes: null, seconds: 1, random: 7, usualLoss: new Array<number>(10).fill(0) }
  const constants = new Map([['ids', { shape: [1], data: one(6) }]])
  const bytes = writeCheckpoint({ recipe: photo, ...state, trained: new Map([['w', slots]]), constants })
  const { recipe, weights } = weightsOf(bytes)
  expect(recipe).toBe(photo)
  expect([...weights]).toEqual([
    ['ids', { shape: [1], data: one(6) }],
    ['w', { shape: [1], data: one(4) }],
  ])
})

test('the reference gives weights alone, integers as floats', () => {
  const tensors = new Map([['dc_ids', { shape: [2], data: Int32Array.of(0, 64) }]])
  const { recipe, weights } = weightsOf(writeSafetensors({ config: '{}' }, tensors))
  expect(recipe).toBe(null)
  expect(weights.get('dc_ids')).toEqual({ shape: [2], data: Float32Array.of(0, 64) })
})

test('the same network takes everything', () => {
  const { weights, taken, all } = matching(structure, everything)
  expect([weights.size, taken]).toEqual([everything.size, all])
})

test('a network with other candidates takes the trunk, and no table', () => {
  const { weights, taken, all } = matching(readGridRecipe(taiji).structure, everything)
  expect(weights.get('ac.0.block.a.weight')).toBe(everything.get('ac.0.block.a.weight')!.data)
  expect(weights.has('ac.0.nodes')).toBe(false)
  expect(taken).toBeGreaterThan(all / 2)
  expect(taken).toBeLessThan(all)
})

test('a plain network takes the trunk alone from another, and everything from its own kind', () => {
  const plainStructure = readGridRecipe(plain).structure
  const { weights } = matching(plainStructure, everything, photo)
  expect(weights.has('ac.0.block.a.weight')).toBe(true)
  expect(weights.has('closing.weight')).toBe(true)
  // They have the same shape in both.
  for (const name of ['scale', 'power', 'mean_scale.weight', 'feedback.weight']) {
    expect(everything.has(`dc.0.${name}`)).toBe(true)
    expect(weights.has(`dc.0.${name}`), name).toBe(false)
  }
  const own = new Map(
    parametersOf(plainStructure).map(({ name, shape }) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  )
  expect(matching(plainStructure, own, plain).weights.size).toBe(own.size)
})

test('candidates of other coefficients are left out; an order of as many goes over with them', () => {
  const { structure, starts } = readGridRecipe(plain)
  const own = new Map(
    parametersOf(structure).map(({ name, shape }) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  )
  const same = matching(structure, own, plain, starts.order)
  expect([same.weights.has('ac_ids'), same.taken]).toEqual([true, same.all])
  const fewer = new Map([...own, ['ac_ids', { shape: [20], data: new Float32Array(20) }]])
  const { weights } = matching(structure, fewer, plain, starts.order)
  const has = (name: string): boolean => weights.has(name)
  expect(['ac.0.nodes', 'ac.0.scale', 'ac_ids'].map(has)).toEqual([false, false, false])
  expect(['dc.0.nodes', 'dc_ids', 'ac.0.block.a.weight'].map(has)).toEqual([true, true, true])
})

test('weights of which not one fits are refused', () => {
  const strange = new Map([['up.weight', { shape: [1], data: Float32Array.of(1) }]])
  expect(() => matching(structure, strange)).toThrow('the weights to begin with is of another network')
})
