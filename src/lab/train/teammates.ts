/** Starts the other members of a team, each a thread that goes on from a checkpoint of the run. */
import { receiveMessageOnPort, MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { DdncError } from '../../errors.js'
import type { Backend } from './backend.js'
import type { Data } from './kind.js'
import { numbersSummed } from './step.js'
import { saveRun, type Run } from './run.js'
import type { Training } from './training.js'
import { alone, commonOf, fail, memberOf, TeamFailed, type Common, type Team } from './team.js'

/** What a thread is given. */
export type Mission = Readonly<{
  common: Common
  index: number
  backend: Backend['name']
  checkpoint: Uint8Array
  data: Data
  /** For what it has to say: `READY`, and what it fails of, before `fail`. */
  port: MessagePort
}>

/** A thread waits for the others. */
export const READY = 'ready'

export type Said = typeof READY | Failure

/** What a thread fails of, in its own words. */
type Failure = Readonly<{ fault: DdncError['fault'] }> | Readonly<{ message: string }>

/** The first member, and what ends the others. */
export type Teammates = Readonly<{ team: Team; end: () => Promise<void> }>

/** MB for young objects: a step makes more than the default holds, and each collection stops the others, too. */
const YOUNG = 192

const SCRIPT = new URL('./teamThread.js', import.meta.url)

/**
 * How many members a run is worth: one a crop at most, since a crop is not divided.
 * @param threads that may be busy
 */
export const membersFor = ({ sizes }: Pick<Training, 'sizes'>, threads: number): number =>
  Math.min(threads, Math.max(...sizes.map(({ batch }) => batch)))

/** Is a team faster on that backend? A GPU does a whole batch at once. */
export const profits = ({ name, tf }: Pick<Backend, 'name' | 'tf'>): boolean =>
  name !== 'webgpu' && !(tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice

/**
 * Threads for a run that is about to take its next step. One after another each rehearses that step alone, before any
 * takes it with the others: tfjs-node's addon notes the names of attributes where all threads see them, without a lock.
 * @param data pictures in shared memory are not copied
 * @param wanted members, the caller's thread included; on a GPU it stays alone
 * @param script what a thread runs
 * @throws what a thread fails of; from the team, too
 * @example const { team, end } = await startTeam(ops, run, data, 2)
 *   while (run.step < run.steps!) await trainStep(ops, run, data, team)
 *   await end()
 */
export async function startTeam(
  { backend }: Readonly<{ backend: Backend }>,
  run: Run,
  data: Data,
  wanted: number,
  script = SCRIPT,
): Promise<Teammates> {
  const size = profits(backend) ? wanted : 1
  if (size === 1) return { team: alone, end: async () => {} }
  const common = commonOf(size, numbersSummed(run))
  const checkpoint = await saveRun(run, 0)
  const others: { port: MessagePort; worker: Worker }[] = []
  let failure: Failure | null = null
  let isEnding = false
  let death: Error | null = null
  const end = async (): Promise<void> => {
    isEnding = true
    await Promise.all(others.map(({ worker }) => worker.terminate()))
    others.forEach(({ port }) => port.close())
  }
  const reason = (otherwise: Error): Error => (failure ? errorOf(failure) : (death ?? otherwise))
  try {
    for (let index = 1; index < size; index++) {
      const { port1: port, port2 } = new MessageChannel()
      const workerData: Mission = { common, index, backend: backend.name, checkpoint, data, port: port2 }
      const resourceLimits = { maxYoungGenerationSizeMb: YOUNG }
      const worker = new Worker(script, { workerData, transferList: [port2], resourceLimits })
      others.push({ port, worker })
      await new Promise<void>((resolve, reject) => {
        const died = (cause: Error): void => {
          // Of two events of other threads either may be heard first.
          failure ??= unheard(port)
          if (!isEnding) {
            death ??= cause
            fail(common)
          }
          reject(reason(cause)) // heard by nobody once it was ready
        }
        worker.on('error', died)
        worker.on('exit', () => died(new Error('a thread of the training has ended')))
        port.on('message', (said: Said) => {
          if (said === READY) return resolve()
          failure ??= said
          reject(errorOf(said))
        })
      })
      port.unref()
    }
  } catch (error) {
    await end()
    throw error
  }
  const member = memberOf(common, 0)
  /** In place of being told that another has failed, what has failed it. */
  const because = <Result>(exchange: () => Result): Result => {
    try {
      return exchange()
    } catch (error) {
      if (!(error instanceof TeamFailed)) throw error
      // Nothing is heard from a thread in the usual way while this one waits.
      for (const { port } of others) failure ??= unheard(port)
      throw reason(error)
    }
  }
  const team: Team = {
    ...member,
    share: (numbers) => because(() => member.share(numbers)),
    sum: (arrays) => because(() => member.sum(arrays)),
  }
  return { team, end }
}

/** What a thread has failed of, if it says so and has not been heard yet. */
function unheard(port: MessagePort): Failure | null {
  let said: Said | undefined
  do said = receiveMessageOnPort(port)?.message as Said | undefined
  while (said === READY)
  return said ?? null
}

const errorOf = (failure: Failure): Error =>
  'fault' in failure ? new DdncError(failure.fault) : new Error(failure.message)
