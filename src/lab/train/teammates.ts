/** Starts the other members of a team, each a thread that goes on from a checkpoint of the run. */
import { receiveMessageOnPort, MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { Backend } from './backend.js'
import type { Data } from './data.js'
import { numbersSummed } from './step.js'
import { saveRun, type Run } from './run.js'
import type { Training } from './training.js'
import { alone, commonOf, memberOf, type Common, type Team } from './team.js'

/** What a thread is given. */
export type Mission = Readonly<{
  common: Common
  index: number
  backend: Backend['name']
  checkpoint: Uint8Array
  data: Data
  /** For what it has to say when it fails, before `fail`. */
  port: MessagePort
}>

/** The first member, and what ends the others. */
export type Teammates = Readonly<{ team: Team; end: () => Promise<void> }>

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
 * Threads for a run that is about to take its next step.
 * @param data pictures in shared memory are not copied
 * @param size members, the caller's thread included
 * @param script what a thread runs
 * @example const { team, end } = await startTeam(ops, run, data, 2)
 *   while (run.step < run.steps!) await trainStep(ops, run, data, team)
 *   await end()
 */
export async function startTeam(
  { backend }: Readonly<{ backend: Backend }>,
  run: Run,
  data: Data,
  size: number,
  script = SCRIPT,
): Promise<Teammates> {
  if (size === 1) return { team: alone, end: async () => {} }
  const common = commonOf(size, numbersSummed(run))
  const checkpoint = await saveRun(run, 0)
  const others = Array.from({ length: size - 1 }, (_, i) => {
    const { port1, port2 } = new MessageChannel()
    const workerData: Mission = { common, index: i + 1, backend: backend.name, checkpoint, data, port: port2 }
    return { port: port1, worker: new Worker(script, { workerData, transferList: [port2] }) }
  })
  const member = memberOf(common, 0)
  /** In place of being told that another has failed, what has failed it. */
  const because = <Result>(exchange: () => Result): Result => {
    try {
      return exchange()
    } catch (error) {
      // Nothing is heard from a thread in the usual way while this one waits.
      const said = others.map(({ port }) => receiveMessageOnPort(port)).find((message) => message !== undefined)
      throw said ? said.message : error
    }
  }
  const team: Team = {
    ...member,
    share: (numbers) => because(() => member.share(numbers)),
    sum: (arrays) => because(() => member.sum(arrays)),
  }
  const end = async (): Promise<void> => {
    await Promise.all(others.map(({ worker }) => worker.terminate()))
    others.forEach(({ port }) => port.close())
  }
  return { team, end }
}
