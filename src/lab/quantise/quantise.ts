/**
 * From float weights to an integer model (SPEC 4, 5): chooses every shift from the calibrated ranges, rounds, and
 * keeps each
 * sum within its bound. ReLU is positively homogeneous, so what lies between two convolutions may have any scale a
 * channel:
 * the first convolution uses the whole int8 range and the second one's weights take the scale back.
 */
import { ACTIVATION_MAX } from '../../engine/limits.js'
import type { Numbers } from '../../engine/engine.js'
import { largestSum } from '../../network/bounds.js'
import type { Block, Grid, Layer, Model } from '../../network/model.js'
import type { Convolution, Quadratic } from '../../engine/engine.js'
import type { Tensor } from '../../network/safetensors.js'
import type { BlockStructure, LayerStructure, Structure } from '../../network/structure.js'
import type { Ranges } from './calibrate.js'
import type { FloatModel } from './prototype.js'

export type QuantiseOptions = {
  /** Bits of a convolution's weights. */
  bits?: (name: string) => 8 | 16
}

/** Room above the calibrated ranges: what lies beyond is clipped, which costs quality and never correctness. */
const MARGIN = 1.25

/**
 * Blocks' 3×3 have 8 bits, which Winograd kernels need; so have the wide 1×1 outputs z and up, most of the remaining
 * bytes, where it costs nothing that can be measured. The others' outputs have a given scale and take 16.
 */
const defaultBits = (name: string): 8 | 16 => (/\.(hidden|z|up)$/.test(name) ? 8 : 16)

/** Structure and tensors of an integer model, for writeModel. */
export function quantise(
  { structure, model }: FloatModel,
  ranges: Ranges,
  options: QuantiseOptions = {},
): { structure: Structure; tensors: Map<string, Tensor> } {
  const tensors = new Map<string, Tensor>()
  const context: Context = { tensors, ranges, bits: options.bits ?? defaultBits }
  const one = (channels: number): Float64Array => new Float64Array(channels).fill(1)

  const coarse = gridOf(context, model.coarse, structure.coarse.layers)
  const entry = entryOf(context, model)
  const fine = gridOf(context, model.fine, structure.fine.layers)
  const closingShift = inputShift(context, model.closing.convolution)
  fixed(context, model.closing.convolution, constant(model.closing.convolution, 2 ** -closingShift), one(192))
  return {
    structure: {
      ...structure,
      coarse: { ...structure.coarse, layers: coarse },
      fine: { ...structure.fine, layers: fine },
      entry: { ...structure.entry, ...entry },
      closing: { inputShift: closingShift },
      cleanUp: structure.cleanUp && cleanUpOf(context, model, structure.cleanUp),
    },
    tensors,
  }
}

type Context = { tensors: Map<string, Tensor>; ranges: Ranges; bits: (name: string) => 8 | 16 }

/** Smallest shift that brings a convolution's calibrated input within the clip. */
function inputShift({ ranges }: Context, { name }: Convolution): number {
  const most = (ranges.input.get(name) ?? 0) * MARGIN
  return Math.max(0, Math.ceil(Math.log2(most / ACTIVATION_MAX)))
}

const constant = ({ inputs }: Convolution, scale: number): Float64Array => new Float64Array(inputs).fill(scale)

function gridOf(context: Context, grid: Grid, layers: readonly LayerStructure[]): LayerStructure[] {
  context.tensors.set(`${grid.name}.order`, { shape: [grid.order.length], data: grid.order })
  quadraticOf(context, grid.start)
  return grid.layers.map((layer, i) => layerOf(context, layer, layers[i]))
}

function layerOf(context: Context, layer: Layer, structure: LayerStructure): LayerStructure {
  const { name, rows, rank } = layer
  const r = layer.end - layer.first
  const put = (tensor: string, shape: number[], data: Numbers): void =>
    void context.tensors.set(`${name}.${tensor}`, { shape, data })
  const block = blockOf(context, layer.block, structure.block)

  quadraticOf(context, layer.headLambda)
  const headShift = inputShift(context, layer.z)
  const input = constant(layer.z, 2 ** -headShift)
  const zScale = free(context, layer.z, input)
  const { table, bias, shift } = priorOf(layer, zScale)
  put('priorTable', [r, rows, rank], table)
  put('priorBias', [r, rows], bias)

  quadraticOf(context, layer.scaleLambda)
  const base = Int16Array.from(layer.scaleBase, Math.round)
  put('scaleBase', [r], base)
  // What rounding took from the base goes to the head's bias.
  const headBias = Float32Array.from(layer.meanScale.bias)
  for (let c = 0; c < r; c++) headBias[r + c] += layer.scaleBase[c] - base[c]
  fixed(context, { ...layer.meanScale, bias: headBias }, input, new Float64Array(2 * r).fill(1))
  put('u', [r, rows], Int16Array.from(layer.u, Math.round))
  fixed(context, layer.feedback, constant(layer.feedback, 1), new Float64Array(layer.feedback.outputs).fill(1))
  return { ...structure, block, headShift, priorShift: shift }
}

function blockOf(context: Context, { lambda, hidden, output }: Block, structure: BlockStructure): BlockStructure {
  if (lambda) quadraticOf(context, lambda)
  const shift = inputShift(context, hidden)
  const hiddenScale = free(context, hidden, constant(hidden, 2 ** -shift))
  fixed(context, output, hiddenScale, new Float64Array(output.outputs).fill(1))
  return { ...structure, inputShift: shift }
}

function entryOf(context: Context, { entry }: Model): { lowShift: number; upShift: number } {
  const one = (channels: number): Float64Array => new Float64Array(channels).fill(1)
  const lowShift = inputShift(context, entry.low)
  fixed(context, entry.low, constant(entry.low, 2 ** -lowShift), one(entry.low.outputs))
  const upShift = inputShift(context, entry.up)
  // The 64 outputs of a channel are positions of one plane and share its scale.
  const most = context.ranges.output.get(entry.up.name)!
  const scale = Float64Array.from({ length: entry.mix.inputs }, (_, m) => {
    return ACTIVATION_MAX / (MARGIN * Math.max(...most.subarray(64 * m, 64 * m + 64), 1e-9))
  })
  fixed(
    context,
    entry.up,
    constant(entry.up, 2 ** -upShift),
    Float64Array.from(most, (_, o) => scale[o >> 6]),
  )
  fixed(context, entry.mix, scale, one(entry.mix.outputs))
  return { lowShift, upShift }
}

function cleanUpOf(
  context: Context,
  model: Model,
  structure: NonNullable<Structure['cleanUp']>,
): NonNullable<Structure['cleanUp']> {
  const { fromTrunk, fromPicture, block, output } = model.cleanUp!
  const one = (channels: number): Float64Array => new Float64Array(channels).fill(1)
  const [trunkShift, pictureShift, outputShift] = [fromTrunk, fromPicture, output].map((convolution) => {
    const shift = inputShift(context, convolution)
    fixed(context, convolution, constant(convolution, 2 ** -shift), one(convolution.outputs))
    return shift
  })
  return { ...structure, trunkShift, pictureShift, block: blockOf(context, block, structure.block), outputShift }
}

/** Coefficients with 16 fractional bits. */
function quadraticOf({ tensors }: Context, { name, channels, coefficients }: Quadratic): void {
  tensors.set(name, { shape: [3, channels], data: Int32Array.from(coefficients, (a) => Math.round(a * 65536)) })
}

/** Table and bias of the prior, with the largest shift whose sums stay below 2^31. */
function priorOf(
  { name, rows, rank, priorTable, priorBias }: Layer,
  zScale: Float64Array,
): { table: Int16Array; bias: Int32Array; shift: number } {
  for (let shift = 24; shift >= 1; shift--) {
    const scaleOf = (i: number): number => 2 ** shift / zScale[Math.floor(i / (rows * rank)) * rank + (i % rank)]
    const table = Array.from(priorTable, (t, i) => Math.round(t * scaleOf(i)))
    const bias = Array.from(priorBias, (b) => Math.round(b * 2 ** shift))
    const fits = bias.every((b, row) => {
      let sum = 0
      for (let j = 0; j < rank; j++) {
        const t = Math.abs(table[row * rank + j])
        if (t > 32767) return false
        sum += t
      }
      return ACTIVATION_MAX * sum + Math.abs(b) + 2 ** (shift - 1) < 2 ** 31
    })
    if (fits) return { table: Int16Array.from(table), bias: Int32Array.from(bias), shift }
  }
  throw new RangeError(`${name}: the prior's table has no shift that fits`)
}

/**
 * Rounded weights of one output: w·2^shift·outScale / inScale, or null if they, or their largest sum, are out of range.
 */
type Rounded = { weights: number[]; bias: number }

function roundRow(
  convolution: Convolution,
  o: number,
  inScale: Float64Array,
  factor: number,
  most: number,
  shift: number,
  input: 'rectified' | 'signed',
): Rounded | null {
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
  const limit = side === 3 && most === 127 ? 2 ** 29 : 2 ** 30
  return largestSum(row, input, 0) < limit ? { weights: rounded, bias: roundedBias } : null
}

/** An output of given scale: the largest shift, so the finest weights, that fits. */
function fixed(context: Context, convolution: Convolution, inScale: Float64Array, outScale: Float64Array): void {
  const most = weightLimit(context, convolution)
  const input = /low|mix|fromPicture|feedback/.test(convolution.name) ? 'signed' : 'rectified'
  const rows: (Rounded & { shift: number })[] = []
  for (let o = 0; o < convolution.outputs; o++) {
    let shift = 30
    let row: Rounded | null = null
    while (!(row = roundRow(convolution, o, inScale, outScale[o] * 2 ** shift, most, shift, input))) {
      if (--shift < 0) throw new RangeError(`${convolution.name}: output ${o} has no shift that fits`)
    }
    rows.push({ ...row, shift })
  }
  store(context, convolution, rows)
}

/**
 * An output of any scale: weights over the whole range, the output's calibrated range over the clip. @returns its
 * scales
 */
function free(context: Context, convolution: Convolution, inScale: Float64Array): Float64Array {
  const most = weightLimit(context, convolution)
  const { outputs, inputs, side, weights, name } = convolution
  const taps = side * side * inputs
  const range = context.ranges.output.get(name)!
  const scales = new Float64Array(outputs)
  const rows: (Rounded & { shift: number })[] = []
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
        rows.push({ ...row, shift })
        scales[o] = factor / 2 ** shift
        break
      }
      factor *= 0.98
    }
  }
  store(context, convolution, rows)
  return scales
}

const weightLimit = ({ bits }: Context, { name }: Convolution): number => (bits(name) === 8 ? 127 : 32767)

function store(
  { tensors, bits }: Context,
  { name, outputs, inputs, side }: Convolution,
  rows: readonly (Rounded & { shift: number })[],
): void {
  const Weights = bits(name) === 8 ? Int8Array : Int16Array
  tensors.set(`${name}.weights`, {
    shape: [outputs, side, side, inputs],
    data: Weights.from(rows.flatMap((row) => row.weights)),
  })
  tensors.set(`${name}.bias`, { shape: [outputs], data: Int32Array.from(rows, (row) => row.bias) })
  tensors.set(`${name}.shift`, { shape: [outputs], data: Uint8Array.from(rows, (row) => row.shift) })
}
