/** Commands with models whose candidates are whole pictures. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { microWholeFile } from '../../src/lab/quantise/microWhole.js'
import { readPicture } from '../../src/node/picture.js'
import { ddnc, MICRO } from './run.js'

let folder: string
let digit: Buffer

const path = (name: string) => join(folder, name)
const run = (...args: string[]) => ddnc(args, { cwd: folder })
const pixels = async (name: string) => (await readPicture(await readFile(path(name)))).picture

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-whole-'))
  const data = Uint8Array.from({ length: 256 }, (_, i) => (i * 37) % 256)
  digit = await sharp(data, { raw: { width: 16, height: 16, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
})
beforeEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(path('digit.png'), digit)
  for (const name of ['shot', 'recur', 'class'] as const) await writeFile(path(`${name}.ddnm`), microWholeFile(name))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('encode, info and decode', () => {
  test('a path goes through a file, as bits through the terminal, and is the same picture', async () => {
    expect(await run('encode', 'digit.png', 'd.ddn', '--model', 'shot.ddnm')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('decode', 'd.ddn', 'a.png', '--model', 'shot.ddnm')).toMatchObject({ code: 0, stderr: '' })
    const [bits, choices] = (await run('info', '--path', 'd.ddn', '--model', 'shot.ddnm')).stdout.toString().split('\n')
    expect(bits).toMatch(/^[01]{8}$/)
    expect(choices).toMatch(/^[012]( [012]){4}$/)
    const again = await run('decode', '--path', bits, '--model', 'shot.ddnm', 'b.png')
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(await pixels('b.png')).toEqual(await pixels('a.png'))
  })

  test('quality is a share of the choices, and info tells them', async () => {
    await run('encode', '-q', '50', 'digit.png', 'd.ddn', '--model', 'shot.ddnm')
    const { stdout } = await run('info', 'd.ddn', '--model', 'shot.ddnm')
    expect(stdout.toString()).toMatch(/^choices +3$/m)
    expect(stdout.toString()).toMatch(/^class +0$/m)
    expect(stdout.toString()).toMatch(/^path +1/m)
    const json = JSON.parse((await run('info', '--json', 'd.ddn', '--model', 'shot.ddnm')).stdout.toString())
    expect(json).toMatchObject({ kind: 'whole', choices: 3, label: 0, profile: 'plain' })
    expect(json.layers.map(({ name }: { name: string }) => name)).toEqual([
      'stage.0.layer.0',
      'stage.0.layer.1',
      'stage.1.layer.0',
    ])
  })

  test('a class is told, or found', async () => {
    await run('encode', '--resize', '--label', '2', 'digit.png', 'told.ddn', '--model', 'class.ddnm')
    const told = (await run('info', 'told.ddn', '--model', 'class.ddnm')).stdout.toString()
    expect(told).toMatch(/^class +2$/m)
    const [bits] = (await run('info', '--path', 'told.ddn', '--model', 'class.ddnm')).stdout.toString().split('\n')
    await run('decode', 'told.ddn', 'a.png', '--model', 'class.ddnm')
    await run('decode', '--path', bits, '--label', '2', '--model', 'class.ddnm', 'b.png')
    await run('decode', '--path', bits, '--label', '1', '--model', 'class.ddnm', 'c.png')
    expect(await pixels('b.png')).toEqual(await pixels('a.png'))
    expect(await pixels('c.png')).not.toEqual(await pixels('a.png'))
    expect(await run('encode', '--resize', 'digit.png', 'found.ddn', '--model', 'class.ddnm')).toMatchObject({
      code: 0,
    })
  })

  test('another size is refused, or resized', async () => {
    const refused = await run('encode', 'digit.png', 'd.ddn', '--model', 'recur.ddnm')
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('picture size is 16 x 16, allowed is 12 x 8'),
    })
    expect(await readdir(folder)).not.toContain('d.ddn')
    const resized = await run('encode', '--resize', 'digit.png', 'd.ddn', '--model', 'recur.ddnm')
    expect(resized).toMatchObject({ code: 0, stdout: expect.anything() })
    expect(resized.stdout.toString()).toContain('resized from 16 x 16')
  })
})

describe('generate', () => {
  test('the same seed is the same picture, and a sheet is its pictures', async () => {
    expect(await run('generate', '--model', 'shot.ddnm', '--seed', '7', 'one.png')).toMatchObject({
      code: 0,
      stderr: '',
    })
    await run('generate', '--model', 'shot.ddnm', '--seed', '7', '--count', '3', 'sheet.png')
    const [one, sheet] = [await pixels('one.png'), await pixels('sheet.png')]
    expect([one.width, one.height, sheet.width, sheet.height]).toEqual([16, 16, 33, 33])
    const corner = Array.from({ length: 16 }, (_, y) => [...sheet.data.subarray(y * 33, y * 33 + 16)]).flat()
    expect(corner).toEqual([...one.data])
    await run('generate', '--model', 'shot.ddnm', '--seed', '8', 'next.png')
    const next = Array.from({ length: 16 }, (_, y) => [...sheet.data.subarray(y * 33 + 17, y * 33 + 33)]).flat()
    expect(next).toEqual([...(await pixels('next.png')).data])
  })

  test('by the prior, of a class, and on grids of any size', async () => {
    for (const [out, ...args] of [
      ['a.png', '--model', 'shot.ddnm', '--prior', '--temperature', '0.5'],
      ['b.png', '--model', 'class.ddnm', '--label', '1'],
      ['c.png', '--model', MICRO, '--size', '40x24', '--prior', '-q', '30'],
    ]) {
      expect(await run('generate', ...args, out), out).toMatchObject({ code: 0, stderr: '' })
    }
    expect(await pixels('c.png')).toMatchObject({ width: 40, height: 24 })
  })
})

describe('errors are one line, an exit code and no file', () => {
  test.each<[string, string[], number, RegExp]>([
    ['--path without a model', ['decode', '--path', '01', 'out.png'], 2, /--model is not given/],
    ['--path of a model with grids', ['decode', '--path', '01', '--model', MICRO, 'out.png'], 2, /whole-image model/],
    ['bits that are none', ['decode', '--path', '012', '--model', 'recur.ddnm', 'out.png'], 2, /bits, 0 and 1/],
    ['bits of no path', ['decode', '--path', '1', '--model', 'shot.ddnm', 'out.png'], 2, /1 bits long/],
    ['too many bits', ['decode', '--path', '00000000', '--model', 'recur.ddnm', 'out.png'], 2, /8 choices/],
    ['--path beside IN', ['decode', '--path', '01', '--model', 'recur.ddnm', 'in.ddn', 'out.png'], 2, /OUT alone/],
    ['--label for a file', ['decode', '--label', '1', 'in.ddn', 'out.png'], 2, /--label is given with a file/],
    ['--resize for grids', ['encode', '--resize', '--model', MICRO, 'digit.png', 'out.ddn'], 2, /resize is given/],
    ['a size that is none', ['generate', '--size', '9by9', '--model', MICRO, 'out.png'], 2, /--size is "9by9"/],
    ['no size', ['generate', '--model', MICRO, 'out.png'], 2, /size is not given/],
    ['no prior', ['generate', '--prior', '--model', 'recur.ddnm', 'out.png'], 2, /prior is asked for/],
  ])('%s', async (_, args, code, line) => {
    const ran = await run(...args)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toMatch(line)
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect((await readdir(folder)).filter((name) => name.startsWith('out'))).toEqual([])
  })
})
