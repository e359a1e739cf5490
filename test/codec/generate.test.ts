import { describe, expect, test } from 'vitest'
import { generate, type GenerateOptions } from '../../src/index.js'
import { micro, microPlain, WHOLE_MODELS } from '../micro.js'

const [shot, recur, conditional] = WHOLE_MODELS
const hexOf = async (options: GenerateOptions): Promise<string> =>
  Buffer.from((await generate(options)).data).toString('hex')

describe.each([
  ['whole pictures', { model: shot }],
  ['a recurrent model', { model: recur }],
  ['classes', { model: conditional }],
  ['grids', { model: micro, width: 40, height: 24 }],
  ['grids of the plain profile', { model: microPlain, width: 17, height: 9 }],
] as const)('%s', (_, options: GenerateOptions) => {
  test('the same seed, the same picture on both engines; another seed, another', async () => {
    const first = await generate({ ...options, seed: 7 })
    expect(await generate({ ...options, seed: 7, engine: 'reference' })).toEqual(first)
    const others = new Set(await Promise.all([8, 9, 10, 11].map((seed) => hexOf({ ...options, seed }))))
    expect(others.size).toBeGreaterThan(1)
  })
})

test('it has the size and the components of its model', async () => {
  expect(await generate({ model: recur })).toMatchObject({ width: 12, height: 8, components: 3 })
  expect(await generate({ model: shot, width: 16, height: 16 })).toMatchObject({ width: 16, height: 16, components: 1 })
  expect(await generate({ model: micro, width: 9, height: 17 })).toMatchObject({ width: 9, height: 17, components: 3 })
})

test('cold, the prior takes the most probable candidates whatever the seed', async () => {
  const cold = (seed: number) => hexOf({ model: shot, prior: true, temperature: 1e-3, seed })
  expect(new Set(await Promise.all([1, 2, 3, 4].map(cold))).size).toBe(1)
})

test('a class makes a difference; without one the seed draws it', async () => {
  const of = (label: number) => hexOf({ model: conditional, label, seed: 5 })
  const each = await Promise.all([0, 1, 2].map(of))
  expect(new Set(each).size).toBe(3)
  const drawn = new Set<number>()
  for (let seed = 1; seed <= 20; seed++) {
    const own = await Promise.all([0, 1, 2].map((label) => hexOf({ model: conditional, label, seed })))
    drawn.add(own.indexOf(await hexOf({ model: conditional, seed })))
  }
  expect([...drawn].sort()).toEqual([0, 1, 2])
})

test('progress rises to 1', async () => {
  const told: number[] = []
  await generate({ model: shot, onProgress: (share) => told.push(share) })
  expect(told).toEqual([0.2, 0.4, 0.6, 0.8, 1])
})

test.each<[GenerateOptions, string]>([
  [{ model: recur, prior: true }, 'prior is asked for'],
  [{ model: shot, temperature: 0.5 }, 'temperature is 0.5, allowed is given with a prior'],
  [{ model: shot, prior: true, temperature: 0 }, 'temperature is 0, allowed is a number above 0'],
  [{ model: shot, seed: 0.5 }, 'seed is 0.5'],
  [{ model: shot, width: 8 }, 'width is 8, allowed is 16'],
  [{ model: shot, label: 1 }, 'has no classes'],
  [{ model: conditional, label: 3 }, 'label is 3, allowed is 0…2'],
  [{ model: micro }, 'size is not given'],
  [{ model: micro, width: 8, height: 8, label: 0 }, 'label is 0'],
  [{ model: micro, width: 8, height: 0 }, 'height is 0'],
  [{ model: micro, width: 8192, height: 8192 }, 'over the limit'],
  [{ model: micro, width: 8, height: 8, quality: 101 }, 'quality is 101'],
])('refused: %#', async (options, message) => {
  await expect(generate(options)).rejects.toThrow(message)
})
