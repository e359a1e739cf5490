/** Weights, bias and shifts of one convolution, rounded within the bounds of SPEC 4.5. */
import type { Convolution } from '../../engine/engine.js'
import { ACTIVATION_MAX } from '../../engine/limits.js'
import { corrupt } from '../../errors.js'
import { largestSum } from '../../network/bounds.js'
import type { Tensor } from '../../network/safetensors.js'
import type { Ranges } from './calibrate.js'

/** What rounding needs of the whole model, and where its results go. */
export type Context = Readonly<{
  tensors: Map<string, Tensor>
  ranges: Ranges
  /** Names of the convolutions whose input has a sign. */
  signed: ReadonlySet<string>
  /** Bits of a convolution's weights. */
  bits: (name: string) => 8 | 16
}>

/** Room above the calibrated ranges: what lies beyond is clipped, which costs quality and never correctness. */
export const MARGIN = 1.25

/** The same scale for all channels. */
export const scales = (channels: number, scale: number): Float64Array => new Float64Array(channels).fill(scale)

/**
 * Smallest shift that brings a convolution's calibrated input within the clip.
 * @param scale of the input before the shift
 */
export function inputShift({ ranges }: Context, { name }: Convolution, scale = 1): number {
  const most = (ranges.input.get(name) ?? 0) * MARGIN * scale
  return Math.max(0, Math.ceil(Math.log2(most / ACTIVATION_MAX)))
}

type Row = { weights: number[]; bias: number; shift: number }

/** One output: w·factor / inScale rounded, or null if a weight is above `most` or the largest sum out of bounds. */
function roundRow(
  convolution: Convolution,
  o: number,
  inScale: Float64Array,
  factor: number,
  most: number,
  shift: number,
  input: 'rectified' | 'signed',
): Row | null {
  const { inputs, side, weights, bias } = convolution
  const taps = side * side * inputs
  const rounded: number[] = []
  for (let i = 0; i < taps; i++) {
    const w = Math.round((weights[o * taps + i] * factor) / inScale[i % inputs])
    if (Math.abs(w) > most) return null
    rounded.push(w)
  }
  const roundedBias = Math.round(bias[o] * factor)
  const row = {
    ...convolution,
    outputs: 1,
    weights: Int32Array.from(rounded),
    bias: Float64Array.of(roundedBias),
    shift: Uint8Array.of(shift),
  }
  // 2^29 is Winograd's bound; 2^30 lies below all the other ones.
  const limit = side === 3 && most === 127 ? 2 ** 29 : 2 ** 30
  return largestSum(row, input, 0) < limit ? { weights: rounded, bias: roundedBias, shift } : null
}

/**
 * Outputs of a given scale: for each the largest shift, so the finest weights, that fits.
 * @param inScale [inputs]: integers of the input are that many times its numbers
 * @param outScale [outputs]: the same of the output
 * @throws {DdncError} Corrupt: no shift fits
 */
export function roundFixed(
  context: Context,
  convolution: Convolution,
  inScale: Float64Array,
  outScale: Float64Array = scales(convolution.outputs, 1),
): void {
  const most = weightLimit(context, convolution)
  const input = context.signed.has(convolution.name) ? 'signed' : 'rectified'
  const rows: Row[] = []
  for (let o = 0; o < convolution.outputs; o++) {
    let shift = 30
    let row: Row | null = null
    while (!(row = roundRow(convolution, o, inScale, outScale[o] * 2 ** shift, most, shift, input))) {
      if (--shift < 0)
        throw corrupt(`output ${o} of ${convolution.name}`, 'too large for any shift', 'sums within their bound')
    }
    rows.push(row)
  }
  store(context, convolution, rows)
}

/**
 * The same where nothing but a shift scales the input.
 * @returns the smallest that brings the input within the clip
 * @throws {DdncError} Corrupt: no shift of the outputs fits
 */
export function roundShifted(context: Context, convolution: Convolution): number {
  const shift = inputShift(context, convolution)
  roundFixed(context, convolution, scales(convolution.inputs, 2 ** -shift))
  return shift
}

/**
 * Outputs of any scale: weights over the whole range, the output's calibrated range over the clip.
 * @param inScale [inputs]: integers of the input are that many times its numbers
 * @returns [outputs]: the same of the output
 */
export function roundFree(context: Context, convolution: Convolution, inScale: Float64Array): Float64Array {
  const most = weightLimit(context, convolution)
  const { outputs, inputs, side, weights, name } = convolution
  const taps = side * side * inputs
  const range = context.ranges.output.get(name)!
  const outScale = new Float64Array(outputs)
  const rows: Row[] = []
  for (let o = 0; o < outputs; o++) {
    let largest = 1e-9
    for (let i = 0; i < taps; i++) largest = Math.max(largest, Math.abs(weights[o * taps + i]) / inScale[i % inputs])
    const wanted = ACTIVATION_MAX / (MARGIN * Math.max(range[o], 1e-9))
    let factor = most / largest
    for (;;) {
      // A channel that calibration saw nearly silent needs no more than its weights' own precision.
      const shift = Math.max(0, Math.min(30, Math.ceil(Math.log2(factor / wanted))))
      const row = roundRow(convolution, o, inScale, factor, most, shift, 'rectified')
      if (row) {
        rows.push(row)
        outScale[o] = factor / 2 ** shift
        break
      }
      factor *= 0.98
    }
  }
  store(context, convolution, rows)
  return outScale
}

const weightLimit = ({ bits }: Context, { name }: Convolution): number => (bits(name) === 8 ? 127 : 32767)

function store({ tensors, bits }: Context, { name, outputs, inputs, side }: Convolution, rows: readonly Row[]): void {
  const Weights = bits(name) === 8 ? Int8Array : Int16Array
  tensors.set(`${name}.weights`, {
    shape: [outputs, side, side, inputs],
    data: Weights.from(rows.flatMap((row) => row.weights)),
  })
  tensors.set(`${name}.bias`, { shape: [outputs], data: Int32Array.from(rows, (row) => row.bias) })
  tensors.set(`${name}.shift`, { shape: [outputs], data: Uint8Array.from(rows, (row) => row.shift) })
}
