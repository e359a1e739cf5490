/**
 * What a folder of outputs holds already: a line of JSON for every file that was made, `.ddnc-done.jsonl`. It lies
 * beside the outputs and not in them: decoded pictures have no place for it, and a file is the same, made alone or as
 * one of many. A line is written before its file gets its name, so after a kill at any moment each file that is there
 * has one.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { Chosen, OptionName } from '../options.js'
import { codeOf, failure, READ_ADVICE, WRITE_ADVICE } from '../systemFailure.js'
import { writeOutput } from '../io.js'

export type Entry = Readonly<{
  /** Of the output, from the journal's folder on. */
  name: string
  /** `keyOf` what it was made of. */
  key: string
  /** SHA-256 of the output, hex. */
  output: string
}>

/** Entries by name, the newest last. Older ones count as well: a run may have been killed before it replaced a file. */
export type Journal = ReadonlyMap<string, readonly Entry[]>

/** Entries of a name that are kept when a journal is written anew. */
const KEPT = 2

export const journalIn = (folder: string): string => join(folder, '.ddnc-done.jsonl')

/**
 * Lines that are no entries are passed over: a kill cuts one, an editor adds one.
 * @throws {SystemFailure} it is there and cannot be read
 * @example (await readJournal('out/.ddnc-done.jsonl')).get('photo.ddn')
 */
export async function readJournal(path: string): Promise<Journal> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return ''
    throw failure(cause, `cannot read ${path}`, READ_ADVICE)
  })
  const journal = new Map<string, Entry[]>()
  for (const entry of text.split('\n').map(entryOf)) {
    if (entry === null) continue
    const older = journal.get(entry.name)
    if (older === undefined) journal.set(entry.name, [entry])
    else older.push(entry)
  }
  return journal
}

function entryOf(line: string): Entry | null {
  try {
    const { name, key, output } = JSON.parse(line) as Partial<Record<keyof Entry, unknown>>
    return typeof name === 'string' && typeof key === 'string' && typeof output === 'string'
      ? { name, key, output }
      : null
  } catch {
    return null
  }
}

/** A line of its own whatever stands before it: a line that a kill cut has no end. */
const lineOf = ({ name, key, output }: Entry): string => `\n${JSON.stringify({ name, key, output })}\n`

/**
 * Adds an entry, in one write at the end, so that several processes may.
 * @throws {SystemFailure} it cannot be written
 */
export async function addEntry(path: string, entry: Entry): Promise<void> {
  try {
    const handle = await open(path, 'a')
    try {
      await handle.writeFile(lineOf(entry))
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw failure(cause, `cannot write ${path}`, WRITE_ADVICE)
  }
}

/**
 * Writes a journal anew if most of it is of no use any more. No other process may add to it meanwhile.
 * @returns whether it was written
 * @throws {SystemFailure} it cannot be written
 */
export async function tidyJournal(
  path: string,
  journal: Journal,
  options: Readonly<{ stdout: Writable; signal: AbortSignal }>,
): Promise<boolean> {
  const all = [...journal.values()]
  const kept = all.flatMap((entries) => entries.slice(-KEPT))
  const count = all.reduce((sum, entries) => sum + entries.length, 0)
  if (count === 0 || count < 2 * kept.length) return false
  await writeOutput(path, Buffer.from(kept.map(lineOf).join('')), { ...options, force: true })
  return true
}

/** Options that leave the output as it is, and the model, which has a hash. */
const NOT_IN_OUTPUT: ReadonlySet<string> = new Set<OptionName>([
  'out',
  'jobs',
  'threads',
  'skipExisting',
  'recursive',
  'force',
  'quiet',
  'json',
  'engine',
  'model',
  'maxPixels',
  'maxSeconds',
  'maxMemory',
])

/**
 * All that an output follows from, as one hash. Two runs with equal keys make equal bytes.
 * @param made command, version, hash of the model (null: the input names it), options
 * @example keyOf({ command: 'encode', version: '1.0.0', model: 'ab01…', chosen: { quality: 75 } }, bytes)
 */
export function keyOf(
  made: Readonly<{ command: string; version: string; model: string | null; chosen: Chosen }>,
  input: Uint8Array,
): string {
  const { command, version, model, chosen } = made
  const options = Object.entries(chosen)
    .filter(([name, value]) => value !== undefined && !NOT_IN_OUTPUT.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return hashOf(JSON.stringify([command, version, model, options, hashOf(input)]))
}

/** SHA-256, hex. */
export const hashOf = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex')

/**
 * SHA-256 of a file, hex, read in pieces; null if it is not there or cannot be read.
 * @example (await hashOfFile('out/photo.ddn')) === entry.output
 */
export async function hashOfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  } catch {
    return null
  }
  return hash.digest('hex')
}
