import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { doTask, type Context } from '../../../src/cli/batch/doTask.js'
import { journalIn, readJournal } from '../../../src/cli/batch/journal.js'
import { DdncError } from '../../../src/errors.js'
import type { FileWork } from '../../../src/cli/fileWork.js'
import type { Chosen } from '../../../src/cli/options.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-task-'))
  await writeFile(path('in'), 'picture')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
const text = (name: string) => readFile(path(name), 'utf8')
const never = new AbortController().signal

/** Makes `made of INPUT at QUALITY`; counts how often. */
function works(make?: FileWork['make']) {
  const seen = { made: 0 }
  const work: FileWork = {
    name: 'encode',
    extension: () => '.ddn',
    takes: /./,
    prepare: async () => 'ab',
    make: async (input, chosen, terminal, onProgress) => {
      seen.made++
      if (make) return make(input, chosen, terminal, onProgress)
      const bytes = Buffer.from(`made of ${Buffer.from(input)} at ${chosen.quality}`)
      const sizes = { inputBytes: input.length, bytes: bytes.length }
      return { bytes, report: { width: 1, height: 1, components: 1, ...sizes, notes: [] } }
    },
    facts: () => [],
  }
  return { seen, work }
}

/** Does the one task of these tests, in the state that the journal has. */
async function run(chosen: Chosen, { work } = works(), signal = never) {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const journal = journalIn(folder)
  const context: Context = { work, command: 'encode', chosen, model: 'ab', journal, terminal: { ...streams, signal } }
  const known = (await readJournal(journal)).get('out') ?? []
  return doTask({ input: path('in'), output: path('out'), name: 'out', known }, context, () => {})
}

const failed = (tag: string, exitCode: number) => ({ status: 'failed', failure: { tag, exitCode } })

test('a file is made, and is as old as its input', async () => {
  await utimes(path('in'), 1e9, 1e9 + 0.25)
  expect(await run({ quality: 1 })).toMatchObject({
    status: 'done',
    report: { inputBytes: 7, seconds: expect.any(Number) },
  })
  expect(await text('out')).toBe('made of picture at 1')
  expect((await stat(path('out'))).mtimeMs).toBe(1e12 + 250)
  expect((await readdir(folder)).sort()).toEqual(['.ddnc-done.jsonl', 'in', 'out'])
})

describe('a file that is there', () => {
  test('is kept, and replaced by force', async () => {
    await writeFile(path('out'), 'mine')
    expect(await run({})).toMatchObject(failed('EEXIST', 3))
    expect(await text('out')).toBe('mine')
    expect(await run({ force: true, quality: 2 })).toMatchObject({ status: 'done' })
    expect(await text('out')).toBe('made of picture at 2')
  })

  test('is skipped if it is made of the same', async () => {
    const { seen, work } = works()
    const again = (chosen: Chosen) => run({ skipExisting: true, ...chosen }, { seen, work })
    expect(await again({ quality: 1 })).toMatchObject({ status: 'done' })
    expect(await again({ quality: 1 })).toEqual({ status: 'skipped' })
    expect(await again({ quality: 1, force: true, engine: 'reference' })).toEqual({ status: 'skipped' })
    expect(seen.made).toBe(1)
  })

  test('is made anew if input or options are others', async () => {
    await run({ quality: 1, skipExisting: true })
    expect(await run({ quality: 2, skipExisting: true })).toMatchObject({ status: 'done' })
    await writeFile(path('in'), 'other')
    expect(await run({ quality: 2, skipExisting: true })).toMatchObject({ status: 'done' })
    expect(await text('out')).toBe('made of other at 2')
  })

  test('is never skipped for being there: not if it is cut, and not if another made it', async () => {
    await run({ quality: 1, skipExisting: true })
    await writeFile(path('out'), 'made of')
    expect(await run({ quality: 1, skipExisting: true })).toMatchObject(failed('EEXIST', 3))
    expect(await text('out')).toBe('made of')
    expect(await run({ quality: 1, skipExisting: true, force: true })).toMatchObject({ status: 'done' })
  })

  test('of before a kill between journal and file is ours all the same', async () => {
    await run({ quality: 1, skipExisting: true })
    const before = await text('out')
    await run({ quality: 2, skipExisting: true })
    await writeFile(path('out'), before) // the second run wrote its line, and no more
    expect(await run({ quality: 2, skipExisting: true })).toMatchObject({ status: 'done' })
    expect(await text('out')).toBe('made of picture at 2')
  })

  test('and is a folder is in the way, even by force', async () => {
    await mkdir(path('out'))
    expect(await run({ force: true, skipExisting: true })).toMatchObject(failed('EISDIR', 3))
  })
})

describe('what goes wrong is of this file alone, and leaves nothing', () => {
  afterEach(async () => expect(await readdir(folder)).toEqual(['in']))

  test('a fault of the picture', async () => {
    const fault = { tag: 'Corrupt', where: 'the picture', found: 'x', allowed: 'y' } as const
    const bad = works(() => Promise.reject(new DdncError(fault)))
    expect(await run({}, bad)).toEqual({
      status: 'failed',
      failure: { tag: 'Corrupt', exitCode: 1, message: 'damaged: the picture is x, allowed is y' },
    })
  })

  test('an input that is not there', async () => {
    await rename(path('in'), path('elsewhere'))
    expect(await run({})).toMatchObject(failed('ENOENT', 3))
    await rename(path('elsewhere'), path('in'))
  })

  test('a fault of ours', async () => {
    const bug = works(() => Promise.reject(new TypeError('x is not a function')))
    expect(await run({}, bug)).toMatchObject(failed('Unknown', 3))
  })

  test('an interrupt, which is no fault', async () => {
    const interrupt = new AbortController()
    const slow = works(async () => {
      interrupt.abort()
      return {
        bytes: new Uint8Array(1),
        report: { width: 1, height: 1, components: 1, inputBytes: 7, bytes: 1, notes: [] },
      }
    })
    expect(await run({}, slow, interrupt.signal)).toEqual({ status: 'dropped' })
  })
})
