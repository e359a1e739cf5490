/**
 * TensorFlow.js, loaded when a trainer asks for it: nothing else of ddnc needs it. One copy only: two copies do not know
 * each other's tensors.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import util from 'node:util'
import type * as tfjs from '@tensorflow/tfjs-core'
import { DdncError } from '../../errors.js'
import { registerGradients } from './gradients.js'

export type Tensorflow = typeof tfjs
export type Tensor = tfjs.Tensor

/** `tensorflow`: native, on CPU or GPU; `wasm`: some ten times slower; `cpu`: plain JavaScript, for tests of single operations. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu'

export type Backend = Readonly<{
  name: BackendName
  tf: Tensorflow
  /** How to get a faster one, as a sentence; null if this is the fastest. */
  advice: string | null
}>

export type BackendOptions = Readonly<{
  /** Folder whose node_modules hold tfjs-node-gpu or tfjs-node; null for none. */
  tensorflow?: string | null
  /** Threads of `wasm`; the native one takes its number from the environment variable TF_NUM_INTRAOP_THREADS. */
  threads?: number
}>

const ADVICE =
  'Training is much faster on native TensorFlow: run `npm run setup:tensorflow FOLDER` and set DDNC_TENSORFLOW=FOLDER.'
const NATIVE = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']

/** The copy of TensorFlow.js that this process has, and where it came from. */
let loaded: { tf: Tensorflow; native: boolean } | null = null

/**
 * Loads the backend asked for, or the fastest that is there: native if DDNC_TENSORFLOW names a folder that has it, else
 * wasm.
 * @throws {DdncError} BadOption if it is not installed, or if this process has already loaded the other copy
 * @example const { tf } = await loadBackend()
 *   tf.zeros([2]).dataSync() // Float32Array [0, 0]
 */
export async function loadBackend(
  wanted?: BackendName,
  { tensorflow = process.env['DDNC_TENSORFLOW'] ?? null, threads = 1 }: BackendOptions = {},
): Promise<Backend> {
  const name = wanted ?? (tensorflow ? 'tensorflow' : 'wasm')
  const native = name === 'tensorflow'
  if (loaded && loaded.native !== native) {
    throw refused(name, 'a second copy of TensorFlow.js', 'the copy that this process began with')
  }
  const tf = loaded?.tf ?? (native ? nativeTensorflow(tensorflow) : await portableTensorflow())
  loaded = { tf, native }
  if (name === 'wasm') await prepareWasm(threads)
  if (name === 'cpu') await installed(() => import('@tensorflow/tfjs-backend-cpu'))
  if (!(await tf.setBackend(name))) throw refused(name, 'a backend that does not start', 'tensorflow, wasm, cpu')
  await tf.ready()
  return { name, tf, advice: native ? null : ADVICE }
}

/** Through CommonJS, so that the addon and everything else of it are found from its own folder. */
function nativeTensorflow(folder: string | null): Tensorflow {
  if (!folder) throw refused('tensorflow', 'not named', `a folder in DDNC_TENSORFLOW. ${ADVICE}`)
  // tfjs-node 4.22 calls a function that Node 23 dropped.
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean }
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined
  const require = createRequire(join(folder, 'package.json'))
  const causes: unknown[] = []
  for (const name of NATIVE) {
    try {
      return require(name) as Tensorflow
    } catch (cause) {
      causes.push(cause)
    }
  }
  throw refused('tensorflow', `not in ${folder}`, `tfjs-node in its node_modules. ${ADVICE}`, causes)
}

async function portableTensorflow(): Promise<Tensorflow> {
  const tf: Tensorflow = await installed(() => import('@tensorflow/tfjs-core'))
  // It would print an advertisement of tfjs-node.
  tf.env().set('PROD', true)
  registerGradients(tf)
  return tf
}

async function prepareWasm(threads: number): Promise<void> {
  const wasm = await installed(() => import('@tensorflow/tfjs-backend-wasm'))
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  wasm.setThreadsCount(threads)
  wasm.setWasmPaths(`${dirname(entry)}/`)
}

async function installed<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw refused(
      'wasm or cpu',
      'not installed',
      'what `npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu @tensorflow/tfjs-backend-wasm` gives',
      cause,
    )
  }
}

const refused = (name: string, found: string, allowed: string, cause?: unknown): DdncError =>
  new DdncError({ tag: 'BadOption', option: `the training backend ${name}`, found, allowed }, { cause })
