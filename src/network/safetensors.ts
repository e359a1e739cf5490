/** safetensors: a length, a JSON header, tensors. Read with every offset checked, written canonically (SPEC 4.1). */
import { DdncError } from '../errors.js'
import type { Numbers } from '../engine/engine.js'

export type Tensor = Readonly<{ shape: readonly number[]; data: Numbers }>
export type TensorFile = Readonly<{ metadata: Readonly<Record<string, string>>; tensors: ReadonlyMap<string, Tensor> }>

const TYPES = {
  I8: Int8Array,
  U8: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  I32: Int32Array,
  F32: Float32Array,
} as const
type TypeName = keyof typeof TYPES

/** Longest JSON header. */
const MAX_HEADER = 1 << 20
/** Most tensors in a file. */
export const MAX_TENSORS = 4096

const corrupt = (where: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where, found, allowed })

/**
 * @param bytes a whole file; tensors are copied out of it (its offsets need no alignment)
 * @throws {DdncError} BadSignature, Truncated, Corrupt, LimitExceeded
 * @example readSafetensors(writeSafetensors({}, new Map())).tensors.size // 0
 */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  // The length, and the first byte of the header, which has one byte at least.
  if (bytes.length < 9) throw new DdncError({ tag: 'Truncated', where: 'the model', needed: 9, have: bytes.length })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0, true)
  if (view.getUint32(4, true) !== 0 || length === 0 || length > MAX_HEADER || bytes[8] !== 0x7b) {
    throw new DdncError({
      tag: 'BadSignature',
      what: 'a model (.ddnm, a safetensors file)',
      found: hex(bytes.subarray(0, 9)),
    })
  }
  if (bytes.length < 8 + length) {
    throw new DdncError({ tag: 'Truncated', where: "the model's header", needed: 8 + length, have: bytes.length })
  }
  const header = parse(bytes.subarray(8, 8 + length))
  const data = bytes.subarray(8 + length)
  const tensors = new Map<string, Tensor>()
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  if (entries.length > MAX_TENSORS) {
    throw new DdncError({
      tag: 'LimitExceeded',
      what: 'the number of tensors',
      value: entries.length,
      limit: MAX_TENSORS,
    })
  }
  // What is copied is bounded by the file: tensors that overlap could claim it again and again.
  let copied = 0
  for (const [name, entry] of entries) {
    const tensor = readTensor(name, entry, data, data.length - copied)
    copied += tensor.data.byteLength
    tensors.set(name, tensor)
  }
  return { metadata: readMetadata(header['__metadata__']), tensors }
}

function parse(json: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>
  } catch (cause) {
    throw new DdncError({ tag: 'Corrupt', where: "the model's header", found: 'no JSON', allowed: 'JSON' }, { cause })
  }
  throw corrupt("the model's header", 'no object', 'a JSON object')
}

/** @param most bytes that tensors before this one have left of the data */
function readTensor(name: string, entry: unknown, data: Uint8Array, most: number): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
  const where = `tensor ${name.length > 60 ? `${name.slice(0, 60)}…` : name}`
  if (typeof dtype !== 'string' || !Object.hasOwn(TYPES, dtype))
    throw corrupt(
      where,
      typeof dtype === 'string' ? `type ${dtype.slice(0, 20)}` : 'without a type',
      Object.keys(TYPES).join(', '),
    )
  const isCount = (x: unknown): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isCount))
    throw corrupt(where, 'a bad shape', 'up to 8 sizes')
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw corrupt(where, 'bad offsets', 'two offsets')
  const Type = TYPES[dtype as TypeName]
  const count = shape.reduce((a: number, b: number) => a * b, 1)
  const [from, to] = offsets as [number, number]
  if (to - from !== count * Type.BYTES_PER_ELEMENT)
    throw corrupt(where, `${to - from} bytes`, `${count * Type.BYTES_PER_ELEMENT}`)
  if (to > data.length) throw new DdncError({ tag: 'Truncated', where, needed: to, have: data.length })
  if (to - from > most) throw corrupt(where, 'bytes of other tensors too', 'bytes of its own')
  // Copied (a Buffer's own slice would not), so the view is aligned: the machines that JavaScript runs on are little-
  // endian, as the format is.
  return { shape: shape as number[], data: new Type(new Uint8Array(data.subarray(from, to)).buffer) }
}

function readMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {}
  if (
    typeof metadata !== 'object' ||
    metadata === null ||
    !Object.values(metadata).every((v) => typeof v === 'string')
  ) {
    throw corrupt("the model's metadata", 'no map of strings', 'a map of strings')
  }
  return metadata as Record<string, string>
}

/** Tensors in the order of their names, each aligned to its element size, header padded with spaces to 8 bytes. */
export function writeSafetensors(
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, Tensor>,
): Uint8Array {
  const typeOf = (data: Numbers): TypeName =>
    (Object.keys(TYPES) as TypeName[]).find((type) => data instanceof TYPES[type])!
  // Wide elements first keeps every tensor aligned without gaps, which safetensors does not allow.
  const names = [...tensors.keys()].sort(
    (a, b) => tensors.get(b)!.data.BYTES_PER_ELEMENT - tensors.get(a)!.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  )
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const name of names) {
    const { data, shape } = tensors.get(name)!
    header[name] = { dtype: typeOf(data), shape, data_offsets: [offset, (offset += data.byteLength)] }
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded)
  new DataView(out.buffer).setUint32(0, padded, true)
  out.set(json, 8)
  offset = 8 + padded
  for (const name of names) {
    const { data } = tensors.get(name)!
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return out
}

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ')
