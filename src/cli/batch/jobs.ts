/** Tasks handed out to processes, each taking the next when it is done with one. */
import { codeOf } from '../systemFailure.js'
import type { Outcome, Setup, Task } from './messages.js'
import { lostOutcome, startWorker, type Worker } from './worker.js'

/** What is asked of a process here. */
type JobWorker = Pick<Worker, 'run' | 'isLost' | 'stop' | 'end'>

export type Jobs = Readonly<{
  /** Processes. */
  count: number
  signal: AbortSignal
  onProgress(job: number, share: number): void
  /** Called when a task has ended, unless it was dropped. What it throws ends all jobs. */
  onEnd(job: number, task: Task, outcome: Outcome): Promise<void>
}>

/**
 * Resolves when no process is left, be it that all tasks are done or that the signal aborted.
 * @throws what `startWorker` and `onEnd` throw first, when no process is left
 */
export async function runJobs(
  tasks: Iterable<Task>,
  setup: Setup,
  { count, signal, onProgress, onEnd }: Jobs,
  start: (setup: Setup) => Promise<JobWorker> = startWorker,
): Promise<void> {
  const waiting = tasks[Symbol.iterator]()
  const workers = new Set<JobWorker>()
  let hasStarted = false
  let isStopped = signal.aborted
  const stop = (): void => {
    isStopped = true
    for (const worker of workers) worker.stop()
  }

  /** null: it died before it was ready. Where one was ready once, that is an accident, which costs one task. */
  const started = (): Promise<JobWorker | null> =>
    start(setup).catch((error: unknown) => {
      if (hasStarted && codeOf(error) === 'WorkerLost') return null
      throw error
    })

  const runJob = async (job: number): Promise<void> => {
    let worker: JobWorker | null = null
    try {
      while (!isStopped) {
        const next = waiting.next()
        if (next.done) break
        if (worker === null || worker.isLost()) {
          if (worker !== null) workers.delete(worker)
          worker = await started()
          if (worker !== null) workers.add(worker)
          hasStarted ||= worker !== null
        }
        if (isStopped) break
        const outcome =
          (await worker?.run(next.value, (share) => onProgress(job, share))) ?? lostOutcome('died at once')
        if (outcome.status !== 'dropped') await onEnd(job, next.value, outcome)
      }
    } catch (error) {
      stop()
      throw error
    } finally {
      await worker?.end()
    }
  }

  signal.addEventListener('abort', stop, { once: true })
  try {
    const ends = await Promise.allSettled(Array.from({ length: count }, (_, job) => runJob(job)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
