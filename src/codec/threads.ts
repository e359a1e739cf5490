/** Worker threads that do the jobs of a picture: in browsers and in Node, with nothing shared. */
import { loadEngine } from '../engine/loadEngine.js'
import type { Engine } from '../engine/engine.js'
import { DdncError, type Fault } from '../errors.js'
import type { Layout } from '../network/layout.js'
import type { CellGridModel } from '../network/model.js'
import { drive, type DriveOptions } from './drive.js'
import { engineParts } from './engineParts.js'
import { doJob, openWorkshop, type Done, type Job, type PathListener, type Workshop } from './jobs.js'
import { localExecutor, runnerOf, type Executor, type Runner } from './runner.js'

type EngineName = 'wasm' | 'reference'

export type WorkOptions = DriveOptions & {
  engine?: EngineName | undefined
  /** Threads for the tiles of a picture; pixels and files are the same whatever their number. Default: this thread alone. */
  workers?: Workers | undefined
}

export type Workers = Readonly<{
  /** Threads, 1 or more: as many are started as there are tiles, at most. 1: this thread. */
  count: number
  /** Starts a thread that runs `ddnc/worker`: `() => new Worker(new URL('ddnc/worker', import.meta.url), …)`. */
  start: () => WorkerThread
}>

/** What is used of a browser's Worker. */
export type WorkerThread = {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  onmessage: ((event: { data: unknown }) => void) | null
  onerror: ((event: { message: string }) => void) | null
  terminate(): void
}

/** First a thread gets its model, then jobs one by one. */
type ToThread = Readonly<{ model: CellGridModel; engine: EngineName }> | Readonly<{ job: Job }>
type FromThread =
  Readonly<{ share: number }> | Readonly<{ done: Done }> | Readonly<{ fault: Fault }> | Readonly<{ message: string }>

/**
 * Runs work with what does its jobs: threads if there is more than one tile, else this thread.
 * @param engine of this thread, if there is one already
 * @param listen told every choice; then this thread does all of it
 * @throws {DdncError} BadOption: a count that is no positive integer; what `work` throws
 */
export async function withRunner<Result>(
  engine: Engine | null,
  model: CellGridModel,
  { tiles }: Layout,
  options: WorkOptions,
  listen: PathListener | null,
  work: (runner: Runner) => Promise<Result>,
): Promise<Result> {
  const { workers, signal } = options
  const count = workers === undefined || listen ? 1 : Math.min(checkedCount(workers.count), tiles.length)
  const local = async (): Promise<Executor> => {
    const own = engine ?? (await loadEngine(options.engine ?? 'wasm', engineParts(model)))
    return localExecutor(own, model, { signal }, listen)
  }
  const thread = (): Executor => threadExecutor(workers!.start(), model, options)
  const runner = runnerOf(count === 1 ? [await local()] : Array.from({ length: count }, thread))
  try {
    return await work(runner)
  } finally {
    runner.end()
  }
}

function checkedCount(count: number): number {
  if (Number.isInteger(count) && count > 0) return count
  throw new DdncError({ tag: 'BadOption', option: 'threads', found: String(count), allowed: 'a positive integer' })
}

/** A thread, from this side. */
function threadExecutor(thread: WorkerThread, model: CellGridModel, { engine, signal }: WorkOptions): Executor {
  let current: {
    resolve: (done: Done) => void
    reject: (error: unknown) => void
    onShare: (share: number) => void
  } | null = null
  let failure: { reason: unknown } | null = null
  const fail = (reason: unknown): void => {
    failure ??= { reason }
    current?.reject(reason)
    current = null
  }
  const stop = (): void => fail(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  thread.onerror = ({ message }) => fail(new Error(`a thread ended: ${message}`))
  thread.onmessage = ({ data }) => {
    const said = data as FromThread
    if ('share' in said) return current?.onShare(said.share)
    const ended = current
    current = null
    if ('done' in said) ended?.resolve(said.done)
    else ended?.reject('fault' in said ? new DdncError(said.fault) : new Error(said.message))
  }
  const post = (message: ToThread, transfer: ArrayBuffer[]): void => thread.postMessage(message, transfer)
  post({ model, engine: engine ?? 'wasm' }, [])
  return {
    do: (job, onShare) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        if (failure) return reject(failure.reason as Error)
        current = { resolve, reject, onShare }
        const own = ownJob(job)
        post({ job: own }, buffersOf(own))
      }),
    end() {
      signal?.removeEventListener('abort', stop)
      thread.terminate()
    },
  }
}

/** Its arrays are made for it, but a stream is a view into the file. A Buffer's own slice would be a view, too. */
function ownJob(job: Job): Job {
  if (job.kind === 'paint' || job.work.kind === 'encode') return job
  return { ...job, work: { ...job.work, data: new Uint8Array(job.work.data) } }
}

/** Memory of all arrays of plain data, each with its own: it moves to the other thread, uncopied. */
function buffersOf(data: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(data)) return [data.buffer as ArrayBuffer]
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(buffersOf) : []
}

/** What is used of a thread's own side. */
export type ThreadPort = {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  onmessage: ((event: { data: unknown }) => void) | null
}

/**
 * What a thread runs: does jobs for the other side until it is ended.
 * @example serveJobs(self)
 */
export function serveJobs(port: ThreadPort): void {
  let made: Promise<Workshop> | null = null
  const say = (said: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(said, transfer)
  const doIt = async (job: Job): Promise<void> => {
    const done = await drive(doJob(await made!, job), { onProgress: (share) => say({ share }) })
    say({ done }, buffersOf(done))
  }
  port.onmessage = ({ data }) => {
    const told = data as ToThread
    if ('model' in told) {
      const { model } = told
      made = loadEngine(told.engine, engineParts(model)).then((engine) => openWorkshop(engine, model))
      made.catch(() => {}) // told with the first job
    } else {
      doIt(told.job).catch((error: unknown) =>
        say(error instanceof DdncError ? { fault: error.fault } : { message: String(error) }),
      )
    }
  }
}
