import { spawnSync } from 'node:child_process'
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkOutput, exists, readInput, readInputFile, removeTemporaries, writeOutput } from '../../src/cli/io.js'
import { SystemFailure } from '../../src/cli/systemFailure.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-io-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const never = new AbortController().signal
const nobody = new PassThrough()
const bytes = Uint8Array.of(0, 10, 13, 255, 26)
const options = (force: boolean, signal = never) => ({ force, signal, stdout: nobody })
const system = (message: RegExp) =>
  expect.objectContaining({ name: 'SystemFailure', message: expect.stringMatching(message) })

describe('reading', () => {
  test('a file, and standard input in pieces', async () => {
    const path = join(folder, 'a')
    await writeFile(path, bytes)
    expect(Uint8Array.from(await readInput(path, nobody, never))).toEqual(bytes)
    const pieces = Readable.from([Buffer.from(bytes.subarray(0, 2)), Buffer.from(bytes.subarray(2))])
    expect(Uint8Array.from(await readInput('-', pieces, never))).toEqual(bytes)
  })

  test('what is there: a file, a folder, and not what is missing', async () => {
    await writeFile(join(folder, 'a'), bytes)
    expect(await Promise.all(['a', '.', 'none', 'a/b'].map((name) => exists(join(folder, name))))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('what cannot be read says why', async () => {
    const reading = (...parts: string[]) => readInput(join(folder, ...parts), nobody, never)
    await expect(reading('none')).rejects.toEqual(system(/none: no such file; check the name/))
    await expect(reading()).rejects.toEqual(system(/it is a folder; name a file/))
    await writeFile(join(folder, 'a'), bytes)
    await expect(reading('a', 'b')).rejects.toEqual(system(/no folder/))
  })

  test('a file that something writes to meanwhile is refused', async () => {
    const path = join(folder, 'a')
    await writeFile(path, Buffer.alloc(2 ** 25)) // read in many pieces
    let isOver = false
    const reading = readInputFile(path, never).finally(() => (isOver = true))
    const refused = expect(reading).rejects.toEqual(system(/it changed meanwhile; try again/))
    while (!isOver) await appendFile(path, bytes)
    await refused
  })

  test('a file is read with its age', async () => {
    const path = join(folder, 'a')
    await writeFile(path, bytes)
    await utimes(path, 1e9, 1e9 + 0.5)
    expect((await readInputFile(path, never)).modified.getTime()).toBe(1e12 + 500)
  })

  test('an endless standard input stops at an interrupt', async () => {
    const interrupt = new AbortController()
    const reading = readInput('-', new PassThrough(), interrupt.signal)
    interrupt.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('checking an output', () => {
  test('a new name is fine, an existing file only by force', async () => {
    const path = join(folder, 'a')
    await checkOutput(path, false, nobody)
    await writeFile(path, bytes)
    await expect(checkOutput(path, false, nobody)).rejects.toEqual(system(/it exists; use -f/))
    await checkOutput(path, true, nobody)
  })

  test('a folder in the way and a missing folder', async () => {
    await mkdir(join(folder, 'd'))
    const checking = (...parts: string[]) => checkOutput(join(folder, ...parts), true, nobody)
    await expect(checking('d')).rejects.toEqual(system(/a folder of that name is in the way/))
    await expect(checking('e', 'a')).rejects.toEqual(system(/folder does not exist/))
  })

  test('standard output: a pipe is fine, a terminal is not', async () => {
    await checkOutput('-', false, nobody)
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    await expect(checkOutput('-', true, terminal)).rejects.toMatchObject({ fault: { tag: 'BadOption', option: 'OUT' } })
  })
})

describe('writing', () => {
  test('any bytes, whole, and nothing beside them', async () => {
    const path = join(folder, 'a')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (data) => {
        await writeOutput(path, data, options(true))
        expect(Uint8Array.from(await readFile(path))).toEqual(data)
        expect(await readdir(folder)).toEqual(['a'])
      }),
      { numRuns: 20 },
    )
  })

  test('an existing file is kept, even one that came after the check', async () => {
    const path = join(folder, 'a')
    await writeFile(path, 'mine')
    await expect(writeOutput(path, bytes, options(false))).rejects.toEqual(system(/it exists; use -f/))
    expect(await readFile(path, 'utf8')).toBe('mine')
    expect(await readdir(folder)).toEqual(['a'])
  })

  test('a replaced file keeps who may read it; a link is followed', async () => {
    const path = join(folder, 'a')
    const name = join(folder, 'link')
    await writeFile(path, 'old')
    await chmod(path, 0o600)
    await symlink('a', name)
    await writeOutput(name, bytes, options(true))
    expect(Uint8Array.from(await readFile(path))).toEqual(bytes)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await lstat(name)).isSymbolicLink()).toBe(true)
  })

  test('a file is as old as it is said to be, and seen only when all is said that was to be said before', async () => {
    const path = join(folder, 'a')
    const seen: string[][] = []
    const beforePlaced = async () => void seen.push((await readdir(folder)).map((name) => name.slice(0, 6)))
    await writeOutput(path, bytes, { ...options(false), modified: new Date(1e12), beforePlaced })
    expect((await stat(path)).mtimeMs).toBe(1e12)
    expect(seen).toEqual([['.ddnc-']])
    const refusing = { ...options(true), beforePlaced: () => Promise.reject(new Error('no')) }
    await expect(writeOutput(path, Uint8Array.of(1), refusing)).rejects.toThrow('no')
    expect(Uint8Array.from(await readFile(path))).toEqual(bytes)
    expect(await readdir(folder)).toEqual(['a'])
  })

  test('failures leave nothing behind', async () => {
    await mkdir(join(folder, 'd'))
    const writing = (path: string, signal?: AbortSignal) =>
      writeOutput(join(folder, path), bytes, options(true, signal))
    await expect(writing('d')).rejects.toBeInstanceOf(SystemFailure)
    await expect(writing('e/a')).rejects.toEqual(system(/folder does not exist/))
    await expect(writing('n'.repeat(300))).rejects.toEqual(system(/too long/))
    await expect(writing('a', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(folder)).toEqual(['d'])
  })

  test('a device is written to, not replaced', async () => {
    await writeOutput('/dev/null', bytes, options(true))
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
    await expect(writeOutput('/dev/full', bytes, options(true))).rejects.toEqual(system(/the disk is full/))
  })

  test('standard output: the bytes as they are; a reader that left is a silent failure', async () => {
    const stdout = new PassThrough()
    await writeOutput('-', bytes, { ...options(false), stdout })
    expect(Uint8Array.from(stdout.read())).toEqual(bytes)
    const gone = Object.assign(new Error(), { code: 'EPIPE' })
    const closed = new Writable({ write: (_chunk, _encoding, done) => done(gone) })
    closed.on('error', () => {})
    await expect(writeOutput('-', bytes, { ...options(false), stdout: closed })).rejects.toMatchObject({ silent: true })
  })
})

test('what killed processes left is removed, what others write and all else is kept', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const name = (id: number): string => `.ddnc-${id}-0123456789ab.tmp`
  const names = [name(dead), name(process.pid), name(process.ppid), `x${name(dead)}`, '.ddnc-photo.tmp']
  for (const each of names) await writeFile(join(folder, each), bytes)
  await removeTemporaries(folder)
  expect((await readdir(folder)).sort()).toEqual(['.ddnc-photo.tmp', name(process.ppid), `x${name(dead)}`].sort())
})
