/** Exit codes, and the one line that is said of an error. They are decided here and nowhere else. */
import { CommanderError } from 'commander'
import { DdncError } from '../errors.js'
import { failure, SystemFailure, WRITE_ADVICE } from './systemFailure.js'

export const EXIT = { done: 0, fault: 1, usage: 2, system: 3, interrupted: 130 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An error that was judged where it happened, in another process, or of many files together. */
export class JudgedError extends Error {
  override readonly name = 'JudgedError'
  constructor(
    /** null: nothing is left to say, or nobody to say it to. */
    readonly line: string | null,
    readonly exitCode: ExitCode,
  ) {
    super(line ?? 'said already')
  }
}

/**
 * Exit code and line of an error; null where there is nothing to say.
 * @example judge(new DdncError({ tag: 'BadOption', … })) // [2, '…']
 */
export function judge(error: unknown): readonly [code: ExitCode, line: string | null] {
  if (error instanceof JudgedError) return [error.exitCode, error.line]
  if (error instanceof DdncError) return [error.fault.tag === 'BadOption' ? EXIT.usage : EXIT.fault, error.message]
  if (error instanceof SystemFailure) return [EXIT.system, error.silent ? null : error.message]
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return [EXIT.done, null] // help or version, printed
    if (error.code === 'commander.help') return [EXIT.usage, null] // no command given: help, printed
    return [EXIT.usage, `${error.message.replace(/^error: /, '')}; see ddnc --help`]
  }
  // Where no file is to blame: Node loads a module and has no file handle left for it.
  const refused = failure(error, 'the system refuses to go on', WRITE_ADVICE)
  if (refused instanceof SystemFailure) return [EXIT.system, refused.silent ? null : refused.message]
  const message = error instanceof Error ? error.message : String(error)
  // Typed arrays and WebAssembly memories both say so with a RangeError.
  if (error instanceof RangeError && /allocation|memory/i.test(message)) {
    return [EXIT.system, 'not enough memory for this picture; use a machine with more or a smaller picture']
  }
  return [EXIT.system, `this should not happen: ${message}; please report it, with DDNC_DEBUG=1 set`]
}

/** An error's stack, and those of its causes. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? `${error.stack}` : `${error.stack}\ncaused by ${stackOf(error.cause)}`
}
