/** A model's numbers in the order in which the kernels read them; packed once, however many engines run the model. */
import { DdncError } from '../../errors.js'
import type { CellTables, Convolution, Numbers } from '../engine.js'

/** Outputs that a tile of the convolution makes at once. */
const TILE = 8
const MAX_K = 512
const MAX_LEAVES = 1024

export type PackedConvolution = Readonly<{
  /** [outputs / 8][run][pair][8 outputs × 2 inputs] int16; zeros where there is no output or input. */
  weights: Int16Array
  /** [outputs / 8][bias + half of 8][2^(30 − shift) of 8] int32 */
  constants: Int32Array
}>

export type PackedTables = Readonly<{
  /** [r][node][K / 4 rounded up][4 of bias + half; rank / 2 rounded up × (4 candidates × 2 numbers) int16] int32 */
  prior: Int32Array
  /** [r, rows] */
  u: Int16Array
  /** [r] */
  scaleBase: Int32Array
}>

/** half of 2^shift */
const half = (shift: number): number => (shift > 0 ? 2 ** (shift - 1) : 0)

const once = <Key extends object, Value>(make: (key: Key) => Value): ((key: Key) => Value) => {
  const made = new WeakMap<Key, Value>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}

/** @throws {DdncError} Corrupt if a weight is no int16, or a shift not 0…30 */
export const packConvolution = once((convolution: Convolution): PackedConvolution => {
  const { name, side, inputs, outputs, bias, shift } = convolution
  const weights = asInt16(convolution.weights, `weight of ${name}`)
  const runLength = side * inputs
  const pairs = Math.ceil(runLength / 4) * 2 // the kernel takes two pairs a step
  const tiles = Math.ceil(outputs / TILE)
  const packed = new Int16Array(tiles * side * pairs * TILE * 2)
  const packedPairs = new Int32Array(packed.buffer)
  const constants = new Int32Array(tiles * TILE * 2)
  for (let o = 0; o < outputs; o++) {
    const tile = Math.floor(o / TILE)
    const lane = o % TILE
    if (!(shift[o] >= 0 && shift[o] <= 30)) throw badNumber(`shift of ${name}`, shift[o], '0…30')
    constants[tile * TILE * 2 + lane] = bias[o] + half(shift[o])
    constants[tile * TILE * 2 + TILE + lane] = 2 ** (30 - shift[o])
    for (let run = 0; run < side; run++) {
      const from = (o * side + run) * runLength
      const to = (tile * side + run) * pairs * TILE + lane
      // Two inputs are one store, the first in the low half: this loop is a tenth of a small picture's time.
      const even = runLength & ~1
      for (let i = 0; i < even; i += 2) {
        packedPairs[to + (i >> 1) * TILE] = (weights[from + i + 1] << 16) | (weights[from + i] & 0xffff)
      }
      if (even < runLength) packedPairs[to + (even >> 1) * TILE] = weights[from + even] & 0xffff
    }
  }
  return { weights: packed, constants }
})

/** @throws {DdncError} Corrupt if u or the prior's table is no int16; LimitExceeded beyond K or leaves */
export const packTables = once((layer: CellTables): PackedTables => {
  const { K, leaves, rows, rank, priorBias, priorShift } = layer
  const priorTable = asInt16(layer.priorTable, 'prior table')
  // The kernels' buffers have this many places.
  checkLimit('K', K, MAX_K)
  checkLimit('leaves of a layer', leaves, MAX_LEAVES)
  const r = layer.end - layer.first
  const groups = Math.ceil(K / 4)
  const pairs = Math.ceil(rank / 2)
  const groupLength = 4 + 4 * pairs
  const prior = new Int32Array(((r * rows) / K) * groups * groupLength)
  const table = new Int16Array(prior.buffer)
  let group = 0
  for (let node = 0; node < r * rows; node += K) {
    for (let from = 0; from < K; from += 4, group += groupLength) {
      for (let lane = 0; lane < 4; lane++) {
        const row = node + Math.min(from + lane, K - 1) // the last candidate again, where there is no fourth
        prior[group + lane] = priorBias[row] + half(priorShift)
        for (let j = 0; j < rank; j++) {
          const at = (group + 4 + 4 * (j >> 1) + lane) * 2 + (j & 1)
          table[at] = priorTable[row * rank + j]
        }
      }
    }
  }
  return {
    prior,
    u: asInt16(layer.u, 'u'),
    scaleBase: new Int32Array(layer.scaleBase),
  }
})

function checkLimit(what: string, value: number, limit: number): void {
  if (value > limit) throw new DdncError({ tag: 'LimitExceeded', what, value, limit })
}

/** The same numbers in the one kind of array that the packing loops see: start-up time. */
function asInt16(numbers: Numbers, where: string): Int16Array {
  if (numbers instanceof Int16Array) return numbers
  const narrow = new Int16Array(numbers)
  if (numbers instanceof Int8Array) return narrow
  for (let i = 0; i < narrow.length; i++) if (narrow[i] !== numbers[i]) throw badNumber(where, numbers[i], 'int16')
  return narrow
}

const badNumber = (where: string, found: number, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where, found: String(found), allowed })
