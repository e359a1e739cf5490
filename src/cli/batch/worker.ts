/**
 * A process that makes files. Processes and not threads: a picture that brings down the decoder of its format, or takes
 * more memory than there is, ends a process and costs one file, where a thread would take the whole run with it. One that
 * takes more time or memory than `limits.ts` allows is ended.
 */
import { fork, type ChildProcess } from 'node:child_process'
import type { Made } from '../fileWork.js'
import { EXIT, JudgedError } from '../judge.js'
import { limitsOf, overLimit, type Limits } from '../limits.js'
import { failure, START_ADVICE, SystemFailure } from '../systemFailure.js'
import type { Failure, FromWorker, Outcome, Setup, Task, ToWorker } from './messages.js'

export type Worker = Readonly<{
  /** One task at a time. If the process dies the task fails, and the worker is of no more use. */
  run(task: Task, onProgress: (fraction: number) => void): Promise<Outcome>
  /** The same of what is not to be written: the bytes of a file come, and the bytes of another go. */
  make(input: Uint8Array, onProgress: (fraction: number) => void): Promise<Made | Failure>
  isLost(): boolean
  /** What is running is dropped. */
  stop(): void
  /** Ends the process at once. */
  kill(): void
  /** Resolves when the process is gone; what is running is dropped. */
  end(): Promise<void>
}>

const SCRIPT = new URL('./workerProcess.js', import.meta.url)

/**
 * @param script the process; a parameter for tests
 * @param signal ends the process at once
 * @throws {JudgedError} the setup is at fault: no such model
 * @throws {SystemFailure} no process can be started, or it ends before it is ready
 * @example const worker = await startWorker({ command: 'encode', chosen: {}, journal: 'out/.ddnc-done.jsonl' })
 */
export async function startWorker(setup: Setup, script = SCRIPT, signal?: AbortSignal): Promise<Worker> {
  const limits = limitsOf(setup.chosen)
  // Its standard error would mix what Node says of a crash with our lines.
  const child = fork(script, { serialization: 'advanced', stdio: ['ignore', 'ignore', debugged(), 'ipc'] })
  let how: string | null = null
  const gone = ending(child).then((said) => (how = said))
  let listener: (said: FromWorker) => void = () => {}
  child.on('message', (said) => listener(said as FromWorker))
  const kill = (): void => void child.kill('SIGKILL')
  if (signal?.aborted) kill()
  signal?.addEventListener('abort', kill, { once: true })
  void gone.then(() => signal?.removeEventListener('abort', kill))

  const tell = (message: ToWorker): void => {
    if (child.connected) child.send(message, () => {}) // what fails here shows as the process's end
  }
  /** The first answer that `pick` finds something in; null if the process ends before. */
  const ask = <T>(message: ToWorker, pick: (said: FromWorker) => T | undefined): Promise<T | null> => {
    const answered = new Promise<T>((resolve) => {
      listener = (said) => {
        const picked = pick(said)
        if (picked !== undefined) resolve(picked)
      }
    })
    tell(message)
    return Promise.race([answered, gone.then(() => null)])
  }
  /** As `ask`, within the limits. */
  const order = async <T>(
    message: ToWorker,
    onProgress: (fraction: number) => void,
    pick: (said: FromWorker) => T | undefined,
  ): Promise<T | Failure> => {
    let over: keyof Limits | null = null
    const endFor = (limit: keyof Limits): void => {
      over ??= limit
      kill()
    }
    const timer = setTimeout(() => endFor('seconds'), limits.seconds * 1000)
    const answer = await ask(message, (said) => {
      if ('progress' in said) onProgress(said.progress)
      if ('exceeded' in said) endFor(said.exceeded)
      return pick(said)
    })
    clearTimeout(timer)
    return answer ?? (over === null ? lost(`${how}`) : exceeded(overLimit(over, limits)))
  }
  const end = async (): Promise<void> => {
    if (child.connected) child.disconnect()
    await gone
  }

  const answer = await ask({ setup }, (said) => ('refused' in said ? said : undefined))
  if (answer === null) throw new SystemFailure(`cannot work on any file: a process of its own ${how}`, 'WorkerLost')
  if (answer.refused !== null) {
    await end()
    throw new JudgedError(answer.refused.message, answer.refused.exitCode)
  }
  return {
    run: async (task, onProgress) => {
      const found = await order({ task }, onProgress, (said) => ('outcome' in said ? said.outcome : undefined))
      return 'status' in found ? found : { status: 'failed', failure: found }
    },
    make: (input, onProgress) =>
      order({ input }, onProgress, (said) => {
        if ('made' in said) return said.made
        return 'outcome' in said && said.outcome.status === 'failed' ? said.outcome.failure : undefined
      }),
    isLost: () => how !== null,
    stop: () => tell('stop'),
    kill,
    end,
  }
}

const debugged = (): 'inherit' | 'ignore' => (process.env['DDNC_DEBUG'] ? 'inherit' : 'ignore')

/** How a process ended, when all that it said is heard. */
function ending(child: ChildProcess): Promise<string> {
  const silent = new Promise<void>((resolve) => child.once('disconnect', resolve))
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
      void silent.then(() => resolve(how))
    })
    child.once('error', (cause) => {
      const error = failure(cause, 'could not be started', START_ADVICE)
      if (child.pid === undefined) resolve(error instanceof Error ? error.message : String(error))
    })
  })
}

/** A process that died: mostly the system ended it, for want of memory. */
function lost(how: string): Failure {
  const message = `the process that worked on it ${how}; if memory is short, use fewer jobs with -j`
  return { tag: 'WorkerLost', message, exitCode: EXIT.system }
}

const exceeded = (message: string): Failure => ({ tag: 'LimitExceeded', message, exitCode: EXIT.fault })

/**
 * What becomes of the task of a process that died.
 * @example lostOutcome('was ended by SIGKILL')
 */
export const lostOutcome = (how: string): Outcome => ({ status: 'failed', failure: lost(how) })
