/** The measuring commands as a whole: real runs on two tiny pictures and the micro-model. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compressWithReport, loadModel, type Picture } from '../../../src/index.js'
import { writePicture } from '../../../src/node/picture.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const modelFile = join(root, 'models', 'micro.ddnm')
const plainFile = join(root, 'models', 'micro-pl.ddnm')
let folder = ''

/** Soft waves with a little colour: nothing any codec fails on. */
function waves(width: number, height: number, phase: number): Picture {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < data.length; at++) {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    data[at] = 128 + 90 * Math.sin(x / 5 + phase) * Math.cos(y / 7 + (at % 3))
  }
  return { width, height, components: 3, data }
}

const pictures: Record<string, Picture> = { 'a.png': waves(40, 24, 0), 'b.png': waves(33, 41, 1) }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-measure-'))
  await mkdir(join(folder, 'data'))
  for (const [name, picture] of Object.entries(pictures)) {
    await writeFile(join(folder, 'data', name), await writePicture(picture, 'png'))
  }
  const figures = ['a.png\t1.0\t2.0\t30', 'a.png\t4.5\t1.0\t25', 'b.png\t1.0\t2.0\t30', 'b.png\t4.5\t1.0\t25']
  await writeFile(join(folder, 'float.tsv'), ['picture\tlog_lambda\tbpp\tpsnr_rgb', ...figures, ''].join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs `measure.js`; what it prints. */
function execute(...args: string[]): string {
  const command = [join(root, 'scripts', 'measure.js'), ...args]
  return execFileSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs a measurement; its lines, and the rows of its CSV. */
async function measure(what: string, ...args: string[]): Promise<{ lines: string[]; rows: string[][] }> {
  const out = join(folder, `${what}.csv`)
  const model = args.includes('--model') ? [] : ['--model', modelFile]
  const text = execute(what, ...model, '--out', out, ...args)
  const csv = (await readFile(out, 'utf8')).trim().split('\n')
  expect(csv.slice(0, 3).map((line) => line.split(':')[0])).toEqual(['# machine', '# commit', '# model'])
  return { lines: text.trim().split('\n'), rows: csv.slice(4).map((line) => line.split(',')) }
}

const data = (): string[] => ['--data', join(folder, 'data')]
const reference = (): string[] => ['--reference', join(folder, 'float.tsv')]
const cache = (): string[] => ['--cache', join(folder, 'cache')]

test("open: bytes, bits and PSNR are the library's own, for every picture and step", async () => {
  const model = await loadModel(await readFile(modelFile))
  const { lines, rows } = await measure('open', ...data(), ...reference(), ...cache())
  expect(rows.map(([name, step]) => `${name} ${step}`)).toEqual(['a.png 0', 'a.png 35', 'b.png 0', 'b.png 35'])
  for (const [name, , logLambda, bytes, bits, bpp, psnr] of rows) {
    const picture = pictures[name]
    const expected = await compressWithReport(picture, { model, lambda: Math.exp(Number(logLambda)) })
    expect(Number(bytes)).toBe(expected.file.length)
    expect(Number(bits)).toBeCloseTo(expected.bits, 0)
    expect(Number(bpp)).toBeCloseTo((expected.file.length * 8) / (picture.width * picture.height), 4)
    expect(Number(psnr)).toBeCloseTo(expected.psnr, 3)
  }
  expect(lines.filter((line) => /^(1\.0|4\.5) /.test(line))).toHaveLength(2)
})

test('open: without a reference at the steps that show the model, in any profile and with either search', async () => {
  const coding = ['--model', plainFile, '--profile', 'plain', '--search', 'greedy']
  const { lines, rows } = await measure('open', ...data(), ...cache(), '--limit', '1', ...coding)
  expect(lines[3]).toBe('profile: plain, search: greedy')
  const model = await loadModel(await readFile(plainFile))
  const options = { model, profile: 'plain', search: 'greedy', lambda: Math.exp(3) } as const
  const { file } = await compressWithReport(pictures['a.png'], options)
  expect(rows.map(([name, step]) => `${name} ${step}`)).toEqual(['a.png 20', 'a.png 57'])
  expect(Number(rows[0][3])).toBe(file.length)
})

test('series: rows that are there are kept, the others measured', async () => {
  const { rows } = await measure('series', ...data(), '--limit', '1')
  expect(rows.map(([name, step]) => `${name} ${step}`)).toEqual([0, 5, 22, 35, 45, 55, 65].map((s) => `a.png ${s}`))
  const expected = await compressWithReport(pictures['a.png'], {
    model: await loadModel(await readFile(modelFile)),
    lambda: Math.exp(3.2),
  })
  expect(Number(rows[2][2])).toBe(expected.file.length)
  expect(Number(rows[2][4])).toBeCloseTo(expected.psnr, 3)

  // A row that says something else shows that it is not measured again.
  const out = join(folder, 'series.csv')
  const text = await readFile(out, 'utf8')
  const [kept, lost] = [`a.png,0,${rows[0][2]},`, `a.png,65,${rows[6][2]},${rows[6][3]},${rows[6][4]}\n`]
  await writeFile(out, text.replace(kept, 'a.png,0,7,').replace(lost, 'a.png,6'))
  const again = await measure('series', ...data())
  expect(again.rows).toHaveLength(14)
  expect(again.rows[0][2]).toBe('7')
  expect(again.rows.find(([name, step]) => name === 'a.png' && step === '65')).toEqual(rows[6])
})

test('effort: a line for each, and every file in the CSV', async () => {
  const { lines, rows } = await measure('effort', ...data(), '--limit', '1', '--effort', '3', '--crop', '16')
  expect(rows.map(([name, effort, step]) => `${name} ${effort} ${step}`)).toEqual(
    [1, 3].flatMap((effort) => [5, 25, 45, 62].map((step) => `a.png ${effort} ${step}`)),
  )
  expect(lines.at(-1)).toMatch(/^3 +[-+]?[0-9.]+ /)
})

test('study: a table and a plot of every model, profile and search', async () => {
  const out = join(folder, 'study')
  const models = ['--model', modelFile, '--model', plainFile]
  const lines = execute('study', ...models, ...data(), ...cache(), '--out', out, '--jobs', '2').split('\n')
  const names = ['micro entropy', 'micro-pl entropy', 'micro-pl plain'].flatMap((name) => [
    `${name} leaves`,
    `${name} greedy`,
  ])
  const files = [...names.map((name) => `${name.replaceAll(' ', '-')}.csv`), 'study.csv', 'study.png', 'study.svg']
  expect((await readdir(out)).sort()).toEqual(files.sort())
  const table = (await readFile(join(out, 'study.csv'), 'utf8')).trim().split('\n')
  expect(table).toHaveLength(1 + 4 * 7 + 2 * 2)
  const svg = await readFile(join(out, 'study.svg'), 'utf8')
  for (const name of [...names, 'mozjpeg']) expect(svg).toContain(`>${name}</text>`)
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  // Against itself the first is 0.
  const bjontegaard = lines.slice(lines.findIndex((line) => line.startsWith('BD-rate')) + 2)
  expect(bjontegaard[0]).toMatch(/^micro entropy leaves +-?0\.00 +2 /)
  // Six series, then the five others at the first one's bytes.
  const end = bjontegaard.findIndex((line) => line.startsWith('PSNR at the bytes of micro entropy leaves'))
  expect(end).toBe(6)
  expect(bjontegaard[end + 1]).toMatch(/^s( +\d+){7}$/)
  expect(bjontegaard.slice(end + 2).filter((line) => line !== '')).toHaveLength(5)

  const before = await stat(join(out, 'micro-entropy-leaves.csv'))
  expect(execute('study', ...models, ...data(), ...cache(), '--out', out)).toContain('BD-rate')
  expect((await stat(join(out, 'micro-entropy-leaves.csv'))).size).toBe(before.size)
  expect(() => execute('study', '--model', modelFile, ...models, ...data(), '--out', out)).toThrow('two micro')
})

test('integers: differences to the float figures, as bits without framing', async () => {
  const { lines, rows } = await measure('integers', ...data(), ...reference(), '--limit', '1')
  expect(rows).toHaveLength(2)
  for (const [, , bpp, psnr, floatBpp, floatPsnr, decibel, rate] of rows.map((row) => row.map(Number))) {
    expect(decibel).toBeCloseTo(psnr - floatPsnr, 9)
    expect(rate).toBeCloseTo(100 * (bpp / floatBpp - 1), 9)
  }
  expect(lines[lines.length - 1]).toMatch(/^4\.5 .* a\.png/)
})

test('agree: every setting has the same pixels', async () => {
  const lambdas = ['--lambda', '20', '--lambda', '400']
  const { lines, rows } = await measure('agree', ...data(), ...lambdas, '--node', process.execPath)
  const settings = lines.slice(3)
  expect(settings).toHaveLength(2 + 4 + 2)
  for (const line of settings.slice(0, 2)) expect(line).toMatch(/: 4 of 4 equal$/)
  for (const line of settings.slice(2)) expect(line).toMatch(/: 2 of 2 equal$/)
  expect(rows).toHaveLength(2 * 4 + 6 * 2)
})

test('time: each command once, in whole processes', async () => {
  const { lines, rows } = await measure('time', '--picture', join(folder, 'data', 'a.png'), '--runs', '1')
  const commands = rows.map(([command]) => command)
  expect(commands).toEqual([
    '--version',
    ...['8×8', 's = 65', 'default', 'q = 100'].flatMap((name) => [`encode ${name}`, `decode ${name}`]),
  ])
  for (const [, run, seconds] of rows) {
    expect(run).toBe('1')
    expect(Number(seconds)).toBeGreaterThan(0)
  }
  expect(lines).toHaveLength(3 + 1 + 1 + rows.length)
})

test('quality: the made pictures and the folder, q = 100 among the qualities', async () => {
  const { lines, rows } = await measure('quality', ...data(), '--limit', '1', '--step', '60')
  const names = ['drawn: text', 'drawn: line-art', 'drawn: checkerboard', 'drawn: noise', 'a.png']
  const measured = rows.map(([name, quality]) => `${name} ${quality}`)
  expect(measured).toEqual(names.flatMap((name) => [`${name} 40`, `${name} 100`]))
  const best = Number(rows[rows.length - 1][5])
  expect(lines[lines.length - 1]).toBe(`q = 100: mean PSNR of the 1 pictures of the folder ${best.toFixed(3)} dB`)
})

test('a measurement without what it needs says so and ends with 2', () => {
  const script = join(root, 'scripts', 'measure.js')
  const run =
    (...args: string[]) =>
    () =>
      execFileSync(process.execPath, [script, ...args], { stdio: 'pipe' })
  expect(run('open', '--model', modelFile)).toThrow(expect.objectContaining({ status: 2 }))
  expect(run('speed')).toThrow(expect.objectContaining({ status: 2 }))
  expect(run('series', ...data(), '--search', 'far')).toThrow(expect.objectContaining({ status: 2 }))
  expect(run('series', ...data(), '--model', modelFile, '--model', modelFile)).toThrow(
    expect.objectContaining({ status: 2 }),
  )
  expect(run('open', ...data(), ...reference(), '--limit', 'many')).toThrow(expect.objectContaining({ status: 2 }))
})
