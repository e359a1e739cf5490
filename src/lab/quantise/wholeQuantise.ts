/** From float weights to an integer model of whole images (SPEC 4.6): the rules of quantise.ts on another network. */
import type { Numbers } from '../../engine/engine.js'
import type { Block } from '../../network/model.js'
import type { Tensor } from '../../network/safetensors.js'
import type { BlockStructure } from '../../network/structureFields.js'
import type { Level, Stage, WholeImageModel, WholeLayer } from '../../network/wholeModel.js'
import type {
  LevelStructure,
  StageStructure,
  WholeImageStructure,
  WholeLayerStructure,
} from '../../network/wholeStructure.js'
import type { Ranges } from './calibrate.js'
import { blockOf, contextOf, priorOf, rounded, type QuantiseOptions } from './quantise.js'
import { inputShift, roundFixed, roundFree, roundShifted, scales, type Context } from './roundConvolution.js'
import type { FloatWholeModel } from './wholeFloat.js'

/**
 * Structure and tensors of an integer model, for writeModel.
 * @param ranges of the same model, by `calibrateWhole`
 * @throws {DdncError} Corrupt if numbers of the model fit no shift
 * @example const { structure, tensors } = quantiseWhole(float, calibrateWhole(float.model, pictures))
 */
export function quantiseWhole(
  { structure, model }: FloatWholeModel,
  ranges: Ranges,
  options: QuantiseOptions = {},
): { structure: WholeImageStructure; tensors: Map<string, Tensor> } {
  const context = contextOf(model, ranges, options)
  const stages = structure.whole.stages.map((stage, j) => stageOf(context, model, model.stages[j], stage))
  return { structure: { ...structure, whole: { ...structure.whole, stages } }, tensors: context.tensors }
}

function stageOf(
  context: Context,
  model: WholeImageModel,
  { name, size, channels, start, entry, classes, recurrence, layers }: Stage,
  structure: StageStructure,
): StageStructure {
  const trunk = (of: string, shape: number[], data: Numbers): void =>
    void context.tensors.set(`${name}.${of}`, { shape, data: rounded(Int16Array, `${name}.${of}`, data) })
  if (start) trunk('start', [size.width * size.height, channels], start)
  if (classes) trunk('class', [model.classes, channels], classes)
  if (recurrence) trunk('step', [structure.steps, channels], recurrence.steps)
  return {
    ...structure,
    upShift: entry ? roundShifted(context, entry.up) : structure.upShift,
    carryShift: recurrence ? roundShifted(context, recurrence.carry) : structure.carryShift,
    layers: layers.map((layer, i) => layerOf(context, layer, structure.layers[i])),
  }
}

function layerOf(
  context: Context,
  { name, levels, candidates, cell, z, feedback }: WholeLayer,
  structure: WholeLayerStructure,
): WholeLayerStructure {
  const { K, rank } = cell
  const own = levels.map((level, d) => levelOf(context, level, structure.levels[d]))
  const headShift = roundShifted(context, candidates)
  // Pictures and leaks come in the units that they have: 8192 is clipped to 8191, a 64th of a grey level.
  roundFixed(context, feedback, scales(feedback.inputs, 1))
  if (!z) return { ...structure, levels: own, headShift, pictureShift: 0 }

  const poolShift = inputShift(context, z, 2 ** -headShift)
  const zScale = roundFree(context, z, scales(z.inputs, 2 ** -(headShift + poolShift)))
  const { table, bias, shift } = priorOf({ ...cell, name }, zScale)
  context.tensors.set(`${name}.priorTable`, { shape: [1, K, rank], data: table })
  context.tensors.set(`${name}.priorBias`, { shape: [1, K], data: bias })
  return { levels: own, headShift, poolShift, pictureShift: 0, priorShift: shift }
}

function levelOf(context: Context, { down, up, next }: Level, structure: LevelStructure): LevelStructure {
  const blocks = (of: readonly Block[], structures: readonly BlockStructure[]): BlockStructure[] =>
    of.map((block, b) => blockOf(context, block, structures[b]))
  return {
    ...structure,
    down: blocks(down, structure.down),
    up: blocks(up, structure.up),
    downShift: next ? roundShifted(context, next.to) : structure.downShift,
    upShift: next ? roundShifted(context, next.from) : structure.upShift,
  }
}
