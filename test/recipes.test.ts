/** The recipes of the package: each is sound, and those of the K study differ from `photo` in branching alone. */
import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readGridRecipe, readRecipe } from '../src/lab/train/recipe.js'

const FOLDER = new URL('../recipes/', import.meta.url)
const textOf = (name: string): Promise<string> => readFile(new URL(`${name}.json`, FOLDER), 'utf8')

test('every recipe can be read, and no two make models of one name', async () => {
  const files = (await readdir(FOLDER))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace('.json', ''))
  expect(files).toEqual(expect.arrayContaining(['photo', 'photo-taiji', 'photo-k4', 'photo-k16', 'photo-plain']))
  const names = await Promise.all(files.map(async (file) => readRecipe(await textOf(file)).name))
  expect(new Set(names).size).toBe(files.length)
})

test.each([
  ['photo-taiji', 2, 4],
  ['photo-k4', 4, 2],
  ['photo-k16', 16, 1],
])('%s is photo with 16 leaves a cell, by n choices among K', async (file, K, n) => {
  const [photo, recipe] = [readGridRecipe(await textOf('photo')), readGridRecipe(await textOf(file))]
  const branching = (layers: readonly { K: number; n: number }[]): object[] =>
    layers.map((layer) => ({ ...layer, K, n }))
  for (const grid of ['coarse', 'fine'] as const) {
    expect(recipe.structure[grid].layers).toEqual(branching(photo.structure[grid].layers))
  }
  const rest = ({ structure, starts, training }: typeof photo): object => {
    const { coarse, fine } = structure
    return { starts, training, structure: { ...structure, name: '', coarse: coarse.channels, fine: fine.channels } }
  }
  expect(rest(recipe)).toEqual(rest(photo))
})
