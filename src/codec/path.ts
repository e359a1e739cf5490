/** A path of whole-image choices as a stream and as text (SPEC 9.1): exactly ceil(L·log2 K) bits. */
import { DdncError } from '../errors.js'
import { packPath, pathBits, unpackPath } from '../format/plain.js'
import { WHOLE_LIMITS } from '../network/wholeStructure.js'
import type { Sink, Source } from './streams.js'

/**
 * Packs choices once all are told.
 * @example const sink = pathSink(model.K)
 *   recording(nearest(target), sink.listen)
 */
export function pathSink(K: number): Sink {
  const path: number[] = []
  return {
    listen: (_, { leaves }) => void path.push(leaves[0]),
    finish: () => ({ data: packPath(path, K), bits: pathBits(K, path.length), escapes: 0 }),
  }
}

/**
 * Reads a path. Where it is cut, the choices that the bytes determine are taken and the walk ends behind them (SPEC 9.3).
 * @param choices that the file says it holds
 * @throws {DdncError} Truncated, Corrupt
 */
export function pathSource(data: Uint8Array, complete: boolean, K: number, choices: number): Source {
  const bytes = complete ? data : withoutTail(data, pathBits(K, choices))
  const path = unpackPath(bytes, K, choices, { partial: !complete })
  let read = 0
  return {
    empty: path.length === 0,
    next(_, chosen) {
      chosen.leaves[0] = path[read++]
      chosen.last = read === path.length
    },
  }
}

/** What a cut stream has behind its last choice is ignored. @param bits of the whole path */
function withoutTail(data: Uint8Array, bits: number): Uint8Array {
  const size = Math.ceil(bits / 8)
  if (data.length < size) return data
  const whole = data.slice(0, size)
  if (size > 0) whole[size - 1] &= 255 << (8 * size - bits)
  return whole
}

/**
 * A path as text, one character a bit.
 * @param path choices, each 0…K − 1
 * @returns ceil(L·log2 K) characters, 0 and 1
 * @throws {DdncError} BadOption for a choice or a K out of range
 * @example bitsOfPath([1, 2, 2, 2], 3) // '0110101'
 */
export function bitsOfPath(path: ArrayLike<number>, K: number): string {
  const text = Array.from(packPath(path, K), (byte) => byte.toString(2).padStart(8, '0')).join('')
  return text.slice(0, pathBits(K, path.length))
}

/**
 * The inverse: how many choices there are follows from how many bits.
 * @param bits 0 and 1
 * @returns the path, of 0…255 choices
 * @throws {DdncError} BadOption: other characters, a number of bits that no path has, or a number of K^L or more
 * @example pathOfBits('0110101', 3) // [1, 2, 2, 2]
 */
export function pathOfBits(bits: string, K: number): Uint16Array {
  const bad = (found: string, allowed: string): DdncError =>
    new DdncError({ tag: 'BadOption', option: 'path', found, allowed })
  if (!/^[01]*$/.test(bits)) throw bad(`"${bits.slice(0, 40)}"`, 'bits, 0 and 1')
  let length = 0
  while (length < WHOLE_LIMITS.choices && pathBits(K, length) < bits.length) length++
  const expected = pathBits(K, length)
  if (expected !== bits.length) {
    const nearest = length === 0 ? [0] : [pathBits(K, length - 1), expected]
    throw bad(`${bits.length} bits long`, `as long as a path among ${K}, such as ${nearest.join(' or ')} bits`)
  }
  const bytes = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    Number.parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2),
  )
  try {
    return unpackPath(bytes, K, length)
  } catch (cause) {
    if (cause instanceof DdncError && cause.fault.tag === 'Corrupt')
      throw bad(`${K}^${length} or more as a number`, `less than ${K}^${length}`)
    throw cause
  }
}
