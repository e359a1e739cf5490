import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCheckpoint } from '../../src/lab/train/checkpoint.js'
import { drawScreen } from '../../src/lab/train/drawing.js'
import { ddnc } from './run.js'

let folder: string
const run = (...args: string[]) => ddnc(['train', ...args], { cwd: folder, env: { DDNC_TENSORFLOW: '' } })
const made = (name: string) => readFile(join(folder, name))

/** The recipe of photographs, with a network that trains in seconds. */
async function tinyRecipe(): Promise<string> {
  const photo = JSON.parse(await readFile(new URL('../../recipes/photo.json', import.meta.url), 'utf8')) as object & {
    training: object
  }
  const layer = { K: 3, rank: 2, scale: 0.3, power: 0.5 }
  return JSON.stringify({
    name: 'tiny',
    structure: {
      profiles: ['entropy'],
      escape: true,
      coarse: { channels: 4, layers: [{ ...layer, band: [0, 4] }] },
      fine: { channels: 4, layers: [{ ...layer, band: [0, 3] }] },
      upChannels: 1,
      cleanUp: 2,
    },
    training: { ...photo.training, sizes: [{ from: 0, batch: 2, crop: 32 }] },
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-train-'))
  await mkdir(join(folder, 'photos'))
  for (const seed of [1, 2, 3]) {
    const { data } = drawScreen(seed, 64)
    const raw = { width: 64, height: 64, channels: 3 } as const
    await sharp(Buffer.from(data), { raw })
      .png()
      .toFile(join(folder, 'photos', `a-${seed}.png`))
  }
  await writeFile(join(folder, 'photos', 'z-9.png'), 'no picture')
  await writeFile(join(folder, 'tiny.json'), await tinyRecipe())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('trains, writes all of a run, goes on where it stopped', async () => {
  const first = await run('--recipe', 'tiny.json', '--data', 'photos', '--out', 'run', '--steps', '12')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout.toString()).toMatch(/z-9\.png is skipped: this is not a picture/)
  expect(first.stdout.toString()).toMatch(/step 12 of 12, log loss -?[0-9.]+, [0-9.]+ bits a pixel/)
  expect(readCheckpoint(await made('run/checkpoint.safetensors'))).toMatchObject({ step: 12, steps: 12 })
  expect((await made('run/curves.svg')).toString()).toMatch(/^<svg/)

  const more = await run('--data', 'photos', '--out', 'run', '--resume', '--steps', '20', '--quiet')
  expect(more).toMatchObject({ code: 0, stderr: '' })
  expect(readCheckpoint(await made('run/checkpoint.safetensors'))).toMatchObject({ step: 20, steps: 20 })
  const steps = (await made('run/log.jsonl'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { step: number }).step)
  expect(steps).toEqual([12, 20])
})

test.each([
  [['--out', 'x', '--steps', '5'], '--data is missing'],
  [['--data', 'photos', '--steps', '5'], '--out is missing'],
  [['--data', 'photos', '--out', 'x'], '--steps and --minutes is both or none'],
  [['--data', 'photos', '--out', 'x', '--steps', '5', '--recipe', 'none'], '--recipe is none'],
])('%j is refused in one line, and nothing is written', async (args, message) => {
  const { code, stderr } = await run(...args)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr.trim().split('\n').length).toBe(1)
  await expect(made('x/checkpoint.safetensors')).rejects.toThrow('ENOENT')
})

test('a folder without pictures is refused', async () => {
  await mkdir(join(folder, 'empty'))
  const { code, stderr } = await run('--recipe', 'tiny.json', '--data', 'empty', '--out', 'x', '--steps', '5')
  expect([code, stderr]).toEqual([2, expect.stringContaining('the training data is empty')])
})
