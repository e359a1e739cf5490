import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  addEntry,
  hashOf,
  hashOfFile,
  journalIn,
  keyOf,
  readJournal,
  tidyJournal,
  type Entry,
} from '../../../src/cli/batch/journal.js'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-journal-'))
  path = journalIn(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const options = { stdout: new PassThrough(), signal: new AbortController().signal }
const entry = (name: string, key: string): Entry => ({ name, key, output: `output of ${key}` })

describe('entries', () => {
  test('come back by name, the newest last; without a journal there are none', async () => {
    expect(await readJournal(path)).toEqual(new Map())
    for (const each of [entry('a', '1'), entry('b', '2'), entry('a', '3')]) await addEntry(path, each)
    expect([...(await readJournal(path))]).toEqual([
      ['a', [entry('a', '1'), entry('a', '3')]],
      ['b', [entry('b', '2')]],
    ])
  })

  test('wherever a kill cuts the journal, only the entry that it cuts is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(200), async (name, at) => {
        await rm(path, { force: true })
        await addEntry(path, entry('before', '1'))
        const { length } = await readFile(path)
        await addEntry(path, entry(name, '2'))
        const both = await readFile(path)
        await writeFile(path, both.subarray(0, Math.min(length + at, both.length - 2)))
        await addEntry(path, entry('after', '3'))
        expect([...(await readJournal(path)).keys()]).toEqual(['before', 'after'])
      }),
      { numRuns: 20 },
    )
  })

  test('lines that are none are passed over', async () => {
    await writeFile(path, 'null\n[]\n{"name":"a"}\n{"name":1,"key":"k","output":"o"}\nwhat?\n')
    await addEntry(path, entry('a', '1'))
    expect([...(await readJournal(path)).values()]).toEqual([[entry('a', '1')]])
  })

  test('a journal that cannot be written is a failure of the system', async () => {
    await expect(addEntry(join(folder, 'none', 'journal'), entry('a', '1'))).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(readJournal(folder)).rejects.toMatchObject({ code: 'EISDIR' })
  })
})

test('a journal is written anew when most of it is old, and keeps the last two of each name', async () => {
  for (const key of ['1', '2', '3']) await addEntry(path, entry('a', key))
  await addEntry(path, entry('b', '4'))
  expect(await tidyJournal(path, await readJournal(path), options)).toBe(false)
  for (const key of ['5', '6']) await addEntry(path, entry('a', key))
  expect(await tidyJournal(path, await readJournal(path), options)).toBe(true)
  expect([...(await readJournal(path)).values()]).toEqual([[entry('a', '5'), entry('a', '6')], [entry('b', '4')]])
  await appendFile(path, '\n')
  expect(await tidyJournal(path, await readJournal(path), options)).toBe(false)
})

test('an empty journal needs no writing', async () => {
  expect(await tidyJournal(path, new Map(), options)).toBe(false)
})

describe('what an output follows from', () => {
  const made = { command: 'encode', version: '1', model: 'ab', chosen: { quality: 5 } }
  const input = Uint8Array.of(1, 2)
  const key = keyOf(made, input)

  test('another input, model, version, command or option is another key', () => {
    const others = [
      keyOf(made, Uint8Array.of(1, 3)),
      keyOf({ ...made, model: 'ac' }, input),
      keyOf({ ...made, model: null }, input),
      keyOf({ ...made, version: '2' }, input),
      keyOf({ ...made, command: 'decode' }, input),
      keyOf({ ...made, chosen: { quality: 6 } }, input),
      keyOf({ ...made, chosen: { lambda: 5 } }, input),
      keyOf({ ...made, chosen: { quality: 5, resize: true } }, input),
    ]
    expect(new Set([key, ...others]).size).toBe(others.length + 1)
  })

  test('what leaves the output as it is leaves the key, and so does the order of options', () => {
    const same = {
      out: 'o',
      jobs: 3,
      skipExisting: true,
      recursive: true,
      force: true,
      quiet: true,
      json: true,
    } as const
    expect(keyOf({ ...made, chosen: { ...same, engine: 'reference', model: 'photo', quality: 5 } }, input)).toBe(key)
    expect(keyOf({ ...made, chosen: { quality: 5, label: undefined } }, input)).toBe(key)
    const both = (chosen: object) => keyOf({ ...made, chosen }, input)
    expect(both({ quality: 5, resize: true })).toBe(both({ resize: true, quality: 5 }))
  })
})

test('a file has the hash of its bytes; what is not there has none', async () => {
  const file = join(folder, 'a')
  await writeFile(file, 'abc')
  // FIPS 180-2, appendix B.1
  expect(await hashOfFile(file)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hashOf('abc')).toBe(await hashOfFile(file))
  expect(await hashOfFile(join(folder, 'none'))).toBe(null)
  expect(await hashOfFile(folder)).toBe(null)
})
