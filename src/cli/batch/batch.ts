/** `-O FOLDER`: many files, on past those that fail, and on from where a run before was stopped. */
import { mkdir } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { Terminal } from '../command.js'
import type { FileWork } from '../fileWork.js'
import { removeTemporaries } from '../io.js'
import type { Chosen } from '../options.js'
import { failure, WRITE_ADVICE } from '../systemFailure.js'
import { runJobs } from './jobs.js'
import { journalIn, readJournal, tidyJournal } from './journal.js'
import type { Task } from './messages.js'
import { plan } from './plan.js'
import { tallyOf } from './tally.js'

/** Bytes that a job is taken to need: 2^21 pixels of a photograph, the most in one tile, take 0.6 GB, and more no more. */
const JOB_MEMORY = 2 ** 30

/**
 * Makes a file in `folder` of every input. One that fails costs no other; an interrupt drops what is running.
 * @param folder made if it is missing
 * @throws {DdncError} as `plan`, before anything is written
 * @throws {JudgedError} files failed, the folder takes no more, or there is no such model
 * @throws {SystemFailure} the folder cannot be used, no process can be started, the reader of the output is gone
 * @throws the signal's reason
 */
export async function runBatch(
  work: FileWork,
  args: readonly (string | undefined)[],
  folder: string,
  chosen: Chosen,
  terminal: Terminal,
): Promise<void> {
  const { signal } = terminal
  const inputs = args.filter((argument) => argument !== undefined)
  const recursive = chosen.recursive ?? false
  const planned = await plan(inputs, { folder, extension: work.extension(chosen), takes: work.takes, recursive })
  const folders = [...new Set([folder, ...planned.map(({ output }) => dirname(output))])]
  await makeReady(folders)
  const journal = journalIn(folder)
  const known = await readJournal(journal)
  await tidyJournal(journal, known, terminal)

  const { onProgress, onEnd, clear, sayAll, throwIfFailed } = tallyOf(work, folder, planned.length, chosen, terminal)
  const tasks = planned.map((each): Task => ({ ...each, known: known.get(each.name) ?? [] }))
  const count = Math.min(chosen.jobs ?? defaultJobs(), planned.length)
  try {
    await runJobs(tasks, { command: work.name, chosen, journal }, { count, signal, onProgress, onEnd })
    sayAll()
  } finally {
    clear()
    // Of processes of ours that were killed. The next run would do it, too.
    for (const each of folders) await removeTemporaries(each).catch(() => {})
  }
  signal.throwIfAborted()
  throwIfFailed()
}

async function makeReady(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true })
      await removeTemporaries(folder)
    } catch (cause) {
      throw failure(cause, `cannot write into ${folder}`, WRITE_ADVICE)
    }
  }
}

const defaultJobs = (): number => Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / JOB_MEMORY)))
