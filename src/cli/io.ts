/**
 * Bytes in and out of the commands. `-` is standard input or output. A file appears whole or not at all: temporary file
 * in the same folder, fsync, rename. An existing file is kept unless the user forces it.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { access, link, lstat, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { DdncError } from '../errors.js'
import { removeLeftovers } from '../node/leftovers.js'
import { codeOf, failure, FOLDER_ADVICE, READ_ADVICE, SystemFailure, WRITE_ADVICE } from './systemFailure.js'

/** A whole file: in memory or, where it is a large picture, a temporary one in a folder of its own. */
export type Content = Uint8Array | Readonly<{ path: string; size: number; folder: string }>

/** Bytes. */
export const sizeOf = (content: Content): number => (content instanceof Uint8Array ? content.length : content.size)

/** Of a temporary file nothing is left. */
export const removeContent = async (content: Content): Promise<void> =>
  content instanceof Uint8Array ? undefined : rm(content.folder, { recursive: true, force: true })

const chunksOf = (content: Content): Uint8Array | Readable =>
  content instanceof Uint8Array ? content : createReadStream(content.path)

/** Largest input, in bytes. A whole file is held in memory. */
const MAX_INPUT = 2 ** 30

/**
 * Reads a whole file, or standard input for `-`.
 * @throws {SystemFailure} no such file, a folder, no permission, a file that changes meanwhile
 * @throws {DdncError} LimitExceeded: over 2^30 bytes
 * @throws the signal's reason when it aborts
 */
export async function readInput(path: string, stdin: Readable, signal: AbortSignal): Promise<Uint8Array> {
  if (path !== '-') return (await readInputFile(path, signal)).bytes
  return drain(stdin, signal).catch((cause: unknown) => {
    throw failure(cause, 'cannot read standard input', READ_ADVICE)
  })
}

/**
 * Reads a whole file, with the time that it was last modified; of a pipe or a device that is now.
 * @throws as `readInput`; SystemFailure too if something wrote to the file meanwhile
 * @example const { bytes, modified } = await readInputFile('photo.jpg', signal)
 */
export async function readInputFile(
  path: string,
  signal: AbortSignal,
): Promise<Readonly<{ bytes: Uint8Array; modified: Date }>> {
  try {
    const handle = await open(path, 'r')
    try {
      const before = await handle.stat({ bigint: true })
      checkSize(Number(before.size))
      // A pipe or a device has no size to check beforehand.
      if (!before.isFile() && !before.isDirectory()) {
        return { bytes: await drain(handle.createReadStream({ autoClose: false }), signal), modified: new Date() }
      }
      const bytes = await handle.readFile({ signal })
      const after = await handle.stat({ bigint: true })
      // Half of the old and half of the new would be a picture that never was.
      if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
        throw new SystemFailure(
          `cannot read ${path}: it changed meanwhile; try again when nothing writes to it`,
          'CHANGED',
        )
      }
      return { bytes, modified: before.mtime }
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw failure(cause, `cannot read ${path}`, READ_ADVICE)
  }
}

async function drain(stream: Readable, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  const stop = (): void => void stream.destroy(signal.reason as Error)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.length
      checkSize(size)
      chunks.push(chunk)
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  return Buffer.concat(chunks)
}

function checkSize(size: number): void {
  if (size > MAX_INPUT) {
    throw new DdncError({ tag: 'LimitExceeded', what: 'the size of the input in bytes', value: size, limit: MAX_INPUT })
  }
}

/**
 * Says before any work whether `writeOutput` would be refused.
 * @throws {SystemFailure} OUT exists and is not forced, is a folder, or its folder is missing
 * @throws {DdncError} BadOption: `-` and standard output is a terminal
 */
export async function checkOutput(path: string, force: boolean, stdout: Writable & { isTTY?: boolean }): Promise<void> {
  if (path === '-') {
    if (!stdout.isTTY) return
    throw new DdncError({ tag: 'BadOption', option: 'OUT', found: 'a terminal', allowed: 'a file or a pipe' })
  }
  const folder = await stat(dirname(path)).catch((cause: unknown) => {
    throw failure(cause, `cannot write ${path}`, FOLDER_ADVICE)
  })
  if (!folder.isDirectory()) throw new SystemFailure(`cannot write ${path}: ${dirname(path)} is no folder`, 'ENOTDIR')
  const existing = await at(path)
  if (existing?.isDirectory()) {
    throw new SystemFailure(`cannot write ${path}: a folder of that name is in the way; name a file`, 'EISDIR')
  }
  if (existing?.isFile() && !force) throw inTheWay(path)
}

export type WriteOptions = Readonly<{
  /** Replaces an existing file. */
  force: boolean
  stdout: Writable
  signal: AbortSignal
  /** When the file says that it was last modified; default: now. */
  modified?: Date
  /** Called when all of the file is written and nothing of it is to be seen yet. */
  beforePlaced?: () => Promise<void>
}>

/**
 * Writes a whole file, or standard output for `-`. On any failure nothing is left behind.
 * Devices and pipes are written to as they are.
 * @throws {SystemFailure} as `checkOutput`, or the disk is full, or the reader of standard output is gone
 * @throws the signal's reason when it aborted before the file was in place
 */
export async function writeOutput(path: string, content: Content, options: WriteOptions): Promise<void> {
  const { force, stdout, signal } = options
  signal.throwIfAborted()
  if (path === '-') return sendAll(stdout, content)
  try {
    const existing = await at(path)
    if (existing !== null && !existing.isFile() && !existing.isDirectory())
      return await writeFile(path, chunksOf(content))
    // A link is followed, so that what it names is replaced and not the link.
    const target = existing === null ? path : await realpath(path)
    const temporary = join(dirname(target), `.ddnc-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
    try {
      await writeAndSync(temporary, content, existing?.mode ?? 0o666, options.modified)
      signal.throwIfAborted()
      await options.beforePlaced?.()
      if (force) await rename(temporary, target)
      else await placeNew(temporary, target)
    } finally {
      await rm(temporary, { force: true })
    }
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw inTheWay(path)
    throw failure(cause, `cannot write ${path}`, WRITE_ADVICE)
  }
}

/**
 * Whether a file or a folder of that name is there and may be looked at.
 * @example await exists('run/checkpoint.safetensors')
 */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Removes the temporary files of processes that were killed while they wrote into this folder. Not to be called while
 * this process writes into it.
 * @example await removeTemporaries('run')
 */
export const removeTemporaries = (folder: string): Promise<void> =>
  removeLeftovers(folder, /^\.ddnc-(\d+)-[0-9a-f]{12}\.tmp$/)

async function writeAndSync(path: string, content: Content, mode: number, modified?: Date): Promise<void> {
  const handle = await open(path, 'wx', mode & 0o777)
  try {
    await writeFile(handle, chunksOf(content))
    if (modified !== undefined) await handle.utimes(new Date(), modified)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Gives the file its name only if nothing has that name, also when something got it a moment ago. */
async function placeNew(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target)
  } catch (cause) {
    if (!NO_LINKS.has(codeOf(cause) ?? '')) throw cause
    // A file system without hard links: the best there is.
    if (
      await lstat(target).then(
        () => true,
        () => false,
      )
    )
      throw inTheWay(target)
    await rename(temporary, target)
  }
}

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Writes to standard output and waits until it is taken.
 * @throws {SystemFailure} the disk is full; silent if the reader is gone
 */
export function send(stdout: Writable, data: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (cause?: Error | null): void => {
      stdout.off('error', done)
      if (cause) reject(failure(cause, 'cannot write standard output', WRITE_ADVICE))
      else resolve()
    }
    stdout.once('error', done)
    stdout.write(data, done)
  })
}

async function sendAll(stdout: Writable, content: Content): Promise<void> {
  if (content instanceof Uint8Array) return send(stdout, content)
  for await (const chunk of chunksOf(content) as AsyncIterable<Uint8Array>) await send(stdout, chunk)
}

/** What stands at a path, links followed; null for nothing. */
async function at(path: string): Promise<Stats | null> {
  return stat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null
    throw failure(cause, `cannot write ${path}`, WRITE_ADVICE)
  })
}

function inTheWay(path: string): SystemFailure {
  return new SystemFailure(`cannot write ${path}: it exists; use -f to replace it or name another file`, 'EEXIST')
}
