/** The whole of it, as a user runs it. What its parts do is tested beside them. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ddnc, ended, MICRO, start } from '../run.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-batch-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
const run = (...args: string[]) => ddnc(args, { cwd: folder })
const encode = (...args: string[]) => run('encode', '--model', MICRO, ...args)
const lines = (text: Buffer | string) => String(text).split('\n').filter(Boolean)
const statuses = (stdout: Buffer) => lines(stdout).map((line) => (JSON.parse(line) as { status: string }).status)

/** A flat picture, its colour by its name. */
async function picture(name: string, side = 16): Promise<void> {
  const red = name.charCodeAt(0)
  const background = { r: red, g: 100, b: 200 }
  await sharp({ create: { width: side, height: side, channels: 3, background } })
    .png()
    .toFile(path(name))
  await utimes(path(name), 1e9, 1e9)
}

test('each of many files is what it would be alone, past one that is bad; and back again, as old as before', async () => {
  await mkdir(path('in'))
  for (const name of ['in/a.png', 'in/b.png', 'in/c.png']) await picture(name)
  await writeFile(path('in/bad.png'), 'no picture')

  const encoded = await encode('in', '-O', 'out/deep', '-j', '2')
  expect(encoded.code).toBe(1)
  expect(lines(encoded.stderr)).toEqual([
    expect.stringMatching(/^ddnc: in.bad\.png: this is not a picture/),
    expect.stringMatching(/^ddnc: 1 of 4 files failed: in.bad\.png$/),
  ])
  const said = lines(encoded.stdout)
  expect(said.slice(0, 3).sort()).toEqual(['a', 'b', 'c'].map((name) => expect.stringContaining(`${name}.ddn: `)))
  expect(said[3]).toMatch(/^out\/deep: 3 of 4 files made, 1 failed, \d+ bytes, from \d+ bytes, .* s$/)
  expect((await readdir(path('out/deep'))).sort()).toEqual(['.ddnc-done.jsonl', 'a.ddn', 'b.ddn', 'c.ddn'])

  await encode('in/b.png', 'alone.ddn')
  expect(await readFile(path('out/deep/b.ddn'))).toEqual(await readFile(path('alone.ddn')))
  expect((await stat(path('out/deep/b.ddn'))).mtimeMs).toBe(1e12)

  const decoded = await run('decode', 'out/deep', '-O', 'back', '--format', 'webp', '--json')
  expect(decoded).toMatchObject({ code: 0, stderr: '' })
  expect(statuses(decoded.stdout)).toEqual(['done', 'done', 'done'])
  expect((await readdir(path('back'))).sort()).toEqual(['.ddnc-done.jsonl', 'a.webp', 'b.webp', 'c.webp'])
  expect((await stat(path('back/c.webp'))).mtimeMs).toBe(1e12)
})

test('--skip-existing goes on from where a run before was stopped', async () => {
  for (const name of ['a.png', 'b.png']) await picture(name)
  const again = (...more: string[]) => encode('a.png', 'b.png', '-O', 'out', '--json', '-j', '1', ...more)
  await encode('a.png', '-O', 'out')
  await writeFile(path('out/.ddnc-999999999-0123456789ab.tmp'), 'of a process that was killed')
  expect(statuses((await again('--skip-existing')).stdout)).toEqual(['skipped', 'done'])
  expect((await readdir(path('out'))).sort()).toEqual(['.ddnc-done.jsonl', 'a.ddn', 'b.ddn'])
  expect(statuses((await again('--skip-existing', '-q', '30')).stdout)).toEqual(['done', 'done'])
  // Without it an existing file is an existing file.
  const kept = await again()
  expect(kept).toMatchObject({ code: 1, stderr: expect.stringContaining('out/a.ddn: it exists; use -f') })
  expect(statuses(kept.stdout)).toEqual(['failed', 'failed'])
})

test('--json of one file', async () => {
  await picture('a.png')
  const { stdout } = await encode('a.png', '--json', '--quiet')
  const { size } = await stat(path('a.ddn'))
  expect(JSON.parse(String(stdout))).toMatchObject({
    status: 'done',
    output: 'a.ddn',
    width: 16,
    components: 3,
    bytes: size,
  })
})

describe('refused before anything is written', () => {
  beforeEach(() => picture('a.png'))
  afterEach(async () => expect(await readdir(folder)).toEqual(['a.png']))

  test.each([
    ['a clash of names', ['a.png', 'sub/a.jpg', '-O', 'out'], /the output out.a\.ddn is made of a\.png and of sub/],
    ['more names than two', ['a.png', 'b.ddn', 'c.ddn'], /too many arguments, allowed is any number of IN with -O/],
    ['an option of many files', ['a.png', '--skip-existing'], /--skip-existing is given without -O/],
    ['standard input', ['-', '-O', 'out'], /IN is - with -O/],
  ])('%s', async (_name, args, line) => {
    expect(await encode(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(line) })
  })

  test('a path with many files, and a class', async () => {
    expect(await run('decode', '--path', '01', 'a.png', '-O', 'out')).toMatchObject({ code: 2 })
    expect(await run('decode', '--label', '1', 'a.png', '-O', 'out')).toMatchObject({ code: 2 })
  })
})

test('a model that is not there is said once', async () => {
  for (const name of ['a.png', 'b.png']) await picture(name)
  const { code, stderr, stdout } = await run('encode', '--model', 'nobody', 'a.png', 'b.png', '-O', 'out')
  expect({ code, stdout: String(stdout) }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^ddnc: --model is nobody, allowed is [^\n]+\n$/)
})

test('a place where no folder can be is said once', async () => {
  await picture('a.png')
  const { code, stderr } = await encode('a.png', '-O', 'a.png')
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringMatching(/^ddnc: cannot write into a\.png: a file/),
  })
})

describe('interrupted', () => {
  /** Sends Ctrl-C to all processes, as a terminal does, when the first file of many is there. */
  async function interrupted(again: boolean): Promise<void> {
    await mkdir(path('in'))
    await picture('in/a.png')
    for (let i = 0; i < 4; i++) await picture(`in/b${i}.png`, 640)
    const args = ['encode', '--model', MICRO, '--engine', 'reference', 'in', '-O', 'out', '-j', '2']
    const child = start(args, { cwd: folder, detached: true })
    const end = ended(child)
    child.stdin.end()
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    process.kill(-child.pid!, 'SIGINT')
    if (again) process.kill(-child.pid!, 'SIGINT')
    const { code, stderr } = await end
    expect(code).toBe(130)
    if (!again) expect(stderr).toBe('ddnc: interrupted\n')
    expect((await readdir(path('out'))).filter((name) => !name.startsWith('.ddnc-'))).toEqual(['a.ddn'])
  }

  test('once: what is running is dropped, nothing partial stays', async () => {
    await interrupted(false)
    expect((await readdir(path('out'))).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('twice: at once', () => interrupted(true))
})

test('a reader that leaves ends the run without a word', async () => {
  for (const name of ['a.png', 'b.png', 'c.png']) await picture(name)
  const args = ['encode', '--model', MICRO, 'a.png', 'b.png', 'c.png', '-O', 'out', '--json', '-j', '1']
  const child = start(args, { cwd: folder })
  child.stdin.end()
  child.stdout.destroy()
  expect(await ended(child)).toMatchObject({ code: 3, stderr: '' })
})

test('an input that is not there, and a name that is taken by a folder, cost no other file', async () => {
  for (const name of ['a.png', 'b.png']) await picture(name)
  await mkdir(path('out/b.ddn'), { recursive: true })
  const { code, stdout } = await encode('a.png', 'b.png', 'none.png', '-O', 'out', '--json', '-j', '1')
  expect(code).toBe(1)
  expect(lines(stdout).map((line) => (JSON.parse(line) as { tag?: string }).tag)).toEqual([
    undefined,
    'EISDIR',
    'ENOENT',
  ])
})
