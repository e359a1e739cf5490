/** Who does the jobs of a picture: this thread, or several beside it. */
import type { Engine } from '../engine/engine.js'
import type { CellGridModel } from '../network/model.js'
import { drive, type DriveOptions } from './drive.js'
import { doJob, openWorkshop, type Done, type Job, type PathListener } from './jobs.js'

export type Runner = Readonly<{
  /** Jobs done at the same time. */
  width: number
  /**
   * Does a job when its turn comes.
   * @param make called then, so that what waits takes no memory
   * @param onShare called with the share done, 0…1
   * @throws what `make` and the job throw
   */
  run<J extends Job>(
    make: () => J | Promise<J>,
    turn: 'next' | 'last',
    onShare: (share: number) => void,
  ): Promise<Done<J>>
  /** Ends all threads. */
  end(): void
}>

/** Does one job at a time. */
export type Executor = Readonly<{ do(job: Job, onShare: (share: number) => void): Promise<Done>; end(): void }>

/**
 * Hands jobs to executors, each taking the next when it is done with one.
 * @example const runner = runnerOf([localExecutor(engine, model, {})])
 */
export function runnerOf(executors: readonly Executor[]): Runner {
  const idle = [...executors]
  const waiting: ((executor: Executor) => void)[] = []
  const executor = (turn: 'next' | 'last'): Promise<Executor> => {
    const free = idle.pop()
    if (free !== undefined) return Promise.resolve(free)
    return new Promise((resolve) => (turn === 'next' ? waiting.unshift(resolve) : waiting.push(resolve)))
  }
  const release = (freed: Executor): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(freed)
    else next(freed)
  }
  return {
    width: executors.length,
    async run<J extends Job>(make: () => J | Promise<J>, turn: 'next' | 'last', onShare: (share: number) => void) {
      const own = await executor(turn)
      try {
        const done = (await own.do(await make(), onShare)) as Done<J>
        onShare(1)
        return done
      } finally {
        release(own)
      }
    },
    end: () => executors.forEach((each) => each.end()),
  }
}

/**
 * This thread.
 * @param listen told every choice of a walk
 */
export function localExecutor(
  engine: Engine,
  model: CellGridModel,
  { signal }: DriveOptions,
  listen?: PathListener | null,
): Executor {
  const workshop = openWorkshop(engine, model)
  return {
    do: (job, onProgress) => drive(doJob(workshop, job, listen), { signal, onProgress }),
    end() {},
  }
}
