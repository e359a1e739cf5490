/** What `encode` and `decode` do to a file: the same for one and, in processes of their own, for many. */
import { availableParallelism } from 'node:os'
import { DdncError } from '../errors.js'
import { say, type Terminal } from './command.js'
import type { Content } from './io.js'
import type { Chosen, OptionName } from './options.js'
import { summary, type Report } from './report.js'

/** A file that was made, not yet written. */
export type Made = Readonly<{ bytes: Content; report: Omit<Report, 'seconds'> }>

export type FileWork = Readonly<{
  name: 'encode' | 'decode'
  /** Of a file that is made, with its dot. */
  extension(chosen: Chosen): string
  /** The files of a folder that are meant if the folder is IN. */
  takes: RegExp
  /**
   * Loads the model that the options name, so that a wrong name is known before any file is read.
   * @returns the model's hash, hex; null if each file names its own
   */
  prepare(chosen: Chosen, terminal: Terminal): Promise<string | null>
  /** @param onProgress called with the share that is done, 0…1 */
  make(input: Uint8Array, chosen: Chosen, terminal: Terminal, onProgress: (fraction: number) => void): Promise<Made>
  /** What the summary line says. */
  facts(report: Report): string[]
}>

/** Threads for one picture. Of many, the files beside each other (`-j`) keep the cores busy. */
export const threadsOf = ({ threads, out }: Chosen): number =>
  threads ?? (out === undefined ? availableParallelism() : 1)

const OF_MANY = { jobs: '--jobs', skipExisting: '--skip-existing', recursive: '--recursive' } satisfies {
  [Name in OptionName]?: string
}

/**
 * Says what only goes with `-O`.
 * @throws {DdncError} BadOption: an option of many files, or more names than IN and OUT
 */
export function checkSingle(args: readonly unknown[], chosen: Chosen): void {
  const allowed = 'with -O FOLDER'
  for (const [name, option] of Object.entries(OF_MANY)) {
    if (chosen[name as keyof typeof OF_MANY] === undefined) continue
    throw new DdncError({ tag: 'BadOption', option, found: 'given without -O', allowed })
  }
  if (args.length > 2) {
    const found = 'followed by too many arguments'
    throw new DdncError({ tag: 'BadOption', option: 'OUT', found, allowed: `any number of IN ${allowed}` })
  }
}

/** @example reportText(encodeWork, 'a.ddn', report) // 'a.ddn: 120 bytes, 1.000 bits per pixel, PSNR 31.20 dB, 0.52 s' */
export const reportText = (work: FileWork, name: string, report: Report): string =>
  summary(name, work.facts(report), report.notes)

/** One line for one file that is done: a summary for people, or with `--json` all that is known of it. */
export function sayReport(
  work: FileWork,
  { input, output }: Readonly<{ input: string; output: string }>,
  report: Report,
  chosen: Chosen,
  terminal: Terminal,
): void {
  const line = chosen.json
    ? JSON.stringify({ status: 'done', input, output, ...report })
    : reportText(work, output === '-' ? 'ddnc' : output, report)
  say(line, output, chosen, terminal)
}
