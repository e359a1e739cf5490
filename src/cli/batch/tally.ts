/** What a run over many files says: a line for each, and at the end how many were made and how many were not. */
import { say, type Terminal } from '../command.js'
import { reportText, type FileWork } from '../fileWork.js'
import { send } from '../io.js'
import { EXIT, JudgedError } from '../judge.js'
import type { Chosen } from '../options.js'
import { oneLine, secondsSince, secondsText, summary } from '../report.js'
import { batchProgressOn, type Counts } from './batchProgress.js'
import type { Failure, Outcome } from './messages.js'
import type { Planned } from './plan.js'

/** Faults of the place that files go to: the next file would be made in vain. */
const ENDS_ALL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])
/** Names that the last line lists. Each failure had a line of its own. */
const LISTED = 20

export type Tally = Readonly<{
  onProgress(job: number, share: number): void
  /**
   * @throws {JudgedError} the folder takes no more files
   * @throws {SystemFailure} the reader of standard output is gone
   */
  onEnd(job: number, planned: Planned, outcome: Outcome): Promise<void>
  /** Removes the progress. */
  clear(): void
  /** Says what was done in all, be it that the run was interrupted. */
  sayAll(): void
  /** @throws {JudgedError} a file failed */
  throwIfFailed(): void
}>

/** @param all number of files */
export function tallyOf(work: FileWork, folder: string, all: number, chosen: Chosen, terminal: Terminal): Tally {
  const begun = performance.now()
  const { stdout, stderr } = terminal
  const counts = { all, done: 0, skipped: 0, failed: 0 } satisfies Counts
  const bytes = { read: 0, written: 0 }
  const failures: string[] = []
  const progress = batchProgressOn(stderr, chosen.quiet ?? false, { ...counts })

  const print = async (line: string): Promise<void> => {
    progress.clear()
    await send(stdout, `${line}\n`)
  }
  const fail = (input: string, { message, stack }: Failure): void => {
    if (failures.length < LISTED) failures.push(input)
    progress.clear()
    if (message !== null) stderr.write(`ddnc: ${oneLine(`${input}: ${message}`)}\n`)
    if (stack !== undefined) stderr.write(`${stack}\n`)
  }

  return {
    onProgress: progress.report,
    async onEnd(job, { input, output }, outcome) {
      if (outcome.status === 'dropped') return
      counts[outcome.status]++
      if (outcome.status === 'failed') fail(input, outcome.failure)
      if (outcome.status === 'done') {
        bytes.read += outcome.report.inputBytes
        bytes.written += outcome.report.bytes
      }
      if (chosen.json) await print(jsonOf(input, output, outcome))
      else if (outcome.status === 'done' && !chosen.quiet) await print(reportText(work, output, outcome.report))
      progress.next(job, { ...counts })
      if (outcome.status === 'failed' && ENDS_ALL.has(outcome.failure.tag)) {
        throw new JudgedError(`stopped after ${counts.done} of ${all} files: ${folder} takes no more`, EXIT.system)
      }
    },
    clear: progress.clear,
    sayAll() {
      progress.clear()
      if (chosen.json) return
      const { done, skipped, failed } = counts
      const facts = [`${done} of ${all} files made`]
      if (skipped > 0) facts.push(`${skipped} skipped`)
      if (failed > 0) facts.push(`${failed} failed`)
      facts.push(`${bytes.written} bytes`, `from ${bytes.read} bytes`, secondsText(secondsSince(begun)))
      say(summary(folder, facts), folder, chosen, terminal)
    },
    throwIfFailed() {
      const { failed } = counts
      if (failed === 0) return
      const more = failed > failures.length ? ` and ${failed - failures.length} more` : ''
      throw new JudgedError(`${failed} of ${all} files failed: ${failures.join(', ')}${more}`, EXIT.fault)
    },
  }
}

/** One line, for machines. */
function jsonOf(input: string, output: string, outcome: Outcome): string {
  switch (outcome.status) {
    case 'done':
      return JSON.stringify({ status: 'done', input, output, ...outcome.report })
    case 'failed': {
      const { tag, message, exitCode } = outcome.failure
      return JSON.stringify({ status: 'failed', input, output, tag, message, exitCode })
    }
    case 'skipped':
    case 'dropped':
      return JSON.stringify({ status: outcome.status, input, output })
  }
}
