/** What fuzzing works on: something that makes bytes, and something that must cope with any. */
import { DdncError } from '../../errors.js'
import type { Draw } from './draw.js'

export type Target = Readonly<{
  name: string
  /** Milliseconds of the processor that one execution may take: more is a finding. */
  bound: number
  /** Bytes of one execution: sound ones as often as damaged ones, with checksums that hold. */
  make(draw: Draw): Uint8Array
  /**
   * @returns what came of the bytes: `picture` or the like, or the tag of a `DdncError`
   * @throws whatever should not be: another error, or a `Broken` promise
   */
  run(bytes: Uint8Array): string | Promise<string>
}>

/** Something that must hold for any bytes does not. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/** @param what is said of the promise, if it does not hold */
export function hold(holds: boolean, what: string): void {
  if (!holds) throw new Broken(what)
}

/** Tags that bytes may end with; `BadOption` is of callers, `UnknownModel` of files whose model is elsewhere. */
export const OF_BYTES: ReadonlySet<string> = new Set([
  'BadSignature',
  'UnsupportedVersion',
  'UnknownModel',
  'Corrupt',
  'Truncated',
  'LimitExceeded',
])

/**
 * The tag of an error that bytes may end with.
 * @throws what was given, if it is anything else
 * @example tagOf(new DdncError({ tag: 'Truncated', where: 'the header', needed: 1, have: 0 })) // 'Truncated'
 */
export function tagOf(error: unknown): string {
  if (error instanceof DdncError && OF_BYTES.has(error.fault.tag)) return error.fault.tag
  throw error
}

/** What work gives, or the tag of its error. */
export function attempt<T>(work: () => T): { value: T; tag: null } | { value: null; tag: string } {
  try {
    return { value: work(), tag: null }
  } catch (error) {
    return { value: null, tag: tagOf(error) }
  }
}

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
