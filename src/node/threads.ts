/** Threads in Node. */
import { Worker } from 'node:worker_threads'
import type { Workers, WorkerThread } from '../index.js'

/**
 * For the option `workers` of `compress` and `decompress`.
 * @param count threads, 1 or more
 * @example await decompress(file, { model, workers: threads(2) })
 */
export const threads = (count: number): Workers => ({ count, start: startThread })

/** Node's Worker, as a browser's. */
function startThread(): WorkerThread {
  const worker = new Worker(new URL('./tileThread.js', import.meta.url))
  const thread: WorkerThread = {
    onmessage: null,
    onerror: null,
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
  }
  worker.on('message', (data: unknown) => thread.onmessage?.({ data }))
  worker.on('error', ({ message }: Error) => thread.onerror?.({ message }))
  return thread
}
