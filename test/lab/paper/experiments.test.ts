/** The experiments as a whole, on micro-models and drawn pictures; what they show is tested where it is measured. */
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXPERIMENTS } from '../../../src/lab/paper/experiments.js'
import type { ExperimentOptions, Order } from '../../../src/lab/paper/experiment.js'
import { microWholeFile } from '../../../src/lab/quantise/microWhole.js'
import { loadModel, readPicture, type Model } from '../../../src/node.js'
import { picture } from '../../micro.js'

const shot = await loadModel(microWholeFile('shot'))
const conditional = await loadModel(microWholeFile('class'))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-experiments-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** IDX files of gradients, as MNIST has them. */
async function writeData(name: string, side: number, counts: { train: number; t10k: number }): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  for (const [part, count] of Object.entries(counts)) {
    const pictures = Array.from({ length: count }, (_, seed) => picture(side, side, 1, 'gradient', seed))
    const images = Buffer.concat([
      Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side]),
      ...pictures.map(({ data }) => data),
    ])
    await writeFile(join(path, `${part}-images-idx3-ubyte`), images)
    const labels = pictures.map((_, i) => i % 3)
    await writeFile(join(path, `${part}-labels-idx1-ubyte`), Buffer.from([0, 0, 8, 1, 0, 0, 0, count, ...labels]))
  }
  return path
}

async function run(
  name: string,
  options: Partial<ExperimentOptions>,
): Promise<{ said: string[]; files: string[]; out: string }> {
  const out = await mkdtemp(join(folder, `${name}-`))
  const said: string[] = []
  const { signal } = new AbortController()
  const make = (): Promise<Model> => Promise.reject(new Error('nothing is to be trained'))
  const common = { data: undefined, seed: 1, steps: undefined, count: undefined, models: [], threads: 1, make, signal }
  await EXPERIMENTS[name].run({ ...common, out, ...options }, (line) => said.push(line))
  return { said, files: (await readdir(out)).sort(), out }
}

test('compression: a table, charts and pictures', async () => {
  const data = await writeData('digits', 16, { train: 1, t10k: 4 })
  const { said, files, out } = await run('compression', { data, models: [shot], count: 3 })
  expect(files).toEqual([
    'compression-peers.csv',
    'compression-pictures.png',
    'compression.csv',
    'compression.png',
    'compression.svg',
    'paths',
    'peers',
    'reconstructions-micro-s.png',
  ])
  const rows = (await readFile(join(out, 'compression.csv'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('micro-s,'))
  // Three pictures, below each what is made of it.
  const sheet = await readPicture(await readFile(join(out, 'reconstructions-micro-s.png')))
  expect([sheet.picture.width, sheet.picture.height]).toEqual([3 * 17 - 1, 2 * 17 - 1])
  // Five choices among three: 1.585 bits each, 8 in a file.
  expect(rows.map((row) => row.split(',').slice(1, 5).join())).toEqual([
    '3,1,1.585,2',
    '3,2,3.170,4',
    '3,3,4.755,5',
    '3,4,6.340,7',
    '3,5,7.925,8',
  ])
  expect(said.at(-2)).toMatch(/^micro-s, K 3 +not reached/)
  expect(said.at(-1)).toMatch(/^micro-s: a .ddn file has \d+ bits, 8 of them the path$/)
})

test('latents: accuracies of the first pictures, judged on the test part', async () => {
  const data = await writeData('labelled', 16, { train: 130, t10k: 5 })
  const { said, out } = await run('latents', { data, models: [shot] })
  expect(said.at(-1)).toMatch(/^micro-s +3 +5 +[\d.]+$/)
  const csv = (await readFile(join(out, 'latents.csv'), 'utf8')).trim().split('\n')
  expect(csv.at(-1)).toMatch(/^micro-s,3,5,128,20,[\d.]+,[\d.]+,$/) // 1024 labels there are not
})

test('tree: of a model with all its choices, trained by its plan', async () => {
  const orders: Order[] = []
  const make = (order: Order): Promise<Model> => {
    orders.push(order)
    return Promise.resolve(conditional)
  }
  const { files, out } = await run('tree', { make, seed: 5, steps: 7 })
  expect(files).toEqual(['tree-mnist-tree.png'])
  expect(orders.map(({ steps, recipe }) => [steps, JSON.parse(recipe).training.seed])).toEqual([[7, 5]])
  // 5² leaves of 8 pixels and 4 between.
  const drawn = await readPicture(await readFile(join(out, files[0])))
  expect(drawn.picture.width).toBe(25 * 12 + 4)
})

test('splitprune: every model with its variant, means over the seeds', async () => {
  const data = await writeData('used', 16, { train: 1, t10k: 6 })
  const { said, files, out } = await run('splitprune', { data, make: () => Promise.resolve(shot), seed: 3 })
  expect(files).toEqual([
    'paths',
    'splitprune-balance.png',
    'splitprune-dropout.png',
    'splitprune-layers.csv',
    'splitprune-neither.png',
    'splitprune-split.png',
    'splitprune.csv',
    'splitprune.png',
    'splitprune.svg',
  ])
  const rows = (await readFile(join(out, 'splitprune.csv'), 'utf8'))
    .split('\n')
    .filter((line) => /^(split|balance|neither|dropout),/.test(line))
  expect(rows.map((row) => row.split(',').slice(0, 2).join())).toEqual(
    [3, 4, 5].flatMap((seed) => ['split', 'balance', 'neither', 'dropout'].map((method) => `${method},${seed}`)),
  )
  expect(said.slice(-4).map((line) => line.split(' ')[0])).toEqual(['split', 'balance', 'neither', 'dropout'])
})

test('without data that can be judged, or with a model for photographs, an experiment is refused', async () => {
  await expect(run('compression', {})).rejects.toThrow('--data is missing')
  const photo = await loadModel(await readFile(new URL('../../../models/micro.ddnm', import.meta.url)))
  await expect(run('tree', { models: [photo] })).rejects.toThrow('model is micro, which has grids')
})
