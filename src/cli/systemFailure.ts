/** What the system refuses, in words: codes of Node's errors become sentence parts that say what to do. */
import { DdncError } from '../errors.js'

/** What the system refused: exit code 3. The message is a sentence part that says what to do. */
export class SystemFailure extends Error {
  override readonly name = 'SystemFailure'
  constructor(
    message: string,
    /** As the system calls it, such as ENOSPC; null where it has no word for it. */
    readonly code: string | null = null,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }

  /** The reader of our output is gone: nobody is left to tell. */
  get silent(): boolean {
    return this.code === 'EPIPE'
  }
}

type Advice = Readonly<Record<string, string>>

const COMMON_ADVICE: Advice = {
  EACCES: 'permission denied; check who may use it',
  EPERM: 'permission denied; check who may use it',
  ENOTDIR: 'a part of its path is no folder; check the name',
  ENAMETOOLONG: 'the name is too long; use a shorter one',
  ELOOP: 'its links go in a circle; mend them',
  EIO: 'the device reports an error; check it',
  EMFILE: 'too many files are open; raise the limit (ulimit -n) or use fewer jobs',
  ENFILE: 'too many files are open on this machine; close some',
}
export const READ_ADVICE: Advice = {
  ...COMMON_ADVICE,
  ENOENT: 'no such file; check the name',
  EISDIR: 'it is a folder; name a file (encode and decode take folders with -O)',
}
export const FOLDER_ADVICE: Advice = { ...COMMON_ADVICE, ENOENT: 'its folder does not exist; make it first' }
export const WRITE_ADVICE: Advice = {
  ...FOLDER_ADVICE,
  EEXIST: 'a file of that name is in the way; use another name',
  EISDIR: 'a folder of that name is in the way; name a file',
  ENOSPC: 'the disk is full; make room or name another place',
  EDQUOT: 'the disk quota is used up; make room or name another place',
  EFBIG: 'the file is larger than allowed here; name another place',
  EROFS: 'the file system is read-only; name another place',
}
export const START_ADVICE: Advice = {
  ...COMMON_ADVICE,
  EAGAIN: 'too many processes run; use fewer jobs with -j',
  ENOMEM: 'not enough memory; use fewer jobs with -j',
}

/**
 * Errors of the system become sentences; all others pass.
 * @param doing what was tried: `cannot read a.png`
 * @example throw failure(cause, 'cannot read a.png', READ_ADVICE)
 */
export function failure(cause: unknown, doing: string, advice: Advice): unknown {
  const code = codeOf(cause)
  if (code === null || cause instanceof SystemFailure || cause instanceof DdncError) return cause
  if (!isSystemCode(code)) return cause
  return new SystemFailure(`${doing}: ${advice[code] ?? `the system says ${code}`}`, code, { cause })
}

/** The system's own; ABORT_ERR and ERR_… are Node's. */
export const isSystemCode = (code: string): boolean => /^E[A-Z0-9]+$/.test(code)

/**
 * The code of a system's error; null of any other.
 * @example codeOf(await readFile('none').catch((error) => error)) // 'ENOENT'
 */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}
