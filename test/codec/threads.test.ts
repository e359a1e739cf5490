/** Threads: the same files and pixels whatever their number. */
import { MessageChannel } from 'node:worker_threads'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serveJobs, type ThreadPort } from '../../src/codec/threads.js'
import { compressWithReport, decompress, type Workers, type WorkerThread } from '../../src/index.js'
import { anyPicture, gridFile, lambda, micro, MODELS, picture } from '../micro.js'
import { writeFile } from '../../src/format/file.js'

/** Threads that are this one: all goes through messages, with their copies and moves. */
function channels(count: number): Workers & { started: number; ended: number } {
  const told = { started: 0, ended: 0 }
  const start = (): WorkerThread => {
    told.started++
    const { port1, port2 } = new MessageChannel()
    serveJobs(port2 as unknown as ThreadPort)
    const terminate = (): void => {
      told.ended++
      port1.close()
    }
    return Object.assign(port1, { terminate, onerror: null }) as unknown as WorkerThread
  }
  return Object.assign(told, { count, start })
}

test('any number of threads and any tile side: the same file, and the same pixels', async () => {
  const anyTask = fc.record({
    source: anyPicture,
    coding: fc.constantFrom(...MODELS),
    tileSide: fc.constantFrom(0, 64, 128),
    count: fc.integer({ min: 2, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(anyTask, async ({ source, coding, tileSide, count }) => {
      const options = { ...coding, lambda: lambda(25), tileSide }
      const alone = await compressWithReport(source, options)
      const together = await compressWithReport(source, { ...options, workers: channels(count) })
      expect(Buffer.compare(together.file, alone.file)).toBe(0)
      expect(together).toEqual(alone)
      const file = Buffer.from(alone.file) // whose slice is no copy: what goes to threads is lost here
      const decoded = await decompress(file, { model: coding.model, workers: channels(count) })
      expect(Buffer.compare(file, alone.file)).toBe(0)
      expect(Buffer.compare(decoded.data, alone.reconstruction.data)).toBe(0)
    }),
    { numRuns: 30 },
  )
})

test('as many are started as there are tiles, none for one, and all are ended', async () => {
  const options = { model: micro, tileSide: 64 }
  const { file } = await compressWithReport(picture(192, 64, 3), options)
  const five = channels(5)
  await decompress(file, { model: micro, workers: five })
  expect(five).toMatchObject({ started: 3, ended: 3 })
  await decompress(file, { model: micro, workers: five, region: { x: 0, y: 0, width: 9, height: 9 } })
  const one = channels(1)
  await decompress(file, { model: micro, workers: one })
  const untiled = await compressWithReport(picture(192, 64, 3), { model: micro, workers: one })
  await decompress(untiled.file, { model: micro, workers: one })
  expect(one).toMatchObject({ started: 0, ended: 0 })
})

test('a fault in a thread is that of the file, and threads are ended', async () => {
  const { header, streams } = gridFile(
    (await compressWithReport(picture(130, 64, 3), { model: micro, tileSide: 64 })).file,
  )
  const data = streams.map((stream, i) =>
    i < 2 ? stream.data : stream.data.map((byte, at) => (at < 4 ? byte : 255 - byte)),
  )
  const damaged = writeFile(header, data)
  const alone = await decompress(damaged, { model: micro }).catch((error: unknown) => error)
  const two = channels(2)
  const together = await decompress(damaged, { model: micro, workers: two }).catch((error: unknown) => error)
  expect(together).toEqual(alone)
  expect(together).toMatchObject({ fault: { tag: 'Corrupt', where: 'the stream of tile 1' } })
  expect(two).toMatchObject({ started: 2, ended: 2 })
})

test('an abort ends them, with its reason', async () => {
  const { file } = await compressWithReport(picture(192, 192, 3), { model: micro, tileSide: 64 })
  const controller = new AbortController()
  const two = channels(2)
  const onProgress = (fraction: number): void => void (fraction > 0.3 && controller.abort('enough'))
  const work = decompress(file, { model: micro, workers: two, signal: controller.signal, onProgress })
  await expect(work).rejects.toBe('enough')
  expect(two).toMatchObject({ started: 2, ended: 2 })
})

test('their progress rises to 1', async () => {
  const { file } = await compressWithReport(picture(192, 128, 3), { model: micro, tileSide: 64 })
  const told: number[] = []
  await decompress(file, { model: micro, workers: channels(2), onProgress: (fraction) => told.push(fraction) })
  expect(told.toSorted((a, b) => a - b)).toEqual(told)
  expect(told.at(-1)).toBeGreaterThan(0.8)
  expect(told.at(-1)).toBeLessThanOrEqual(1)
})

test('a thread that dies is an error, as is a count of none', async () => {
  const { file } = await compressWithReport(picture(192, 64, 3), { model: micro, tileSide: 64 })
  const start = (): WorkerThread => {
    const thread: WorkerThread = { postMessage: () => {}, onmessage: null, onerror: null, terminate: () => {} }
    setTimeout(() => thread.onerror?.({ message: 'out of memory' }))
    return thread
  }
  await expect(decompress(file, { model: micro, workers: { count: 2, start } })).rejects.toThrow('out of memory')
  await expect(decompress(file, { model: micro, workers: { count: 0, start } })).rejects.toThrow('threads is 0')
})

test('a picture that is painted in strips has the pixels of its regions, which are painted in one go', async () => {
  // 520 × 65 positions: strips of 31 rows, across tiles of 8.
  const source = picture(4153, 515, 1, 'gradient')
  const { file, reconstruction } = await compressWithReport(source, { model: micro, lambda: lambda(73), tileSide: 64 })
  const together = await decompress(file, { model: micro, workers: channels(3) })
  expect(Buffer.compare(together.data, reconstruction.data)).toBe(0)
  for (const [y, height] of [
    [0, 260],
    [260, 255],
  ]) {
    const { data } = await decompress(file, { model: micro, region: { x: 0, y, width: 4153, height } })
    expect(Buffer.compare(data, together.data.subarray(y * 4153, (y + height) * 4153))).toBe(0)
  }
}, 60_000)
