import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Chosen } from '../../../src/cli/options.js'
import { startWorker } from '../../../src/cli/batch/worker.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-worker-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A process that answers as the script says; `said` is what it was told, `say` answers. */
async function start(script: string, chosen: Chosen = {}, signal?: AbortSignal) {
  const file = join(folder, 'worker.mjs')
  await writeFile(file, `const say = (m) => process.send(m)\nprocess.on('message', (told) => {${script}})\n`)
  return startWorker({ command: 'encode', chosen, journal: null }, pathToFileURL(file), signal)
}
const task = { input: 'in', output: 'out', name: 'out', known: [] }
const READY = 'if (told.setup) return say({ refused: null });'

test('it is told what to do, says how far it is, and ends', async () => {
  const worker = await start(`${READY} say({ progress: 0.5 }); say({ outcome: { status: told.task.name } })`)
  const shares: number[] = []
  expect(await worker.run(task, (share) => shares.push(share))).toEqual({ status: 'out' })
  expect(await worker.run(task, () => {})).toEqual({ status: 'out' })
  expect(shares).toEqual([0.5])
  expect(worker.isLost()).toBe(false)
  await worker.end()
  expect(worker.isLost()).toBe(true)
})

test('numbers that JSON has not come across', async () => {
  const worker = await start(`${READY} say({ outcome: { status: 'done', report: { psnr: Infinity } } })`)
  expect(await worker.run(task, () => {})).toEqual({ status: 'done', report: { psnr: Infinity } })
  await worker.end()
})

test('a process that is killed makes its task fail, by name', async () => {
  const worker = await start(`${READY} process.kill(process.pid, 'SIGKILL')`)
  expect(await worker.run(task, () => {})).toMatchObject({
    status: 'failed',
    failure: { tag: 'WorkerLost', exitCode: 3, message: expect.stringMatching(/was ended by SIGKILL/) },
  })
  expect(worker.isLost()).toBe(true)
  await worker.end()
})

test('what it said before it died is heard', async () => {
  const worker = await start(`${READY} process.send({ outcome: { status: 'skipped' } }, () => process.exit(7))`)
  expect(await worker.run(task, () => {})).toEqual({ status: 'skipped' })
  await worker.end()
})

test('told to stop, it hears it', async () => {
  const worker = await start(`${READY} if (told === 'stop') say({ outcome: { status: 'dropped' } })`)
  const running = worker.run(task, () => {})
  worker.stop()
  expect(await running).toEqual({ status: 'dropped' })
  await worker.end()
})

test('a setup that is at fault is an error with the exit code of the fault', async () => {
  const refused = start(`say({ refused: { tag: 'BadOption', message: 'no such model', exitCode: 2 } })`)
  await expect(refused).rejects.toMatchObject({ name: 'JudgedError', line: 'no such model', exitCode: 2 })
})

test('a process that ends at once is an error', async () => {
  await expect(start('process.exit(9)')).rejects.toMatchObject({
    name: 'SystemFailure',
    message: expect.stringMatching(/ended with code 9/),
  })
})

test('a process that takes more time than it may is ended', async () => {
  const worker = await start(READY, { maxSeconds: 0.2 })
  expect(await worker.run(task, () => {})).toMatchObject({
    status: 'failed',
    failure: { tag: 'LimitExceeded', exitCode: 1, message: expect.stringMatching(/more time than 0\.2 seconds/) },
  })
  expect(worker.isLost()).toBe(true)
})

test('a process that says that it takes more memory than it may is ended', async () => {
  const worker = await start(`${READY} say({ exceeded: 'memory' })`, { maxMemory: 300 })
  expect(await worker.make(Uint8Array.of(1), () => {})).toMatchObject({
    tag: 'LimitExceeded',
    message: expect.stringMatching(/more memory than 300 MiB/),
  })
  expect(worker.isLost()).toBe(true)
})

test('a file is made of bytes, or is not', async () => {
  const worker = await start(
    `${READY} const [first] = told.input
    if (first === 1) say({ made: { bytes: told.input, report: { psnr: Infinity } } })
    else say({ outcome: { status: 'failed', failure: { tag: 'Corrupt', message: 'bad', exitCode: 1 } } })`,
  )
  const made = await worker.make(Uint8Array.of(1, 2), () => {})
  expect(made).toMatchObject({ report: { psnr: Infinity } })
  expect('bytes' in made && [...(made.bytes as Uint8Array)]).toEqual([1, 2])
  expect(await worker.make(Uint8Array.of(0), () => {})).toEqual({ tag: 'Corrupt', message: 'bad', exitCode: 1 })
  worker.kill()
  await worker.end()
})

test('a signal ends it, whatever it does', async () => {
  const abort = new AbortController()
  const worker = await start(`${READY} for (;;);`, {}, abort.signal)
  const running = worker.run(task, () => {})
  abort.abort()
  expect(await running).toMatchObject({ status: 'failed', failure: { tag: 'WorkerLost' } })
})
