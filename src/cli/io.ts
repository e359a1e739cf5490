/**
 * Bytes in and out of the commands. `-` is standard input or output. A file appears whole or not at all: temporary file
 * in the same folder, fsync, rename. An existing file is kept unless the user forces it.
 */
import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { access, link, lstat, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { DdncError } from '../errors.js'

/** Largest input, in bytes. A whole file is held in memory. */
const MAX_INPUT = 2 ** 30

/** What the system refused: exit code 3. The message is a sentence part that says what to do. */
export class SystemFailure extends Error {
  override readonly name = 'SystemFailure'
  constructor(
    message: string,
    /** The reader of our output is gone: nobody is left to tell. */
    readonly silent = false,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}

/**
 * Reads a whole file, or standard input for `-`.
 * @throws {SystemFailure} no such file, a folder, no permission
 * @throws {DdncError} LimitExceeded: over 2^30 bytes
 * @throws the signal's reason when it aborts
 */
export async function readInput(path: string, stdin: Readable, signal: AbortSignal): Promise<Uint8Array> {
  try {
    if (path === '-') return await drain(stdin, signal)
    const handle = await open(path, 'r')
    try {
      const found = await handle.stat()
      checkSize(found.size)
      // A pipe or a device has no size to check beforehand.
      if (!found.isFile() && !found.isDirectory()) {
        return await drain(handle.createReadStream({ autoClose: false }), signal)
      }
      return await handle.readFile({ signal })
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw failure(cause, `cannot read ${path === '-' ? 'standard input' : path}`, READ_ADVICE)
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
  if (!folder.isDirectory()) throw new SystemFailure(`cannot write ${path}: ${dirname(path)} is no folder`)
  const existing = await at(path)
  if (existing?.isDirectory()) {
    throw new SystemFailure(`cannot write ${path}: a folder of that name is in the way; name a file`)
  }
  if (existing?.isFile() && !force) throw inTheWay(path)
}

/**
 * Writes a whole file, or standard output for `-`. On any failure nothing is left behind.
 * Devices and pipes are written to as they are.
 * @throws {SystemFailure} as `checkOutput`, or the disk is full, or the reader of standard output is gone
 * @throws the signal's reason when it aborted before the file was in place
 */
export async function writeOutput(
  path: string,
  bytes: Uint8Array,
  options: Readonly<{ force: boolean; stdout: Writable; signal: AbortSignal }>,
): Promise<void> {
  const { force, stdout, signal } = options
  signal.throwIfAborted()
  if (path === '-') return send(stdout, bytes)
  try {
    const existing = await at(path)
    if (existing !== null && !existing.isFile() && !existing.isDirectory()) return await writeFile(path, bytes)
    // A link is followed, so that what it names is replaced and not the link.
    const target = existing === null ? path : await realpath(path)
    const temporary = join(dirname(target), `.ddnc-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
    try {
      await writeAndSync(temporary, bytes, existing?.mode ?? 0o666)
      signal.throwIfAborted()
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
 * @example await removeLeftovers('run')
 */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = /^\.ddnc-(\d+)-[0-9a-f]{12}\.tmp$/.exec(name)?.[1]
    if (writer !== undefined && !isRunning(Number(writer))) await rm(join(folder, name), { force: true })
  }
}

/** Of other processes; one that was killed may have had the id that this one has. */
function isRunning(id: number): boolean {
  if (id === process.pid) return false
  try {
    return process.kill(id, 0) // no signal: asks whether there is such a process
  } catch (cause) {
    return codeOf(cause) !== 'ESRCH' // of another user: EPERM
  }
}

async function writeAndSync(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode & 0o777)
  try {
    await handle.writeFile(bytes)
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

/** What stands at a path, links followed; null for nothing. */
async function at(path: string): Promise<Stats | null> {
  return stat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null
    throw failure(cause, `cannot write ${path}`, WRITE_ADVICE)
  })
}

function inTheWay(path: string): SystemFailure {
  return new SystemFailure(`cannot write ${path}: it exists; use -f to replace it or name another file`)
}

type Advice = Readonly<Record<string, string>>

const COMMON_ADVICE: Advice = {
  EACCES: 'permission denied; check who may use it',
  EPERM: 'permission denied; check who may use it',
  ENOTDIR: 'a part of its path is no folder; check the name',
  ENAMETOOLONG: 'the name is too long; use a shorter one',
  ELOOP: 'its links go in a circle; mend them',
  EIO: 'the device reports an error; check it',
}
const READ_ADVICE: Advice = {
  ...COMMON_ADVICE,
  ENOENT: 'no such file; check the name',
  EISDIR: 'it is a folder; name a file',
}
const FOLDER_ADVICE: Advice = { ...COMMON_ADVICE, ENOENT: 'its folder does not exist; make it first' }
const WRITE_ADVICE: Advice = {
  ...FOLDER_ADVICE,
  EISDIR: 'a folder of that name is in the way; name a file',
  ENOSPC: 'the disk is full; make room or name another place',
  EDQUOT: 'the disk quota is used up; make room or name another place',
  EFBIG: 'the file is larger than allowed here; name another place',
  EROFS: 'the file system is read-only; name another place',
}

/** Errors of the system become sentences; all others pass. */
function failure(cause: unknown, doing: string, advice: Advice): unknown {
  const code = codeOf(cause)
  if (code === null || cause instanceof SystemFailure || cause instanceof DdncError) return cause
  if (!/^E[A-Z0-9]+$/.test(code)) return cause // ABORT_ERR and others of Node's own
  return new SystemFailure(`${doing}: ${advice[code] ?? `the system says ${code}`}`, code === 'EPIPE', { cause })
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}
