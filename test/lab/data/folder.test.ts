import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readFolder, type Wanted } from '../../../src/lab/data/folder.js'
import { pictureAt } from '../../../src/lab/data/pictureSet.js'
import { writePicture } from '../../../src/node/picture.js'
import { faultOfAsync } from './fault.js'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ddnc-folder-'))))
afterEach(() => rm(folder, { recursive: true }))

const put = (name: string, bytes: Uint8Array): Promise<void> => writeFile(join(folder, name), bytes)
/** Pictures of 1×2. */
const images = (...pixels: number[]): Uint8Array =>
  Uint8Array.of(0, 0, 8, 3, 0, 0, 0, pixels.length / 2, 0, 0, 0, 1, 0, 0, 0, 2, ...pixels)
const labels = (...all: number[]): Uint8Array => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, all.length, ...all)

test('MNIST: both parts, gzipped or not, labels where they are', async () => {
  await put('train-images-idx3-ubyte.gz', gzipSync(images(1, 2, 3, 4)))
  await put('train-labels-idx1-ubyte', labels(5, 6))
  await put('t10k-images-idx3-ubyte', images(7, 8))
  const { training, test } = await readFolder(folder)
  expect(training).toMatchObject({ width: 2, height: 1, count: 2, labels: Uint8Array.of(5, 6) })
  expect([...training.data]).toEqual([1, 2, 3, 4])
  expect(test).toMatchObject({ count: 1, labels: null })
})

test('CIFAR-10: batches are joined in order', async () => {
  const record = (label: number): number[] => [label, ...new Array<number>(3072).fill(label)]
  await put('data_batch_2.bin', Uint8Array.from(record(2)))
  await put('data_batch_1.bin.gz', gzipSync(Uint8Array.from([...record(1), ...record(4)])))
  await put('test_batch.bin', Uint8Array.from(record(3)))
  const { training, test } = await readFolder(folder)
  expect(training.labels).toEqual(Uint8Array.of(1, 4, 2))
  expect(pictureAt(training, 2).data[7]).toBe(2)
  expect(test?.labels).toEqual(Uint8Array.of(3))
})

const WANTED: Wanted = { width: 4, height: 2, components: 1, resize: false, holdOut: 0.5 }
const png = (width: number, height: number, components: 1 | 3): Promise<Uint8Array> =>
  writePicture(
    { width, height, components, data: Uint8Array.from({ length: width * height * components }, (_, i) => 9 * i) },
    'png',
  )

test('pictures: what does not fit is skipped by name, or resized', async () => {
  await put('a.png', await png(4, 2, 1))
  await put('b.png', await png(4, 2, 3))
  await put('c.png', await png(8, 8, 1))
  await put('d.png', Uint8Array.of(1, 2, 3))
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  const { training } = await readFolder(folder, { wanted: { ...WANTED, holdOut: 0 }, note })
  expect(training).toMatchObject({ width: 4, height: 2, components: 1, count: 2, labels: null })
  expect([...pictureAt(training, 0).data]).toEqual([0, 9, 18, 27, 36, 45, 54, 63])
  expect(notes.map((line) => line.slice(0, 20))).toEqual(['c.png is skipped: it', 'd.png is skipped: th'])
  const inColour = await readFolder(folder, { wanted: { ...WANTED, components: 3, holdOut: 0, resize: true } })
  expect(inColour.training).toMatchObject({ width: 4, height: 2, components: 3, count: 3 })
  expect([...pictureAt(inColour.training, 0).data.subarray(3, 6)]).toEqual([9, 9, 9])
  const held = await readFolder(folder, { wanted: { ...WANTED, resize: true } })
  expect(held.training.count + held.test!.count).toBe(3)
})

test('names decide which pictures are the test part', async () => {
  for (const name of ['a.png', 'b.png', 'test-1.png']) await put(name, await png(4, 2, 1))
  const { training, test } = await readFolder(folder, { wanted: WANTED })
  expect([training.count, test?.count]).toEqual([2, 1])
})

test('what cannot be used is a named error', async () => {
  expect(await faultOfAsync(readFolder(folder, { wanted: WANTED }))).toMatchObject({ tag: 'BadOption' })
  await put('t10k-images-idx3-ubyte', images(7, 8))
  expect(await faultOfAsync(readFolder(folder))).toMatchObject({ tag: 'BadOption', found: /test part alone/ })
  await put('train-images-idx3-ubyte.gz', gzipSync(images(7, 8)).subarray(0, 20))
  expect(await faultOfAsync(readFolder(folder))).toMatchObject({ tag: 'Corrupt', where: 'train-images-idx3-ubyte.gz' })
})

const MNIST = '/work/shared/data/mnist'
test('the MNIST files themselves, where they are', async (context) => {
  if (!existsSync(MNIST)) context.skip(`${MNIST} is missing`)
  const { training, test } = await readFolder(MNIST)
  expect([training.count, test?.count, training.width, training.height]).toEqual([60000, 10000, 28, 28])
  expect([...training.labels!.subarray(0, 8)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3])
})
