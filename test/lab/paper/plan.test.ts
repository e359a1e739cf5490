import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { patched, readPlan, variantText } from '../../../src/lab/paper/plan.js'

const FOLDER = new URL('../../../recipes/paper/', import.meta.url)

test.each(readdirSync(FOLDER))('%s is a plan', (name) => {
  const { steps, models } = readPlan(readFileSync(new URL(name, FOLDER), 'utf8'))
  expect(steps).toBeGreaterThan(0)
  const names = models.map(({ name, recipe }) => name ?? recipe)
  expect(new Set(names).size).toBe(names.length)
})

test('a merge patch changes, adds and removes', () => {
  expect(patched({ a: 1, b: { c: 2, d: 3 } }, { a: null, b: { c: 4 }, e: [5] })).toEqual({ b: { c: 4, d: 3 }, e: [5] })
  // The cases of RFC 7386, appendix A, that differ most from a plain copy.
  expect(patched({ a: [{ b: 'c' }] }, { a: [1] })).toEqual({ a: [1] })
  expect(patched({ a: 'foo' }, 'bar')).toBe('bar')
  expect(patched([1, 2], { a: 'b', c: null })).toEqual({ a: 'b' })
  expect(patched({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } })
})

describe('a variant', () => {
  const recipe = JSON.stringify({
    name: 'mnist',
    structure: { profiles: ['plain'], whole: { K: 64, leak: 1, stages: [{ scale: 1, steps: 10 }] } },
    training: { seed: 0, batch: 32, splitAndPrune: { interval: 1 } },
  })
  const variant = { recipe: 'mnist', name: null, K: null, choices: null, training: {} }

  test('without changes has the seed alone', () => {
    const expected = { ...JSON.parse(recipe), training: { seed: 3, batch: 32, splitAndPrune: { interval: 1 } } }
    expect(JSON.parse(variantText(recipe, variant, 3))).toEqual(expected)
  })

  test('has other numbers of candidates and choices, and other training', () => {
    const changes = { name: 'l8x3', K: 8, choices: [3], training: { splitAndPrune: null, chainDropout: 0.05 } }
    expect(JSON.parse(variantText(recipe, { ...variant, ...changes }, 1))).toEqual({
      name: 'l8x3',
      structure: { profiles: ['plain'], whole: { K: 8, leak: 1, stages: [{ scale: 1, steps: 3 }] } },
      training: { seed: 1, batch: 32, chainDropout: 0.05 },
    })
  })

  test('of another number of stages is refused', () => {
    expect(() => variantText(recipe, { ...variant, choices: [3, 4] }, 1)).toThrow('plan.choices is [3,4]')
  })
})

test('a field that a plan does not have is refused', () => {
  const text = '{ "steps": 1, "seeds": 1, "models": [{ "recipe": "mnist", "k": 2 }] }'
  expect(() => readPlan(text)).toThrow('plan.models[0].k is 2')
})
