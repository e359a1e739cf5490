/** One file of many: judged, made, written. Runs in a worker process. */
import { DdncError } from '../../errors.js'
import type { Terminal } from '../command.js'
import type { FileWork } from '../fileWork.js'
import { checkOutput, readInputFile, removeContent, writeOutput, type Content } from '../io.js'
import { judge, stackOf } from '../judge.js'
import { secondsSince } from '../report.js'
import { codeOf } from '../systemFailure.js'
import { version } from '../version.js'
import { addEntry, hashOf, hashOfFile, keyOf } from './journal.js'
import type { Failure, Outcome, Setup, Task } from './messages.js'

/** `model`: its hash, or null, as `FileWork.prepare` gives it. */
export type Context = Setup & Readonly<{ work: FileWork; model: string | null; terminal: Terminal }>

/**
 * Makes the file of a task, unless it is there. Never throws: whatever goes wrong is of this file alone.
 * With `--skip-existing` a file that ddnc made here and nobody changed may be replaced: it can be made again.
 */
export async function doTask(
  task: Task,
  { work, command, chosen, model, journal, terminal }: Context,
  onProgress: (fraction: number) => void,
): Promise<Outcome> {
  const begun = performance.now()
  const { signal, stdout } = terminal
  const { input, output, name } = task
  try {
    const { bytes, modified } = await readInputFile(input, signal)
    const key = keyOf({ command, version: version(), model, chosen }, bytes)
    const there = chosen.skipExisting && task.known.length > 0 ? await hashOfFile(output) : null
    const ours = task.known.filter((entry) => entry.output === there)
    if (ours.some((entry) => entry.key === key)) return { status: 'skipped' }
    const force = (chosen.force ?? false) || ours.length > 0
    await checkOutput(output, force, stdout)

    const made = await work.make(bytes, chosen, terminal, onProgress)
    try {
      const beforePlaced = async () => {
        if (journal !== null) await addEntry(journal, { name, key, output: await hashOfContent(made.bytes) })
      }
      await writeOutput(output, made.bytes, { force, stdout, signal, modified, beforePlaced })
    } finally {
      await removeContent(made.bytes)
    }
    return { status: 'done', report: { ...made.report, seconds: secondsSince(begun) } }
  } catch (error) {
    return signal.aborted ? { status: 'dropped' } : { status: 'failed', failure: failureOf(error) }
  }
}

const hashOfContent = async (content: Content): Promise<string> =>
  content instanceof Uint8Array ? hashOf(content) : (await hashOfFile(content.path))!

/** An error as plain data. */
export function failureOf(error: unknown): Failure {
  const [exitCode, message] = judge(error)
  const tag = error instanceof DdncError ? error.fault.tag : (codeOf(error) ?? 'Unknown')
  return { tag, message, exitCode, ...(process.env['DDNC_DEBUG'] && { stack: stackOf(error) }) }
}
