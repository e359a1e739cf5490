/** Both engines on the same file: the same picture, or the same error. */
import { hexOf } from '../../errors.js'
import { readHeader } from '../../format/header.js'
import { decompress, DdncError, type Model, type Picture } from '../../index.js'
import { attempt, equalBytes, hold, tagOf } from './target.js'

/** Of partial decoding, which runs whatever the streams lack: more pixels than these cost too much to be tried often. */
const MOST_PIXELS = 2 ** 14

type Result = Readonly<{ picture: Picture | null; message: string; tag: string }>

async function decode(
  bytes: Uint8Array,
  models: ReadonlyMap<string, Model>,
  engine: 'wasm' | 'reference',
  partial: boolean,
): Promise<Result> {
  const model = ({ name, hash }: { name: string; hash: string }): Promise<Model> => {
    const found = models.get(hash)
    return found ? Promise.resolve(found) : Promise.reject(new DdncError({ tag: 'UnknownModel', name, hash }))
  }
  try {
    const picture = await decompress(bytes, { model, engine, partial })
    return { picture, message: '', tag: partial ? 'part of a picture' : 'picture' }
  } catch (error) {
    return { picture: null, message: error instanceof Error ? error.message : '', tag: tagOf(error) }
  }
}

async function onBoth(bytes: Uint8Array, models: ReadonlyMap<string, Model>, partial: boolean): Promise<string> {
  const fast = await decode(bytes, models, 'wasm', partial)
  const slow = await decode(bytes, models, 'reference', partial)
  hold(fast.message === slow.message, `the engines agree: "${fast.message}", "${slow.message}"`)
  if (fast.picture === null || slow.picture === null) return fast.tag
  hold(equalBytes(fast.picture.data, slow.picture.data), 'the engines give the same pixels')
  const { width, height, components, data } = fast.picture
  hold(data.length === width * height * components, 'all pixels are there')
  return fast.tag
}

/** Models by the part of their hash that files name. */
export const byHash = (models: readonly Model[]): ReadonlyMap<string, Model> =>
  new Map(models.map((model) => [hexOf(model.hash.subarray(0, 8)), model]))

/**
 * Decodes as a whole file, and what cannot be decoded so as part of one.
 * @returns the outcome; `part of a picture`: with partial alone
 * @throws {Broken} engines that differ
 * @example await decodeOnBoth(file, byHash([model])) // 'picture'
 */
export async function decodeOnBoth(bytes: Uint8Array, models: ReadonlyMap<string, Model>): Promise<string> {
  const whole = await onBoth(bytes, models, false)
  const { value } = attempt(() => readHeader(bytes))
  if (whole === 'picture' || value === null || value.header.width * value.header.height > MOST_PIXELS) return whole
  const part = await onBoth(bytes, models, true)
  return part === 'part of a picture' ? `${whole}, ${part}` : whole
}
