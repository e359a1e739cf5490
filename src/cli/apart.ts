/** One file made in a process of its own, within limits: what a picture does to a decoder it does not do to us. */
import { startWorker } from './batch/worker.js'
import type { Terminal } from './command.js'
import type { FileWork, Made } from './fileWork.js'
import { JudgedError } from './judge.js'
import type { Chosen } from './options.js'
import { progressOn } from './progress.js'

/**
 * `work.make` elsewhere. The process loads what it needs while the input is read.
 * @param read the input
 * @throws what `read` throws; {JudgedError} what `make` throws there, or a limit was met
 * @throws {SystemFailure} no process can be started
 * @throws the signal's reason
 * @example const { bytes } = await makeApart(encodeWork, () => readInput('a.png', stdin, signal), {}, terminal)
 */
export async function makeApart(
  work: FileWork,
  read: () => Promise<Uint8Array>,
  chosen: Chosen,
  { signal, stderr }: Terminal,
): Promise<Made> {
  const ended = new AbortController()
  const kill = AbortSignal.any([signal, ended.signal])
  const starting = startWorker({ command: work.name, chosen, journal: null }, undefined, kill)
  starting.catch(() => {}) // heard of below, unless the input cannot be read
  const progress = progressOn(stderr, work.name === 'encode' ? 'encoding' : 'decoding', chosen.quiet ?? false)
  try {
    const input = await read()
    const made = await (await starting).make(input, progress.report)
    signal.throwIfAborted()
    if ('bytes' in made) return made
    const { message, exitCode, stack } = made
    throw Object.assign(new JudgedError(message, exitCode), stack !== undefined && { stack })
  } finally {
    progress.end()
    ended.abort()
  }
}
