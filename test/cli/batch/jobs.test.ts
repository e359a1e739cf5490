import { expect, test } from 'vitest'
import type { Outcome, Task } from '../../../src/cli/batch/messages.js'
import { runJobs } from '../../../src/cli/batch/jobs.js'
import type { Worker } from '../../../src/cli/batch/worker.js'
import { SystemFailure } from '../../../src/cli/systemFailure.js'

const tasks = (count: number): Task[] =>
  Array.from({ length: count }, (_, i) => ({ input: `${i}`, output: `o${i}`, name: `o${i}`, known: [] }))
const setup = { command: 'encode', chosen: {}, journal: '' } as const
const skipped: Outcome = { status: 'skipped' }
const lost: Outcome = { status: 'failed', failure: { tag: 'WorkerLost', message: '', exitCode: 3 } }

/** Workers in this process. `does` says what becomes of a task; `stopped` resolves when the worker is told to stop. */
function workers(does: (task: Task, stopped: Promise<void>) => Promise<Outcome>) {
  const seen = { started: 0, ended: 0 }
  const start = async (): Promise<Pick<Worker, 'run' | 'isLost' | 'stop' | 'end'>> => {
    seen.started++
    let isLost = false
    let stop = (): void => {}
    const stopped = new Promise<void>((resolve) => (stop = resolve))
    return {
      run: async (task) => {
        const outcome = await does(task, stopped)
        isLost = outcome === lost
        return outcome
      },
      isLost: () => isLost,
      stop: () => stop(),
      end: async () => void seen.ended++,
    }
  }
  return { seen, start }
}

const never = new AbortController().signal
const jobs = (ended: string[], count: number, signal = never) => ({
  count,
  signal,
  onProgress: () => {},
  onEnd: async (_job: number, task: Task, { status }: Outcome) => void ended.push(`${task.input} ${status}`),
})

test('every task is run once, by as many processes as were asked for', async () => {
  const { seen, start } = workers(async () => skipped)
  const ended: string[] = []
  await runJobs(tasks(7), setup, jobs(ended, 3), start)
  expect(ended.sort()).toEqual(['0', '1', '2', '3', '4', '5', '6'].map((i) => `${i} skipped`))
  expect(seen).toEqual({ started: 3, ended: 3 })
})

test('a process that is lost costs its task, and another one goes on', async () => {
  const { seen, start } = workers(async ({ input }) => (input === '1' ? lost : skipped))
  const ended: string[] = []
  await runJobs(tasks(4), setup, jobs(ended, 1), start)
  expect(ended).toEqual(['0 skipped', '1 failed', '2 skipped', '3 skipped'])
  expect(seen.started).toBe(2)
})

test('a process that dies before it is ready costs a task, too, if another one was ready once', async () => {
  const { start } = workers(async ({ input }) => (input === '0' ? lost : skipped))
  let starts = 0
  const dying = async (): Promise<Pick<Worker, 'run' | 'isLost' | 'stop' | 'end'>> => {
    if (++starts === 2) throw new SystemFailure('died', 'WorkerLost')
    return start()
  }
  const ended: string[] = []
  await runJobs(tasks(3), setup, jobs(ended, 1), dying)
  expect(ended).toEqual(['0 failed', '1 failed', '2 skipped'])
  const never = async (): Promise<Worker> => {
    throw new SystemFailure('died', 'WorkerLost')
  }
  await expect(runJobs(tasks(3), setup, jobs([], 1), never)).rejects.toThrow('died')
})

test('an interrupt drops what is running, and nothing is begun', async () => {
  const interrupt = new AbortController()
  const { seen, start } = workers(async ({ input }, stopped) => {
    if (input !== '2') return skipped
    interrupt.abort()
    await stopped
    return { status: 'dropped' }
  })
  const ended: string[] = []
  await runJobs(tasks(9), setup, jobs(ended, 1, interrupt.signal), start)
  expect(ended).toEqual(['0 skipped', '1 skipped'])
  expect(seen).toEqual({ started: 1, ended: 1 })
})

test('interrupted before it began, it begins nothing', async () => {
  const { seen, start } = workers(async () => skipped)
  await runJobs(tasks(2), setup, jobs([], 2, AbortSignal.abort()), start)
  expect(seen.started).toBe(0)
})

test('a fault that ends all stops the others first', async () => {
  const { seen, start } = workers(async ({ input }, stopped) => {
    if (input === '0') return skipped
    await stopped
    return { status: 'dropped' }
  })
  const onEnd = async (): Promise<void> => {
    throw new Error('the reader is gone')
  }
  await expect(runJobs(tasks(9), setup, { ...jobs([], 3), onEnd }, start)).rejects.toThrow('the reader is gone')
  expect(seen).toEqual({ started: 3, ended: 3 })
})

test('a process that cannot be started is a fault that ends all', async () => {
  const start = async (): Promise<Pick<Worker, 'run' | 'isLost' | 'stop' | 'end'>> => {
    throw new Error('no memory')
  }
  await expect(runJobs(tasks(3), setup, jobs([], 2), start)).rejects.toThrow('no memory')
})
