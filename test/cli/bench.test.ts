/** The smallest benchmark, end to end: one tiny drawn picture, the micro-model, no Python. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { processRowsOf } from '../../src/lab/bench/processes.js'
import { sharpCodecs } from '../../src/lab/bench/codecs/sharpCodecs.js'
import { codeVersion, ddncCodec } from '../../src/lab/bench/codecs/ddncCodec.js'
import { cellGrid } from '../../src/network/model.js'
import { shippedModel, writePicture, type Picture } from '../../src/node.js'
import { ddnc } from './run.js'

const [width, height] = [48, 40]
const picture: Picture = {
  ...{ width, height, components: 3 },
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    return Math.round(128 + 90 * Math.sin(x / 5) * Math.cos(y / 7 + (at % 3)))
  }),
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-bench-test-'))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'data', 'waves.png'), await writePicture(picture, 'png'))
})
afterAll(() => rm(folder, { recursive: true }))

const bench = (...args: string[]) =>
  ddnc(['bench', ...args, '--data', 'data', '--out', 'out', '--model', 'micro'], {
    cwd: folder,
    env: { DDNC_PYTHON: join(folder, 'no-python') },
  })

// Seconds; minutes on a machine that trains beside.
test('rates and sheets: tables, results, a report without anything outside; the second run keeps the first', async () => {
  const { code, stdout, stderr } = await bench('rates', 'sheets')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const lines = stdout.toString().split('\n')
  expect(lines.filter((line) => line.startsWith('left out: '))).toHaveLength(2)
  const out = join(folder, 'out')
  expect((await readdir(out)).sort()).toEqual([
    'kept',
    'rates.csv',
    'report.html',
    'results.json',
    'sheet.png',
    'sheets',
  ])
  expect(await readdir(join(out, 'sheets'))).toEqual(['waves.png'])

  const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'))
  const files = results.codecs.map(({ settings }: { settings: number[] }) => settings.length)
  expect(results.codecs.map(({ id }: { id: string }) => id)).toEqual([
    ...['ddnc-micro', 'ddnc-micro-ssim', 'mozjpeg-420', 'mozjpeg-444', 'mozjpeg-444-psnr', 'webp', 'webp-psnr'],
    ...['avif-444-psnr', 'avif-444'],
  ])
  expect(Math.min(...files)).toBeGreaterThanOrEqual(6)
  expect(results.rows).toHaveLength(files.reduce((sum: number, count: number) => sum + count))
  expect(results.absent.map(({ name }: { name: string }) => name)).toEqual(['JPEG XL', 'JPEG 2000'])
  const csv = (await readFile(join(out, 'rates.csv'), 'utf8')).trim().split('\n')
  expect(csv.filter((line) => line.startsWith('waves.png,'))).toHaveLength(results.rows.length)

  const report = await readFile(join(out, 'report.html'), 'utf8')
  expect(report).toContain('<svg')
  expect(report).toContain('data:image/webp;base64,')
  expect(report).not.toMatch(/NaN|undefined|(?:src|href)="?https?:/)

  const kept = await readdir(join(out, 'kept'))
  const [first] = kept
  const before = await stat(join(out, 'kept', first))
  expect((await bench('rates', 'sheets')).code).toBe(0)
  expect(await readdir(join(out, 'kept'))).toEqual(kept)
  expect((await stat(join(out, 'kept', first))).mtimeMs).toBe(before.mtimeMs)
}, 600_000)

test('a picture of a folder with a manifest is shown only if its licence is stated', async () => {
  const manifest = { files: [{ file: 'waves.png', licence: 'not stated (found somewhere)' }] }
  await writeFile(join(folder, 'data', 'MANIFEST.json'), JSON.stringify(manifest))
  const { code } = await ddnc(
    ['bench', 'rates', 'sheets', '--data', 'data', '--out', 'out', '--model', 'micro', '--quiet'],
    {
      cwd: folder,
      env: { DDNC_PYTHON: join(folder, 'no-python') },
    },
  )
  await rm(join(folder, 'data', 'MANIFEST.json'))
  expect(code).toBe(0)
  const report = await readFile(join(folder, 'out', 'report.html'), 'utf8')
  expect(report).not.toContain('data:image')
  expect(JSON.parse(await readFile(join(folder, 'out', 'results.json'), 'utf8')).sheets).toEqual([])
})

test('whole processes: ddnc and a codec of sharp', async () => {
  const { codecs } = await sharpCodecs()
  const own = ddncCodec(cellGrid(await shippedModel('micro')), 'micro', await codeVersion())
  for (const codec of [own, codecs[0]]) {
    const rows = await processRowsOf({ name: 'waves.png', picture }, codec, codec.settings[3], 1)
    expect(rows.map(({ what }) => what)).toEqual(['encode', 'decode'])
    for (const { seconds, memory } of rows) {
      expect(seconds).toBeGreaterThan(0)
      // A Node process, where the system says it.
      if (process.platform === 'linux') expect(memory).toBeGreaterThan(20 * 2 ** 20)
    }
  }
})

test('a part that there is not, and a missing folder, are refused', async () => {
  const part = await bench('speed')
  expect([part.code, part.stderr]).toEqual([2, 'ddnc: PARTS is "speed", allowed is rates, sheets, time\n'])
  const nowhere = await ddnc(['bench', '--out', 'out'], { cwd: folder })
  expect([nowhere.code, nowhere.stderr]).toEqual([2, 'ddnc: --data is missing, allowed is a folder of pictures\n'])
})
