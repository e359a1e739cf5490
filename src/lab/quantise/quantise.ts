/**
 * From float weights to an integer model (SPEC 4, 5): chooses every shift from the calibrated ranges, rounds, and keeps
 * each sum within its bound. ReLU is positively homogeneous, so what lies between two convolutions may have any scale a
 * channel: the first convolution uses the whole int8 range and the second one's weights take the scale back.
 */
import type { Numbers, Quadratic } from '../../engine/engine.js'
import { ACTIVATION_MAX } from '../../engine/limits.js'
import { corrupt } from '../../errors.js'
import { convolutionsOf } from '../../network/assemble.js'
import type { Block, CellGridModel, Grid, Layer, Model } from '../../network/model.js'
import type { Tensor } from '../../network/safetensors.js'
import type { CellGridStructure, LayerStructure } from '../../network/structure.js'
import type { BlockStructure } from '../../network/structureFields.js'
import type { Ranges } from './calibrate.js'
import type { FloatModel } from './prototype.js'
import { inputShift, MARGIN, roundFixed, roundFree, roundShifted, scales, type Context } from './roundConvolution.js'

export type QuantiseOptions = {
  /** Bits of a convolution's weights. */
  bits?: (name: string) => 8 | 16
}

/**
 * Blocks' 3×3 have 8 bits, which Winograd kernels need; so have the wide 1×1 outputs z and up, most of the remaining
 * bytes, where it costs nothing that can be measured. The others' outputs have a given scale and take 16.
 */
export const defaultBits = (name: string): 8 | 16 => (/\.(hidden|z|up)$/.test(name) ? 8 : 16)

/**
 * Structure and tensors of an integer model, for writeModel.
 * @param ranges of the same model, by `calibrate`
 * @throws {DdncError} Corrupt if numbers of the model fit no shift
 * @example const { structure, tensors } = quantise(float, calibrate(float.model, pictures))
 */
export function quantise(
  { structure, model }: FloatModel,
  ranges: Ranges,
  options: QuantiseOptions = {},
): { structure: CellGridStructure; tensors: Map<string, Tensor> } {
  const context = contextOf(model, ranges, options)
  const coarse = gridOf(context, model.coarse, structure.coarse.layers)
  const entry = entryOf(context, model)
  const fine = gridOf(context, model.fine, structure.fine.layers)
  const closing = roundShifted(context, model.closing.convolution)
  return {
    structure: {
      ...structure,
      coarse: { ...structure.coarse, layers: coarse },
      fine: { ...structure.fine, layers: fine },
      entry: { ...structure.entry, ...entry },
      closing: { inputShift: closing },
      cleanUp: structure.cleanUp && cleanUpOf(context, model, structure.cleanUp),
    },
    tensors: context.tensors,
  }
}

/** An empty model, and what rounding needs of the float one. */
export function contextOf(model: Model, ranges: Ranges, { bits = defaultBits }: QuantiseOptions): Context {
  const signed = convolutionsOf(model).flatMap(({ convolution, input }) => (input === 'signed' ? convolution.name : []))
  return { tensors: new Map(), ranges, signed: new Set(signed), bits }
}

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
  const input = scales(layer.z.inputs, 2 ** -headShift)
  const zScale = roundFree(context, layer.z, input)
  const { table, bias, shift } = priorOf(layer, zScale)
  put('priorTable', [r, rows, rank], table)
  put('priorBias', [r, rows], bias)

  quadraticOf(context, layer.scaleLambda)
  const base = rounded(Int16Array, `${name}.scaleBase`, layer.scaleBase)
  put('scaleBase', [r], base)
  // What rounding took from the base goes to the head's bias.
  const headBias = Float32Array.from(layer.meanScale.bias)
  for (let c = 0; c < r; c++) headBias[r + c] += layer.scaleBase[c] - base[c]
  roundFixed(context, { ...layer.meanScale, bias: headBias }, input)
  put('u', [r, rows], rounded(Int16Array, `${name}.u`, layer.u))
  roundFixed(context, layer.feedback, scales(layer.feedback.inputs, 1))
  return { ...structure, block, headShift, priorShift: shift }
}

export function blockOf(
  context: Context,
  { lambda, hidden, output }: Block,
  structure: BlockStructure,
): BlockStructure {
  if (lambda) quadraticOf(context, lambda)
  const shift = inputShift(context, hidden)
  const hiddenScale = roundFree(context, hidden, scales(hidden.inputs, 2 ** -shift))
  roundFixed(context, output, hiddenScale)
  return { ...structure, inputShift: shift }
}

function entryOf(context: Context, { entry }: CellGridModel): { lowShift: number; upShift: number } {
  const lowShift = roundShifted(context, entry.low)
  const upShift = inputShift(context, entry.up)
  // The 64 outputs of a channel are positions of one plane and share its scale.
  const most = context.ranges.output.get(entry.up.name)!
  const scale = Float64Array.from({ length: entry.mix.inputs }, (_, m) => {
    return ACTIVATION_MAX / (MARGIN * Math.max(...most.subarray(64 * m, 64 * m + 64), 1e-9))
  })
  const upScale = Float64Array.from(most, (_, o) => scale[o >> 6])
  roundFixed(context, entry.up, scales(entry.up.inputs, 2 ** -upShift), upScale)
  roundFixed(context, entry.mix, scale)
  return { lowShift, upShift }
}

function cleanUpOf(
  context: Context,
  model: CellGridModel,
  structure: NonNullable<CellGridStructure['cleanUp']>,
): NonNullable<CellGridStructure['cleanUp']> {
  const { fromTrunk, fromPicture, block, output } = model.cleanUp!
  const [trunkShift, pictureShift, outputShift] = [fromTrunk, fromPicture, output].map((convolution) =>
    roundShifted(context, convolution),
  )
  return { ...structure, trunkShift, pictureShift, block: blockOf(context, block, structure.block), outputShift }
}

/** Coefficients with 16 fractional bits. */
function quadraticOf({ tensors }: Context, { name, channels, coefficients }: Quadratic): void {
  tensors.set(name, { shape: [3, channels], data: rounded(Int32Array, name, coefficients, 65536) })
}

/**
 * Whole numbers of a tensor whose scale is given, which typed arrays alone would wrap.
 * @throws {DdncError} Corrupt: one is too large for the type
 */
export function rounded<Type extends typeof Int16Array | typeof Int32Array>(
  Type: Type,
  name: string,
  numbers: Numbers,
  scale = 1,
): InstanceType<Type> {
  const whole = Float64Array.from(numbers, (x) => Math.round(x * scale))
  const out = Type.from(whole)
  const bad = whole.findIndex((x, i) => x !== out[i])
  if (bad >= 0) throw corrupt(`tensor ${name}`, `${numbers[bad]}`, `what fits ${Type.name} times ${scale}`)
  return out as InstanceType<Type>
}

/** Table and bias of the prior, with the largest shift whose sums stay below 2^31. */
export function priorOf(
  { name, rows, rank, priorTable, priorBias }: Pick<Layer, 'name' | 'rows' | 'rank' | 'priorTable' | 'priorBias'>,
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
  throw corrupt(`the prior of ${name}`, 'too large for any shift', 'sums below 2^31')
}
