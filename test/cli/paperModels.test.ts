import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeModel } from '../../src/cli/paperModels.js'
import { blobs, wholeRecipe } from '../lab/train/whole/tiny.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-models-'))
})
afterAll(() => rm(folder, { recursive: true }))

const terminal = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  signal: new AbortController().signal,
}

async function writeData(): Promise<string> {
  const path = join(folder, 'data')
  await mkdir(path)
  const { count, width, height, data } = blobs(12)
  const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, height, 0, 0, 0, width])
  await writeFile(join(path, 'train-images-idx3-ubyte'), Buffer.concat([header, data]))
  return path
}

test('a model is trained, exported and kept; one of another length is another', async () => {
  const data = await writeData()
  const out = join(folder, 'out')
  const chosen = { backend: 'cpu', threads: 1, quiet: true } as const
  const make = (steps: number) => makeModel({ recipe: wholeRecipe(), steps }, data, out, chosen, terminal)
  // The running mean of the weights, which is exported, begins with step 10.
  const model = await make(10)
  expect(model).toMatchObject({ kind: 'whole', name: 'tiny', K: 3 })
  const [name] = await readdir(join(out, 'models'))
  expect(name).toMatch(/^tiny-[0-9a-f]{8}$/)
  const file = join(out, 'models', name, 'tiny.ddnm')
  const { mtimeMs } = await stat(file)
  expect((await make(10)).hash).toEqual(model.hash)
  expect((await stat(file)).mtimeMs).toBe(mtimeMs)
  // Stopped before the export: training is not repeated.
  await rm(file)
  expect((await make(10)).hash).toEqual(model.hash)
  expect((await make(20)).hash).not.toEqual(model.hash)
  expect(await readdir(join(out, 'models'))).toHaveLength(2)
})
