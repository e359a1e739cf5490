import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCheckpoint } from '../../src/lab/train/checkpoint.js'
import { drawScreen } from '../../src/lab/train/drawing.js'
import { readLog } from '../../src/lab/train/log.js'
import { writeSafetensors } from '../../src/network/safetensors.js'
import { tinyRecipe } from '../lab/train/tiny.js'
import { ddnc, ended, start } from './run.js'

let folder: string
const run = (...args: string[]) => ddnc(['train', ...args], { cwd: folder, env: { DDNC_TENSORFLOW: '' } })
const made = (name: string) => readFile(join(folder, name))

/** Without drawings, which take longer to draw than all else. */
const TRAINING = {
  sizes: [{ from: 0, batch: 2, crop: 32 }],
  data: { drawings: 0, shrink: 0.3, smallest: 0.5, tone: 0.15, validation: 0.04 },
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
  await writeFile(join(folder, 'tiny.json'), await tinyRecipe(TRAINING))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('trains, writes all of a run, goes on where it stopped', async () => {
  const first = await run('--recipe', 'tiny.json', '--data', 'photos', '--out', 'run', '--steps', '12')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout.toString()).toMatch(/z-9\.png is skipped: this is not a picture/)
  expect(first.stdout.toString()).toMatch(/step 12 of 12, 0 s left, log loss -?[0-9.]+, [0-9.]+ bits a pixel/)
  expect(readCheckpoint(await made('run/checkpoint.safetensors'))).toMatchObject({ step: 12, steps: 12 })
  expect((await made('run/curves.svg')).toString()).toMatch(/^<svg/)

  const more = await run('--data', 'photos', '--out', 'run', '--resume', '--steps', '20', '--quiet')
  expect(more).toMatchObject({ code: 0, stderr: '' })
  expect(readCheckpoint(await made('run/checkpoint.safetensors'))).toMatchObject({ step: 20, steps: 20 })
  const text = (await made('run/log.jsonl')).toString()
  const { rows, validations } = readLog(text, 3)
  expect(rows.map(({ step }) => step)).toEqual([10, 12, 20])
  expect(validations.map(({ step }) => step)).toEqual([12, 20])

  const less = await run('--data', 'photos', '--out', 'run', '--resume', '--steps', '5')
  expect([less.code, less.stderr]).toEqual([2, expect.stringContaining('steps is 5, allowed is at least the 20')])
  expect((await made('run/log.jsonl')).toString()).toBe(text)
})

test('a new run does not replace the checkpoint of another, unless it is told to', async () => {
  const args = ['--recipe', 'tiny.json', '--data', 'photos', '--out', 'kept', '--steps', '1', '--quiet']
  expect(await run(...args)).toMatchObject({ code: 0 })
  const before = await made('kept/checkpoint.safetensors')
  const again = await run(...args)
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--out is kept, which has a checkpoint')])
  expect(again.stderr).toContain('--resume goes on from it')
  expect((await made('kept/checkpoint.safetensors')).equals(before)).toBe(true)
  expect(await run(...args, '--steps', '2', '-f')).toMatchObject({ code: 0, stderr: '' })
  expect(readCheckpoint(await made('kept/checkpoint.safetensors')).step).toBe(2)
})

test('killed at any instant, the checkpoint is whole or absent, and what goes on is the same to the bit', async () => {
  const args = ['--recipe', 'tiny.json', '--data', 'photos', '--steps', '60', '--checkpoint-every', '0.05']
  expect(await run(...args, '--out', 'whole')).toMatchObject({ code: 0 })
  const saved = (name: string) =>
    made(`${name}/checkpoint.safetensors`).then(
      (bytes) => ({ ...readCheckpoint(bytes), seconds: 0 }),
      () => null,
    )
  const goOn = async () =>
    (await saved('killed'))
      ? ['--data', 'photos', '--out', 'killed', '--resume', '--checkpoint-every', '0.05']
      : [...args, '--out', 'killed']
  for (let kills = 0; kills < 3; kills++) {
    const child = start(['train', ...(await goOn())], { cwd: folder, env: { DDNC_TENSORFLOW: '' } })
    // From the first output on it trains: what is killed is not only Node's start.
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), 200 + 400 * Math.random()))
    await ended(child)
    await saved('killed') // throws if it cannot be read
  }
  expect(await run(...(await goOn()))).toMatchObject({ code: 0, stderr: '' })
  expect(await saved('killed')).toEqual(await saved('whole'))
  expect((await readdir(join(folder, 'killed'))).sort()).toEqual(['checkpoint.safetensors', 'curves.svg', 'log.jsonl'])
})

test('a new run begins with the weights of another', async () => {
  const from = ['--data', 'photos', '--from', 'run/checkpoint.safetensors']
  const same = await run(...from, '--out', 'same', '--steps', '2')
  expect(same.stdout.toString()).toMatch(/(\d+) of \1 weights are those of checkpoint\.safetensors\n/)
  expect(readCheckpoint(await made('same/checkpoint.safetensors'))).toMatchObject({ step: 2, steps: 2 })

  const other = JSON.parse(await tinyRecipe(TRAINING)) as {
    structure: { fine: { layers: { K: number }[] } }
  }
  other.structure.fine.layers[0].K = 3
  await writeFile(join(folder, 'other.json'), JSON.stringify(other))
  const wider = await run(...from, '--recipe', 'other.json', '--out', 'wider', '--steps', '2')
  expect(wider.stdout.toString()).toMatch(/ weights are those of checkpoint\.safetensors, the rest random\n/)

  const without = await run(...from, '--out', 'x')
  expect(without.stderr).toContain('--steps and --minutes is both or none')
})

test('where no photograph is held out, that is said once, and there is no validation', async () => {
  const recipe = await tinyRecipe({ ...TRAINING, data: { ...TRAINING.data, validation: 0 } })
  await writeFile(join(folder, 'all.json'), recipe)
  const { stdout } = await run('--recipe', 'all.json', '--data', 'photos', '--out', 'all', '--steps', '2')
  expect(stdout.toString().match(/held out|validation/g)).toEqual(['held out', 'validation'])
  expect(readLog((await made('all/log.jsonl')).toString(), 3).validations).toEqual([])
})

test('weights alone need a recipe', async () => {
  await writeFile(join(folder, 'weights.safetensors'), writeSafetensors({}, new Map()))
  const args = ['--data', 'photos', '--out', 'x', '--steps', '5', '--from', 'weights.safetensors']
  const missing = await run(...args)
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--recipe is missing')])
  const strange = await run(...args, '--recipe', 'tiny.json')
  expect([strange.code, strange.stderr]).toEqual([2, expect.stringContaining('of another network')])
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
