/** What the process that was started and those that work for it say to each other. Plain data. */
import type { Made } from '../fileWork.js'
import type { ExitCode } from '../judge.js'
import type { Chosen } from '../options.js'
import type { Report } from '../report.js'
import type { Entry } from './journal.js'
import type { Planned } from './plan.js'

/** What holds for all files of a run. `journal`: none where a process only makes files, and writes none. */
export type Setup = Readonly<{ command: 'encode' | 'decode'; chosen: Chosen; journal: string | null }>

/** One file. `known`: entries of the journal under its name. */
export type Task = Planned & Readonly<{ known: readonly Entry[] }>

/** Why a file was not made. */
export type Failure = Readonly<{
  /** Of a `DdncError` its tag, of the system its code, else `WorkerLost` or `Unknown`. */
  tag: string
  /** null: nobody is left to tell. */
  message: string | null
  exitCode: ExitCode
  /** With DDNC_DEBUG. */
  stack?: string
}>

export type Outcome =
  | Readonly<{ status: 'done'; report: Report }>
  /** It was there, made of the same input, model and options. */
  | Readonly<{ status: 'skipped' }>
  | Readonly<{ status: 'failed'; failure: Failure }>
  /** The run was interrupted before the file was in place. */
  | Readonly<{ status: 'dropped' }>

export type ToWorker =
  | Readonly<{ setup: Setup }>
  | Readonly<{ task: Task }> /** To be made, not written. */
  | Readonly<{ input: Uint8Array }>
  | 'stop'

export type FromWorker =
  /** null: the setup is taken. */
  | Readonly<{ refused: Failure | null }>
  | Readonly<{ progress: number }>
  /** It has more memory than it may. */
  | Readonly<{ exceeded: 'memory' }>
  | Readonly<{ outcome: Outcome }>
  | Readonly<{ made: Made }>
