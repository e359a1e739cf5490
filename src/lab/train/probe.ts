/**
 * Tries a training backend in a process of its own: two copies of TensorFlow.js do not go together, and a native one
 * that crashes or hangs must not take the caller along.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BackendName } from './backend.js'

export type Probed = Readonly<{
  /** What it computes on, such as `CPU, 2 threads`; null if it did not start. */
  device: string | null
  /** 10^9 operations a second (trainingSpeed); null if it did not start. */
  gigaFlops: number | null
  /** Why it did not start, in a sentence; null if it did. */
  fault: string | null
}>

export type ProbeOptions = Readonly<{
  threads?: number | undefined
  signal?: AbortSignal
  /** Seconds until a backend that says nothing is ended. */
  patience?: number
  /** What the process runs. */
  script?: string
}>

const SCRIPT = fileURLToPath(new URL('./probeProcess.js', import.meta.url))

/**
 * @throws the signal's reason when it aborts
 * @example const { gigaFlops, fault } = await probeBackend('wasm')
 */
export async function probeBackend(
  name: BackendName,
  { threads, signal, patience = 30, script = SCRIPT }: ProbeOptions = {},
): Promise<Probed> {
  const failed = (fault: string): Probed => ({ device: null, gigaFlops: null, fault })
  const child = fork(script, [name, ...(threads === undefined ? [] : [String(threads)])], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
  const stop = (): void => void child.kill('SIGKILL')
  const timer = setTimeout(stop, patience * 1000)
  signal?.addEventListener('abort', stop)
  try {
    const probed = await new Promise<Probed>((resolve, reject) => {
      child.on('error', reject)
      child.on('message', (message) => resolve(message as Probed))
      child.on('close', (code, by) => {
        const last = said.trim().split('\n').at(-1)
        const end = code === null ? `ended by ${by}` : `ended with code ${code}`
        const isLate = child.killed && !signal?.aborted
        resolve(failed(isLate ? `says nothing for ${patience} s` : last ? `${end}: ${last}` : end))
      })
    })
    signal?.throwIfAborted()
    return probed
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    stop()
  }
}
