/**
 * Float weights of a whole-image network, as the trainer has them, as a model for the float engine: the same network in
 * this project's names, layouts and units (h in 1/256, pictures and leaks in 1/64 grey level, logits in 1/256 nat).
 */
import { assembleWholeImage } from '../../network/wholeAssemble.js'
import type { TensorFile } from '../../network/safetensors.js'
import type { WholeImageModel } from '../../network/wholeModel.js'
import { insideOf, type LevelStructure, type WholeImageStructure } from '../../network/wholeStructure.js'
import { finitePull, floatsOf, putConvolution } from './floatTensors.js'

/** Float weights of a model, in engine units. */
export type FloatWholeModel = Readonly<{ structure: WholeImageStructure; model: WholeImageModel }>

/** Of the trainer's unit of pictures and leaks, 64 grey levels, and of its trunk, in the engine's units. */
const PICTURE = 4096
const TRUNK = 256

/**
 * @param structure shifts are not used: the quantiser chooses them
 * @param weights by the trainer's names (wholeParametersOf), averaged
 * @throws {DdncError} Corrupt if a tensor is missing, has another size or numbers that are not finite
 * @example floatWholeModelOf(recipe.structure, weightsOf(checkpoint).weights).model
 */
export function floatWholeModelOf(structure: WholeImageStructure, weights: TensorFile['tensors']): FloatWholeModel {
  const tensors = convert(structure.whole, weights)
  return { structure, model: assembleWholeImage(structure, finitePull(tensors), new Uint8Array(32)) }
}

function convert(whole: WholeImageStructure['whole'], tensors: TensorFile['tensors']): Map<string, Float32Array> {
  const { width, height, rank, classes, stages } = insideOf(whole)
  const out = new Map<string, Float32Array>()
  const get = floatsOf(tensors)
  const table = (to: string, from: string): void =>
    void out.set(
      to,
      get(from).map((x) => x * TRUNK),
    )

  stages.forEach(({ scale, channels, layers, recurrent }, j) => {
    const stage = `stage.${j}`
    const [{ levels }] = layers
    /** Part of what all layers of the stage have in one tensor. */
    const ofLayer = (name: string, i: number): Float32Array => {
      const all = get(name)
      return all.subarray((i * all.length) / layers.length, ((i + 1) * all.length) / layers.length)
    }
    /**
     * A convolution without a shift.
     * @param scales what turns an output per input, and an output, into the engine's
     * @param own part of a tensor
     */
    const convolution = (
      to: string,
      from: string,
      side: 1 | 3,
      outputs: number,
      scales: readonly [number, number],
      own: (name: string) => Float32Array = get,
    ): void => {
      const weights = own(`${from}.weight`)
      const bias = tensors.has(`${from}.bias`) ? own(`${from}.bias`) : new Float32Array(outputs)
      putConvolution(out, to, side, weights, weights.length / (outputs * side * side), bias, scales)
    }
    const alike = [1, TRUNK] as const

    if (j === 0) table(`${stage}.start`, `${stage}.start`)
    else convolution(`${stage}.up`, `${stage}.up`, 1, 4 * channels, alike)
    if (classes > 0) table(`${stage}.class`, `${stage}.class`)
    if (recurrent) {
      convolution(`${stage}.carry`, `${stage}.carry`, 1, channels, alike)
      table(`${stage}.step`, `${stage}.step`)
    }
    layers.forEach((_, i) => {
      const [to, from] = [`${stage}.layer.${i}`, `${stage}.layers`]
      const own = (name: string): Float32Array => ofLayer(name, i)
      const outputs = own(`${from}.candidates.bias`).length
      levels.forEach((level, d) => {
        for (const [name, size, side] of convolutionsOfLevel(level, levels[d + 1])) {
          convolution(`${to}.level.${d}.${name.to}`, `${from}.level.${d}.${name.from}`, side, size, alike, own)
        }
      })
      convolution(`${to}.candidates`, `${from}.candidates`, 1, outputs, [PICTURE / TRUNK, PICTURE], own)
      convolution(`${to}.feedback`, `${from}.feedback`, 1, channels, [TRUNK / PICTURE, TRUNK], own)
      if (rank > 0) {
        // The engine sums over positions, the trainer has their mean.
        const positions = (width / scale) * (height / scale)
        convolution(`${to}.z`, `${from}.z`, 1, rank, [1 / positions, TRUNK], own)
        out.set(`${to}.priorTable`, own(`${from}.priorTable`))
        out.set(
          `${to}.priorBias`,
          own(`${from}.priorBias`).map((x) => x * TRUNK),
        )
      }
    })
  })
  return out
}

/** Names, outputs and sides of what a level is made of. */
function convolutionsOfLevel(
  { channels, down, up }: LevelStructure,
  next: LevelStructure | undefined,
): (readonly [{ to: string; from: string }, number, 1 | 3])[] {
  const blocks = (way: 'down' | 'up', all: LevelStructure['down']) =>
    all.flatMap(
      ({ hidden }, b) =>
        [
          [{ to: `${way}.${b}.hidden`, from: `${way}.${b}.a` }, hidden, 3],
          [{ to: `${way}.${b}.output`, from: `${way}.${b}.b` }, channels, 1],
        ] as const,
    )
  return [
    ...blocks('down', down),
    ...blocks('up', up),
    ...(next
      ? ([
          [{ to: 'downTo', from: 'downTo' }, next.channels, 1],
          [{ to: 'upFrom', from: 'upFrom' }, 4 * channels, 1],
        ] as const)
      : []),
  ]
}
