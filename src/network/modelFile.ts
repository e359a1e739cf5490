/** A `.ddnm` (SPEC 4): a safetensors file whose metadata hold the structure as JSON. Untrusted until proven. */
import type { Numbers } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import { assembleModel } from './assemble.js'
import { proveBounds } from './bounds.js'
import type { Model } from './model.js'
import type { Pull, TensorType } from './pull.js'
import { readSafetensors, writeSafetensors, type Tensor } from './safetensors.js'
import { checkStructure, type Structure } from './structure.js'
import { MODEL_LIMITS } from './structureFields.js'

/** Version of the model file, in its metadata. */
const MODEL_VERSION = 0

const ARRAYS: Record<TensorType, new (length: number) => Numbers> = {
  I8: Int8Array,
  U8: Uint8Array,
  I16: Int16Array,
  I32: Int32Array,
}

/**
 * Reads and proves a model. The hash is taken over the whole file.
 * @throws {DdncError} BadSignature, UnsupportedVersion, Truncated, Corrupt, LimitExceeded
 * @example const model = await readModel(await readFile('models/photo.ddnm'))
 */
export async function readModel(bytes: Uint8Array): Promise<Model> {
  if (bytes.length > MODEL_LIMITS.bytes) {
    throw new DdncError({
      tag: 'LimitExceeded',
      what: 'the size of the model',
      value: bytes.length,
      limit: MODEL_LIMITS.bytes,
    })
  }
  const { metadata, tensors } = readSafetensors(bytes)
  const stated = metadata['ddnm'] ?? ''
  const version = Number(stated)
  if (!/^(0|[1-9][0-9]{0,8})$/.test(stated)) {
    throw new DdncError({
      tag: 'BadSignature',
      what: 'a model (.ddnm)',
      found: 'a safetensors file without ddnm metadata',
    })
  }
  if (version !== MODEL_VERSION) {
    throw new DdncError({ tag: 'UnsupportedVersion', what: 'the model', version, supported: MODEL_VERSION })
  }
  const structure = checkStructure(parseStructure(metadata['structure']))
  // Copied: digest wants a view on a plain ArrayBuffer.
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
  const model = assembleModel(structure, pullFrom(tensors), hash)
  proveBounds(model)
  return model
}

/**
 * A model's file, the same bytes for equal parts. Nothing is proven here: read it back.
 * @param tensors by the names and in the shapes of SPEC 4.3
 * @param card free text for the metadata
 * @example await readModel(writeModel(structure, tensors, { about: 'untrained' }))
 */
export function writeModel(
  structure: Structure,
  tensors: ReadonlyMap<string, Tensor>,
  card: Readonly<Record<string, string>> = {},
): Uint8Array {
  return writeSafetensors({ ...card, ddnm: String(MODEL_VERSION), structure: canonicalJson(structure) }, tensors)
}

function pullFrom(tensors: ReadonlyMap<string, Tensor>): Pull {
  return (name, shape, types) => {
    const tensor = tensors.get(name)
    const where = `the model's tensor ${name}`
    if (!tensor) throw new DdncError({ tag: 'Corrupt', where, found: 'missing', allowed: `shape ${shape.join('×')}` })
    if (tensor.shape.join() !== shape.join()) {
      throw new DdncError({ tag: 'Corrupt', where, found: `shape ${tensor.shape.join('×')}`, allowed: shape.join('×') })
    }
    if (!types.some((type) => tensor.data instanceof ARRAYS[type])) {
      throw new DdncError({ tag: 'Corrupt', where, found: tensor.data.constructor.name, allowed: types.join(' or ') })
    }
    return tensor.data
  }
}

function parseStructure(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '')
  } catch (cause) {
    throw new DdncError(
      { tag: 'Corrupt', where: "the model's structure", found: 'no JSON', allowed: 'JSON' },
      { cause },
    )
  }
}

/** JSON with sorted keys and no spaces: equal structures are equal bytes. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}
