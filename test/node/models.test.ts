/** The models that come with the package. Each is what its card in models/README.md says, and stays it. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { shippedModel, shippedFiles } from '../../src/node/models.js'

const models = await shippedFiles()

test('no other bytes than were released', () => {
  expect(models.map(({ name, hash }) => `${name} ${hash}`)).toMatchSnapshot()
})

test('each is at most 4 MB, has its row and loads', async () => {
  const cards = await readFile(new URL('../../models/README.md', import.meta.url), 'utf8')
  for (const { name, size } of models) {
    expect(size, name).toBeLessThanOrEqual(4e6)
    const model = await shippedModel(name)
    expect(cards).toContain(`| ${name}.ddnm | ${model.name} |`)
  }
})
