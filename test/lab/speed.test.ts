import { afterEach, expect, test, vi } from 'vitest'
import { engineSpeed, runsPerSecond } from '../../src/lab/speed.js'

afterEach(() => vi.restoreAllMocks())

test('counts the runs of the batch that lasts long enough', async () => {
  // A clock on which a run takes 0.1 s and waiting for the rest 0.2 s.
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  let runs = 0
  const run = (): void => {
    runs++
    now += 100
  }
  const finish = async (): Promise<void> => void (now += 200)
  // 1, 2 and 4 runs: 4 take 0.6 s.
  expect(await runsPerSecond(run, finish)).toBeCloseTo(4 / 0.6)
  expect(runs).toBe(7)
  expect(await runsPerSecond(run)).toBeCloseTo(10)
})

test('the engine of this machine is the fast one, and has a figure', async () => {
  const { engine, gigaMacs } = await engineSpeed()
  expect(engine).toBe('wasm')
  expect(gigaMacs).toBeGreaterThan(0)
  expect(gigaMacs).toBeLessThan(Infinity)
})
