/**
 * The memory of one instance: kernels' buffers, constants and scratch, then the workspace, then a guard.
 * Vector loads may read up to a tile beyond an array: what they find there is never used, and behind the last array
 * lies the guard. Stores never leave an array.
 */
import { DdncError } from '../../errors.js'
import type { Kind, Numbers } from '../engine.js'

const PAGE = 65536
/** WebAssembly addresses have 32 bits. */
const LIMIT = 2 ** 32 - PAGE
const ALIGNMENT = 16

const ARRAYS = { int16: Int16Array, int32: Int32Array, uint16: Uint16Array } as const

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

export type Memory = Readonly<{
  /** Copies constants behind those before; returns their address. Not after the first workspace. */
  place(data: ArrayBufferView): number
  /** The same for bytes that kernels use among themselves. */
  reserve(bytes: number): number
  /** Copies what a kernel makes constants of; gone with the next constants. */
  stage(data: ArrayBufferView): number
  /** Zero-filled arrays behind the constants; those of the last call become invalid. */
  workspace<Name extends string>(sizes: Readonly<Record<Name, readonly [Kind, number]>>): Record<Name, Numbers>
  /** Address of an array of the workspace that has at least `length` elements of 2 bytes, or as many as are given. */
  address(array: Numbers, length: number, what: string, elementBytes?: number): number
  /** Is it an array of the workspace? */
  holds(array: Numbers): boolean
}>

/**
 * @param first byte that is free
 * @param guard bytes that loads may read behind the last array
 */
export function createMemory(memory: WebAssembly.Memory, first: number, guard: number): Memory {
  let constantsEnd = aligned(first)

  /** Makes [0, end) and the guard exist; returns where the memory ended before. */
  function exist(end: number): number {
    const before = memory.buffer.byteLength
    const bytes = end + guard
    if (bytes > LIMIT) throw tooLarge(bytes)
    if (bytes > before) {
      try {
        memory.grow(Math.ceil((bytes - before) / PAGE))
      } catch (cause) {
        throw tooLarge(bytes, cause)
      }
    }
    return before
  }

  const holds = (array: Numbers): boolean => array.buffer === memory.buffer

  function reserve(bytes: number): number {
    const address = constantsEnd
    constantsEnd = aligned(address + bytes)
    exist(constantsEnd)
    return address
  }

  function write(data: ArrayBufferView, address: number): number {
    new Uint8Array(memory.buffer, address).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    return address
  }

  return {
    holds,
    reserve,
    place: (data) => write(data, reserve(data.byteLength)),

    stage(data) {
      exist(constantsEnd + data.byteLength)
      return write(data, constantsEnd)
    },

    workspace<Name extends string>(sizes: Readonly<Record<Name, readonly [Kind, number]>>) {
      let end = constantsEnd
      const starts = new Map<Name, number>()
      for (const name in sizes) {
        const [kind, length] = sizes[name]
        starts.set(name, end)
        end = aligned(end + length * ARRAYS[kind].BYTES_PER_ELEMENT)
      }
      const before = exist(end)
      // What lies behind the former end is new and zero.
      const used = Math.min(end, before) - constantsEnd
      if (used > 0) new Uint8Array(memory.buffer, constantsEnd, used).fill(0)
      const arrays = {} as Record<Name, Numbers>
      for (const [name, start] of starts) {
        const [kind, length] = sizes[name]
        arrays[name] = new ARRAYS[kind](memory.buffer, start, length)
      }
      return arrays
    },

    address(array, length, what, elementBytes = 2) {
      if (!holds(array)) {
        const allowed = "one of the engine's latest workspace"
        throw new DdncError({ tag: 'BadOption', option: what, found: 'an array from elsewhere', allowed })
      }
      if (array.BYTES_PER_ELEMENT !== elementBytes) {
        const found = `${array.BYTES_PER_ELEMENT} bytes`
        throw new DdncError({ tag: 'BadOption', option: `element of ${what}`, found, allowed: `${elementBytes} bytes` })
      }
      if (array.length < length) {
        const found = String(array.length)
        throw new DdncError({ tag: 'BadOption', option: `length of ${what}`, found, allowed: `${length} or more` })
      }
      return array.byteOffset
    },
  }
}

const tooLarge = (value: number, cause?: unknown): DdncError =>
  new DdncError({ tag: 'LimitExceeded', what: 'memory of the WASM engine in bytes', value, limit: LIMIT }, { cause })
