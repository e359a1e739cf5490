/**
 * TensorFlow.js, loaded when a trainer asks for it: nothing else of ddnc needs it. One copy only: two copies do not know
 * each other's tensors.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import util from 'node:util'
import type * as tfjs from '@tensorflow/tfjs-core'
import { DdncError } from '../../errors.js'
import { registerGradients } from './gradients.js'
import { findAdapter, findGpu } from './webgpu.js'

export type Tensorflow = typeof tfjs
export type Tensor = tfjs.Tensor

/**
 * `tensorflow`: native, on CPU or GPU; `webgpu`: any GPU; `wasm`: several times slower than native; `cpu`: plain
 * JavaScript, for tests of single operations.
 */
export const BACKENDS = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const
export type BackendName = (typeof BACKENDS)[number]

export type Backend = Readonly<{
  name: BackendName
  tf: Tensorflow
  /** How to get a faster one, as a sentence; null if this is the fastest. */
  advice: string | null
}>

export type BackendOptions = Readonly<{
  /** Folder whose node_modules hold tfjs-node-gpu or tfjs-node; null for what is installed beside ddnc. */
  tensorflow?: string | null
  /** Threads of `tensorflow` (default: all cores, or what its environment variables say) and of `wasm` (1). */
  threads?: number | undefined
  /**
   * Copies of the backend, each in a thread of the caller's (team.ts): `tensorflow` then computes in all of them, and in a
   * pool of threads / copies that they share, unless its environment variables say otherwise.
   */
  copies?: number
}>

const VERSION = '4.22.0'
const NATIVE = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']
const SETUP = fileURLToPath(new URL('../../../scripts/setup-tensorflow.sh', import.meta.url))

/** The copy of TensorFlow.js that this process has, and where it came from. */
let loaded: { tf: Tensorflow; native: boolean } | null = null

/**
 * Loads the backend asked for, or the fastest that is there: native if DDNC_TENSORFLOW names a folder that has it or if
 * it is installed beside ddnc, else webgpu if there is a GPU, else wasm.
 * @throws {DdncError} BadOption if it is not installed, or if this process has already loaded the other copy
 * @example const { tf } = await loadBackend()
 *   await tf.zeros([2]).data() // Float32Array [0, 0]
 */
export async function loadBackend(
  wanted?: BackendName,
  { tensorflow = process.env['DDNC_TENSORFLOW'] || null, threads, copies = 1 }: BackendOptions = {},
): Promise<Backend> {
  const name = wanted ?? (await fastest(tensorflow))
  const native = name === 'tensorflow'
  if (loaded && loaded.native !== native) {
    throw refused(name, 'a second copy of TensorFlow.js', 'the copy that this process began with')
  }
  const tf = loaded?.tf ?? (native ? nativeTensorflow(tensorflow, threads, copies) : await portableTensorflow())
  loaded = { tf, native }
  if (name === 'webgpu') await prepareWebGpu()
  if (name === 'wasm') await prepareWasm(copies > 1 ? 1 : (threads ?? 1))
  if (name === 'cpu') await installed(name, () => import('@tensorflow/tfjs-backend-cpu'))
  if (!(await tf.setBackend(name))) throw refused(name, 'a backend that does not start', BACKENDS.join(', '))
  await tf.ready()
  return { name, tf, advice: native ? null : adviceOnNative() }
}

async function fastest(tensorflow: string | null): Promise<BackendName> {
  if (tensorflow || NATIVE.some(isBeside)) return 'tensorflow'
  const adapter = await findAdapter()
  return adapter && !adapter.isSoftware && isBeside('@tensorflow/tfjs-backend-webgpu') ? 'webgpu' : 'wasm'
}

/** What to do for native TensorFlow, as a sentence. */
export const adviceOnNative = (): string => `Training is much faster on native TensorFlow: ${wayToNative()}.`

/** The script builds it for 64-bit Linux, and is no part of the package. */
function wayToNative(): string {
  const hasScript = process.platform === 'linux' && process.arch === 'x64' && existsSync(SETUP)
  return hasScript
    ? 'run `npm run setup:tensorflow FOLDER` and set DDNC_TENSORFLOW=FOLDER'
    : `run \`npm install @tensorflow/tfjs-node@${VERSION}\` beside ddnc, or tfjs-node-gpu for an NVIDIA GPU`
}

function isBeside(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

/** Through CommonJS, so that the addon and everything else of it are found from its own folder. */
function nativeTensorflow(folder: string | null, threads: number | undefined, copies: number): Tensorflow {
  // TensorFlow reads its environment when it is loaded. It would tell which instructions it uses.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  const pool = String(Math.max(1, Math.floor((threads ?? availableParallelism()) / copies)))
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'OMP_NUM_THREADS']) {
    if (threads !== undefined) process.env[name] = pool
    else if (copies > 1) process.env[name] ??= pool
  }
  // tfjs-node 4.22 calls a function that Node 23 dropped.
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean }
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined
  const require = createRequire(folder ? join(folder, 'package.json') : import.meta.url)
  const causes: unknown[] = []
  for (const name of NATIVE) {
    try {
      return require(name) as Tensorflow
    } catch (cause) {
      causes.push(cause)
    }
  }
  const where = folder ? `in ${folder}` : 'beside ddnc'
  const broken = causes.find((cause, i) => !isMissing(cause, NATIVE[i]))
  const found = broken === undefined ? `not ${where}` : `${where} but does not load: ${firstLine(broken)}`
  const allowed = `tfjs-node beside ddnc, or in a folder that DDNC_TENSORFLOW names: ${wayToNative()}`
  throw refused('tensorflow', found, allowed, causes)
}

/** The package itself, not something that it wants. */
const isMissing = (cause: unknown, name: string): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND' && cause.message.includes(`'${name}'`)

const firstLine = (cause: unknown): string => String(cause instanceof Error ? cause.message : cause).split('\n')[0]

async function portableTensorflow(): Promise<Tensorflow> {
  const tf: Tensorflow = await installed('of TensorFlow.js', () => import('@tensorflow/tfjs-core'))
  // It would print an advertisement of tfjs-node.
  tf.env().set('PROD', true)
  registerGradients(tf)
  return tf
}

async function prepareWebGpu(): Promise<void> {
  if ((await findGpu()) === null) {
    const allowed = 'a browser, or the package `webgpu` installed beside ddnc'
    throw refused('webgpu', 'without navigator.gpu, which in Node the package `webgpu` brings', allowed)
  }
  if ((await findAdapter()) === null) {
    const allowed = 'a GPU whose driver speaks Vulkan, Metal or Direct3D 12'
    throw refused('webgpu', 'without a GPU that navigator.gpu finds', allowed)
  }
  // After findGpu: it registers itself only where navigator.gpu is.
  await installed('webgpu', () => import('@tensorflow/tfjs-backend-webgpu'))
}

async function prepareWasm(threads: number): Promise<void> {
  const wasm = await installed('wasm', () => import('@tensorflow/tfjs-backend-wasm'))
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  wasm.setThreadsCount(threads)
  wasm.setWasmPaths(`${dirname(entry)}/`)
}

async function installed<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const packages = ['core', 'backend-cpu', name === 'webgpu' ? 'backend-webgpu' : 'backend-wasm']
    const names = packages.map((part) => `@tensorflow/tfjs-${part}@${VERSION}`).join(' ')
    throw refused(name, 'not installed', `what \`npm install ${names}\` gives beside ddnc`, cause)
  }
}

const refused = (name: string, found: string, allowed: string, cause?: unknown): DdncError =>
  new DdncError({ tag: 'BadOption', option: `the training backend ${name}`, found, allowed }, { cause })
