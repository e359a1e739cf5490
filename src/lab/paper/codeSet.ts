/** Whole sets as paths: in threads, and remembered, since thousands of walks take minutes to hours. */
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { engineParts } from '../../codec/engineParts.js'
import { loadEngine } from '../../engine/loadEngine.js'
import { DdncError, hexOf } from '../../errors.js'
import { readSafetensors, writeSafetensors, type Tensor } from '../../network/safetensors.js'
import { stepsOf, type WholeImageModel } from '../../network/wholeModel.js'
import { kept } from '../bench/kept.js'
import { sizeText, type PictureSet } from '../data/pictureSet.js'
import { codePictures, type Coded } from './coding.js'

export type CodeOptions = Readonly<{
  /** Threads; 1: the caller's own. */
  threads: number
  /** Folder for results, made if missing; the key is the model, the pictures and the number of choices. */
  cache: string
  /** Choices made, 1…L: the first ones; default: all. */
  choices?: number | undefined
  signal?: AbortSignal | undefined
  /** Called with the share of the pictures done. */
  onProgress?: (fraction: number) => void
}>

/** What a thread is given. */
export type Part = Readonly<{
  model: WholeImageModel
  set: PictureSet
  first: number
  end: number
  choices: number
}>

/** What it says: a picture is done, or all are. */
export type Said = 'picture' | Coded

const SCRIPT = new URL('./codingThread.js', import.meta.url)

/**
 * @throws {DdncError} BadOption: pictures of another size than the model's
 * @throws the signal's reason
 * @example const { paths, errors } = await codeSet(model, test, { threads: 2, cache: 'paths' })
 */
export async function codeSet(
  model: WholeImageModel,
  set: PictureSet,
  { threads, cache, choices = stepsOf(model).length, signal, onProgress = () => {} }: CodeOptions,
  script = SCRIPT,
): Promise<Coded> {
  if (sizeText(model) !== sizeText(set)) {
    const allowed = `${sizeText(model)}, as model ${model.name} has it`
    throw new DdncError({ tag: 'BadOption', option: 'the pictures', found: sizeText(set), allowed })
  }
  signal?.throwIfAborted()
  const form = { write: encoded, read: (file: Uint8Array) => decoded(file, model.K) }
  let done = 0
  const onPicture = (): void => onProgress(++done / set.count)
  return kept(cache, `${model.name}-${choices}-${keyOf(model, set)}.safetensors`, form, async () =>
    threads === 1
      ? codePictures(await loadEngine('wasm', engineParts(model)), model, set, 0, set.count, choices, () => {
          signal?.throwIfAborted()
          onPicture()
        })
      : joined(await inThreads({ model, set, choices }, Math.min(threads, set.count), script, signal, onPicture)),
  )
}

function keyOf({ hash, classes }: WholeImageModel, { data, labels }: PictureSet): string {
  const key = createHash('sha256').update(hash).update(data)
  if (classes > 0 && labels) key.update(labels)
  return hexOf(key.digest().subarray(0, 8))
}

function inThreads(
  task: Omit<Part, 'first' | 'end'>,
  threads: number,
  script: URL,
  signal: AbortSignal | undefined,
  onPicture: () => void,
): Promise<Coded[]> {
  const workers: Worker[] = []
  const stop = (): void => void workers.map((worker) => worker.terminate())
  const parts = Array.from({ length: threads }, (_, t) => {
    const [first, end] = [t, t + 1].map((share) => Math.round((share * task.set.count) / threads))
    return new Promise<Coded>((resolve, reject) => {
      const workerData: Part = { ...task, first, end }
      const worker = new Worker(script, { workerData })
      workers.push(worker)
      worker.on('message', (said: Said) => (said === 'picture' ? onPicture() : resolve(said)))
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('a thread that codes pictures has ended')))
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  })
  return Promise.all(parts).finally(stop)
}

function joined(parts: readonly Coded[]): Coded {
  const [{ paths }] = parts
  const numbers = parts.reduce((sum, { errors }) => sum + errors.length, 0)
  const [choices, errors] = [new Uint16Array(numbers), new Float32Array(numbers)]
  let at = 0
  for (const part of parts) {
    choices.set(part.paths.choices, at)
    errors.set(part.errors, at)
    at += part.errors.length
  }
  return { paths: { ...paths, choices }, errors }
}

function encoded({ paths: { length, choices }, errors }: Coded): Uint8Array {
  const shape = [choices.length / length, length]
  const tensors = new Map<string, Tensor>()
  tensors.set('choices', { shape, data: choices })
  tensors.set('errors', { shape, data: errors })
  return writeSafetensors({}, tensors)
}

function decoded(bytes: Uint8Array, K: number): Coded {
  const { tensors } = readSafetensors(bytes)
  const { shape, data } = tensors.get('choices')!
  const choices = Uint16Array.from(data)
  const errors = Float32Array.from(tensors.get('errors')!.data)
  return { paths: { K, length: shape[1], choices }, errors }
}
