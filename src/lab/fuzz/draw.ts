/** Where fuzzing takes its decisions from: integers, be they of a seed or of a property that can be shrunk. */
import { joinBytes } from '../../format/bytes.js'
import { uniformFrom } from '../../network/uniform.js'

/**
 * An integer 0…most, most < 2^32.
 * @example draw(5) // as a die, less one
 */
export type Draw = (most: number) => number

/**
 * The draws of one execution. Equal arguments, equal draws: any execution can be had again by itself.
 * @param index number of the execution
 * @example const draw = drawsOf(1, 4711)
 */
export function drawsOf(seed: number, index: number): Draw {
  // Odd factors: no two executions of a seed begin alike.
  const uniform = uniformFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b))
  return (most) => Math.floor(uniform() * (most + 1))
}

/** @param list not empty */
export const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length - 1)]

/** True once in so many times. */
export const once = (draw: Draw, times: number): boolean => draw(times - 1) === 0

export const bytesOf = (draw: Draw, most: number): Uint8Array =>
  Uint8Array.from({ length: draw(most) }, () => draw(255))

/** Numbers at which fields, limits and their representations end. */
const EDGES = [0, 1, 2, 7, 63, 64, 127, 128, 255, 256, 2 ** 14 - 1, 2 ** 14, 2 ** 15, 2 ** 16 - 1, 2 ** 16].concat(
  [20, 21, 22, 24, 26, 28, 31].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]),
  [2 ** 32 - 2, 2 ** 32 - 1],
)

/** 0…2^32 − 1: mostly small, or at an edge. */
export function anyNumber(draw: Draw): number {
  if (once(draw, 3)) return pick(draw, EDGES)
  return draw(once(draw, 3) ? 2 ** 32 - 1 : 300)
}

/**
 * One to four changes: bits, bytes, what is cut off, left out, doubled, put in, or taken from elsewhere.
 * @returns other bytes; never longer by more than 64
 */
export function changed(draw: Draw, bytes: Uint8Array): Uint8Array {
  let out: Uint8Array = bytes.slice()
  for (let count = 1 + draw(3); count > 0; count--) out = changedOnce(draw, out)
  return out
}

function changedOnce(draw: Draw, bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const at = draw(length)
  const to = Math.min(length, at + 1 + draw(15))
  switch (length === 0 ? 4 : draw(7)) {
    case 0:
      bytes[Math.min(at, length - 1)] ^= 1 << draw(7)
      return bytes
    case 1:
      bytes[Math.min(at, length - 1)] = pick(draw, [0, 1, 127, 128, 254, 255, draw(255)])
      return bytes
    case 2:
      return bytes.slice(0, at)
    case 3:
      return joinBytes([bytes.subarray(0, at), bytes.subarray(to)])
    case 4:
      return joinBytes([bytes.subarray(0, at), bytesOf(draw, 15), bytes.subarray(at)])
    case 5:
      return joinBytes([bytes.subarray(0, to), bytes.subarray(at, to), bytes.subarray(to)])
    case 6:
      bytes.copyWithin(draw(length - 1), at, to)
      return bytes
    default:
      return written(draw, bytes, at)
  }
}

/** A number of one, two or four bytes, of either order. */
function written(draw: Draw, bytes: Uint8Array, at: number): Uint8Array {
  const number = anyNumber(draw)
  const size = pick(draw, [1, 2, 4])
  const little = draw(1) === 1
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = number >>> (8 * (little ? i : size - 1 - i))
  return bytes
}
