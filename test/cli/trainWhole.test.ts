/** Whole images through the commands: a folder of MNIST is trained on, exported, and a digit becomes a file of L bits. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pictureAt, type PictureSet } from '../../src/lab/data/pictureSet.js'
import { readCheckpoint } from '../../src/lab/train/checkpoint.js'
import { readLog } from '../../src/lab/train/log.js'
import { writePicture } from '../../src/node.js'
import { blobs, wholeRecipe } from '../lab/train/whole/tiny.js'
import { ddnc } from './run.js'

let folder: string
const run = (...args: string[]) => ddnc(args, { cwd: folder, env: { DDNC_TENSORFLOW: '' } })

const idx = (sides: number[], data: Uint8Array): Uint8Array =>
  gzipSync(Uint8Array.of(0, 0, 8, sides.length, ...sides.flatMap((side) => [0, 0, 0, side]), ...data))
async function writeMnist(part: 'train' | 't10k', { count, height, width, data, labels }: PictureSet): Promise<void> {
  await writeFile(join(folder, 'mnist', `${part}-images-idx3-ubyte.gz`), idx([count, height, width], data))
  await writeFile(join(folder, 'mnist', `${part}-labels-idx1-ubyte.gz`), idx([count], labels!))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-whole-'))
  await mkdir(join(folder, 'mnist'))
  await writeMnist('train', blobs(30))
  await writeMnist('t10k', blobs(10))
  await writeFile(join(folder, 'tiny.json'), wholeRecipe({ classes: 3, rank: 1 }, { prior: 0.01 }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('trained, gone on with, exported, and used', async () => {
  const first = await run('train', '--recipe', 'tiny.json', '--data', 'mnist', '--out', 'run', '--steps', '4')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout.toString()).toMatch(
    /step 4 of 4, 0 s left, PSNR [0-9.]+ dB, [0-9.]+ bits a picture, \d+ pictures/,
  )
  expect(first.stdout.toString()).toMatch(/validation at step 4: PSNR [0-9.]+ dB; bits a picture 1\.585 at [0-9.]+ dB/)
  const more = await run('train', '--data', 'mnist', '--out', 'run', '--resume', '--steps', '6', '--quiet')
  expect(more).toMatchObject({ code: 0, stderr: '' })
  expect(readCheckpoint(await readFile(join(folder, 'run/checkpoint.safetensors'))).step).toBe(6)
  const { rows, validations } = readLog(await readFile(join(folder, 'run/log.jsonl'), 'utf8'), 4, Infinity, 4)
  expect([rows.length, validations.length]).toEqual([2, 2])
  const curves = await readFile(join(folder, 'run/curves.svg'), 'utf8')
  for (const text of ['PSNR, by choices', 'use of candidates', '3: 8×4']) expect(curves).toContain(text)

  const exported = await run('export', 'run/checkpoint.safetensors', 'tiny.ddnm', '--pictures', 'mnist')
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(exported.stdout.toString()).toMatch(/4 choices, 7 bits +[0-9.]+ dB +[0-9.]+ dB +-?[0-9.]+ dB/)
  await writeFile(join(folder, 'digit.png'), await writePicture(pictureAt(blobs(10), 1), 'png'))
  const args = ['--model', 'tiny.ddnm']
  expect(await run('encode', 'digit.png', 'digit.ddn', ...args)).toMatchObject({ code: 0 })
  expect(await run('decode', 'digit.ddn', 'back.png', ...args)).toMatchObject({ code: 0 })
}, 60_000)

test('what cannot be trained on or exported is named', async () => {
  await mkdir(join(folder, 'other'), { recursive: true })
  await writeFile(join(folder, 'other', 'a.png'), await writePicture(pictureAt(blobs(1, { width: 9 }), 0), 'png'))
  const train = await run('train', '--recipe', 'tiny.json', '--data', 'other', '--out', 'no', '--steps', '1')
  expect([train.code, train.stderr]).toEqual([2, expect.stringContaining('where no picture is 8×4 in grey')])
  expect(train.stdout.toString()).toContain('a.png is skipped: its size is 9×4, allowed is 8×4')
  const until = ['--pictures', 'mnist', '--until', '3']
  const refused = await run('export', 'run/checkpoint.safetensors', 'no.ddnm', ...until)
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--until is given')])
})
