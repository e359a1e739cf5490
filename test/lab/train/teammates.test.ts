/** Training in several threads beside training in one. Threads run what `npm test` built. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { loadBackend, type Backend } from '../../../src/lab/train/backend.js'
import { DdncError } from '../../../src/errors.js'
import { readCheckpoint } from '../../../src/lab/train/checkpoint.js'
import type { Photographs as Data } from '../../../src/lab/train/data.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import type { Row } from '../../../src/lab/train/log.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { beginRun, resumeRun, saveRun, type Run } from '../../../src/lab/train/run.js'
import { trainStep } from '../../../src/lab/train/step.js'
import { membersFor, profits, startTeam } from '../../../src/lab/train/teammates.js'
import { tinyRecipe } from './tiny.js'

const STEPS = 9
const SIZES = [
  { from: 0, batch: 3, crop: 16 },
  { from: 0.6, batch: 1, crop: 24 },
]
const RECIPE = await tinyRecipe({ sizes: SIZES })
const DATA: Data = { photographs: [drawScreen(1, 192), drawScreen(2, 192)], drawings: [drawScreen(3, 192)] }
const THREAD = new URL('../../../dist/lab/train/teamThread.js', import.meta.url)

let ops: Operations
let end = async (): Promise<void> => {}
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})
afterEach(() => end())

const begin = (): Run => beginRun(ops, RECIPE, DATA, { steps: STEPS, minutes: null })

async function trained(run: Run, members: number): Promise<Row[]> {
  const mates = await startTeam(ops, run, DATA, members, THREAD)
  end = mates.end
  const rows: Row[] = []
  while (run.step < STEPS) rows.push(await trainStep(ops, run, DATA, mates.team))
  await end()
  return rows
}

/** All weights, one after another. */
const weightsOf = async (run: Run): Promise<number[]> =>
  [...readCheckpoint(await saveRun(run, 0)).trained.values()].flatMap(({ weight }) => [...weight])

test('two threads make the steps that one makes, also where there is a crop for one alone', async () => {
  const one = begin()
  const rows = await trained(one, 1)
  const expected = await weightsOf(one)
  const two = begin()
  const others = await trained(two, 2)
  others.forEach(({ loss, bits, usage, step }, i) => {
    expect(step).toBe(rows[i].step)
    const close = (a: readonly (number | null)[], b: readonly (number | null)[]): void =>
      a.forEach((x, j) => (x === null ? expect(b[j]).toBe(null) : expect(b[j]! / x).toBeCloseTo(1, 3)))
    close(rows[i].loss, loss)
    close(rows[i].bits, bits)
    expect(usage.length).toBe(rows[i].usage.length)
  })
  const found = await weightsOf(two)
  expect(Math.max(...found.map((x, i) => Math.abs(x - expected[i])))).toBeLessThan(1e-4)
})

test('they go on from a checkpoint as if they had never stopped, to the bit', async () => {
  const whole = begin()
  await trained(whole, 2)
  const first = begin()
  const { team, end: stop } = await startTeam(ops, first, DATA, 2, THREAD)
  end = stop
  for (let i = 0; i < 4; i++) await trainStep(ops, first, DATA, team)
  const halfway = await saveRun(first, 0)
  await stop()
  const second = resumeRun(ops, halfway)
  await trained(second, 2)
  expect(await weightsOf(second)).toEqual(await weightsOf(whole))
})

test('what a thread fails of is what the caller is told', async () => {
  const tooSmall = { width: 8, height: 8, components: 3 as const, data: new Uint8Array(192) }
  const run = begin()
  const failed: unknown = await startTeam(ops, run, { photographs: [tooSmall], drawings: [] }, 3, THREAD).catch(
    (error: unknown) => error,
  )
  expect(failed).toBeInstanceOf(DdncError)
  expect((failed as DdncError).fault).toMatchObject({ tag: 'BadOption', found: '8×8 of 3 components' })
})

/** A thread that gets ready, and then does that. */
const thatThen = (code: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { workerData } from 'node:worker_threads'
      import { fail, memberOf } from ${JSON.stringify(new URL('./team.js', THREAD).href)}
      const { common, index, port } = workerData
      port.postMessage('ready')
      memberOf(common, index).share([1])
      ${code}`)}`,
  )

const FAULT = "{ tag: 'Corrupt', where: 'x', found: 'y', allowed: 'z' }"
test.each([
  ['fails', "port.postMessage({ message: 'no luck' }); fail(common)", 'no luck'],
  ['has a fault', `port.postMessage({ fault: ${FAULT} }); fail(common)`, 'damaged: x is y'],
  ['fails and says nothing', 'fail(common)', 'another thread of the training has failed'],
])('a thread that %s while the caller waits', async (_, code, message) => {
  const mates = await startTeam(ops, begin(), DATA, 2, thatThen(code))
  end = mates.end
  expect(mates.team.share([2])).toEqual([[2], [1]])
  expect(() => mates.team.share([2])).toThrow(message)
})

test('a thread that ends between two steps', async () => {
  const mates = await startTeam(ops, begin(), DATA, 2, thatThen('process.exit(3)'))
  end = mates.end
  mates.team.share([2])
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(() => mates.team.share([2])).toThrow('a thread of the training has ended')
})

test('a thread that does not start', async () => {
  const broken = new URL("data:text/javascript,throw new Error('broken')")
  await expect(startTeam(ops, begin(), DATA, 2, broken)).rejects.toThrow('broken')
})

test('a crop is not divided, and a GPU takes a batch whole', () => {
  expect(membersFor({ sizes: SIZES }, 2)).toBe(2)
  expect(membersFor({ sizes: SIZES }, 8)).toBe(3)
  const on = (name: Backend['name'], isUsingGpuDevice?: boolean): boolean =>
    profits({ name, tf: { backend: () => ({ isUsingGpuDevice }) } as unknown as Backend['tf'] })
  expect([on('tensorflow', false), on('wasm'), on('cpu')]).toEqual([true, true, true])
  expect([on('tensorflow', true), on('webgpu')]).toEqual([false, false])
})
