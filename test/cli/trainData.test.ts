import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPhotographs } from '../../src/cli/trainData.js'
import { readGridRecipe } from '../../src/lab/train/recipe.js'
import { tinyRecipe } from '../lab/train/tiny.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-data-'))
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
  for (const name of ['a-1.png', 'a-2.png']) {
    const picture = sharp({ create: { width: 600, height: 560, channels: 3, background: 'white', noise } })
    await picture.png().toFile(join(folder, name))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('drawings are as large as the crops that are cut from them', async () => {
  const { training } = readGridRecipe(await tinyRecipe({ sizes: [{ from: 0, batch: 1, crop: 544 }] }))
  const source = { folder, note: () => {}, signal: new AbortController().signal }
  const { data, heldOut } = await readPhotographs(source, training)
  expect(data.drawings.map(({ width, height }) => [width, height])).toEqual(new Array(48).fill([544, 544]))
  expect([data.photographs.length, heldOut.length]).toEqual([1, 1])
}, 60_000)
