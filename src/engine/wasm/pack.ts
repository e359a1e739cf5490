/** A model's numbers in the order in which the kernels read them; packed once, however many engines run the model. */
import { DdncError } from '../../errors.js'
import type { CellTables, Convolution, Numbers } from '../engine.js'
import { ACTIVATION_MAX } from '../limits.js'

/** Outputs that a tile of the convolution makes at once. */
const TILE = 8
const MAX_K = 512
const MAX_LEAVES = 1024

export type PackedConvolution = Readonly<{
  /** As in the convolution. A kernel orders them (assembly/pack.ts). */
  weights: Int8Array | Int16Array
  /** [outputs / 8][bias + half of 8][2^(30 − shift) of 8] int32 */
  constants: Int32Array
  /** Is it exact as a Winograd convolution of int16 (assembly/winograd.ts)? */
  winograd: boolean
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
const half = (shift: number): number => (1 << shift) >> 1 // shifts are 0…30

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
  const { name, side, outputs, bias, shift } = convolution
  const weights = asWeights(convolution.weights, `weight of ${name}`)
  const constants = new Int32Array(Math.ceil(outputs / TILE) * TILE * 2)
  for (let o = 0; o < outputs; o++) {
    const at = Math.floor(o / TILE) * TILE * 2 + (o % TILE)
    if (!(shift[o] >= 0 && shift[o] <= 30)) throw badNumber(`shift of ${name}`, shift[o], '0…30')
    constants[at] = bias[o] + half(shift[o])
    constants[at + TILE] = 1 << (30 - shift[o])
  }
  return { weights, constants, winograd: side === 3 && fitsWinograd({ ...convolution, weights }) }
})

/** Bytes of a convolution's weights as `packWeights` of assembly/pack.ts leaves them. */
export const packedBytes = ({ side, inputs, outputs }: Convolution): number =>
  Math.ceil(outputs / TILE) * side * Math.ceil((side * inputs) / 4) * 2 * TILE * 4

/** Nine of them, and less than two, fit in int16. */
const WINOGRAD_WEIGHT = 3640
/** Of y + bias + half: the kernel forms four times that. */
const WINOGRAD_SUM = 2 ** 29

/** Whatever the signs of inputs within ±ACTIVATION_MAX. The kernel's vectors hold four inputs or eight. */
function fitsWinograd({ inputs, outputs, weights, bias, shift }: Convolution): boolean {
  if (inputs % 4 !== 0) return false
  const taps = 9 * inputs
  for (let o = 0; o < outputs; o++) {
    let absolute = 0
    for (let i = o * taps; i < (o + 1) * taps; i++) {
      const w = Math.abs(weights[i])
      if (w > WINOGRAD_WEIGHT) return false
      absolute += w
    }
    if (ACTIVATION_MAX * absolute + Math.abs(bias[o]) + half(shift[o]) >= WINOGRAD_SUM) return false
  }
  return true
}

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

const asWeights = (numbers: Numbers, where: string): Int8Array | Int16Array =>
  numbers instanceof Int8Array ? numbers : asInt16(numbers, where)

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
