/** The process that `probe.ts` starts: loads the backend that its arguments name, measures it, reports, ends. */
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { DdncError } from '../../errors.js'
import { loadBackend, type Backend, type BackendName } from './backend.js'
import { operations } from './operations.js'
import type { Probed } from './probe.js'
import { trainingSpeed } from './trainingSpeed.js'
import { findAdapter } from './webgpu.js'

/** What a backend computes on, as a person would say it. */
async function deviceOf({ name, tf }: Backend): Promise<string> {
  switch (name) {
    case 'tensorflow': {
      const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean }
      if (isUsingGpuDevice) return nvidiaNames()
      return `CPU, ${threadsOf(Number(process.env['TF_NUM_INTRAOP_THREADS']) || availableParallelism())}`
    }
    case 'webgpu':
      return (await findAdapter())?.description ?? 'a GPU'
    case 'wasm': {
      const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm')
      const has = (what: string): Promise<unknown> => tf.env().getAsync(`WASM_HAS_${what}_SUPPORT`) as Promise<unknown>
      const count = (await has('MULTITHREAD')) ? getThreadsCount() : 1 // not in Node
      return `CPU, ${threadsOf(count)}, ${(await has('SIMD')) ? 'SIMD' : 'no SIMD'}`
    }
    case 'cpu':
      return 'CPU, 1 thread, plain JavaScript'
  }
}

const threadsOf = (count: number): string => (count === 1 ? '1 thread' : `${count} threads`)

function nvidiaNames(): string {
  try {
    const query = ['--query-gpu=name', '--format=csv,noheader']
    return execFileSync('nvidia-smi', query, { encoding: 'utf8', timeout: 5000 }).trim().split('\n').join(', ')
  } catch {
    return 'a GPU without a name'
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DdncError && error.fault.tag === 'BadOption') return error.fault.found
  return error instanceof Error ? error.message : String(error)
}

async function probe(name: BackendName, threads: number | undefined): Promise<Probed> {
  try {
    const backend = await loadBackend(name, { threads })
    const device = await deviceOf(backend)
    return { device, gigaFlops: await trainingSpeed(operations(backend)), fault: null }
  } catch (error) {
    return { device: null, gigaFlops: null, fault: reasonOf(error) }
  }
}

const [name, count] = process.argv.slice(2)
const probed = await probe(name as BackendName, count === undefined ? undefined : Number(count))
process.send!(probed, () => process.exit())
