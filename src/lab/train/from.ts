/** NamedWeights that a new run begins with instead of random ones: of a checkpoint, or of the PyTorch reference. */
import { DdncError } from '../../errors.js'
import { readSafetensors } from '../../network/safetensors.js'
import type { CellGridStructure } from '../../network/structure.js'
import { isCheckpoint, readCheckpoint, type Checkpoint, type Shaped } from './checkpoint.js'
import { isPlain } from './choices.js'
import { parametersOf } from './parameters.js'
import type { Order } from './gridRecipe.js'
import type { Parameter } from './kind.js'
import { isWhole, readRecipe } from './recipe.js'
import { sizeOf } from './start.js'

/** By the names of parametersOf. */
export type NamedWeights = ReadonlyMap<string, Shaped>

/** Weights, and the JSON of the recipe that they were trained by; null: it is not known. */
export type Saved = Readonly<{ recipe: string | null; weights: NamedWeights }>

/**
 * @param bytes a checkpoint, of which the averaged weights are taken, or a safetensors file of the reference
 * @returns the weights with their constants, and the recipe's JSON; null if the file has none
 * @throws {DdncError} Corrupt, Truncated: damaged, naming the field
 * @example const { recipe, weights } = weightsOf(await readFile('checkpoint.safetensors'))
 */
export function weightsOf(bytes: Uint8Array): Saved {
  if (isCheckpoint(bytes)) {
    const checkpoint = readCheckpoint(bytes)
    return { recipe: checkpoint.recipe, weights: averagesOf(checkpoint) }
  }
  const tensors = [...readSafetensors(bytes).tensors]
  const floats = tensors.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const)
  return { recipe: null, weights: new Map(floats) }
}

/** The averaged weights of a checkpoint, with its constants. */
export function averagesOf({ trained, constants }: Pick<Checkpoint, 'trained' | 'constants'>): NamedWeights {
  const averages = [...trained].map(([name, { shape, average }]) => [name, { shape, data: average }] as const)
  return new Map([...constants, ...averages])
}

export type Matching = Readonly<{
  weights: ReadonlyMap<string, Float32Array>
  /** Numbers taken, and numbers that the network has. */
  taken: number
  all: number
}>

/** The order of coefficients, and all of a layer but its block and λ biases: its candidates, prior and feedback. */
const OF_CANDIDATES = /^(dc|ac)(_ids$|\.\d+\.(?!block\.|rate\.))/

/**
 * Those of the weights that a network has, too, with the same name and shape. Between a plain network and another they
 * are those of the trunk alone: σ is a quantiser's step in one and a deviation in the other, and heads of the wrong kind
 * are a worse beginning than random ones (measured after 200 steps: 4 dB).
 * So they are where coefficients are not in the same places: an order of as many goes over with them, and the frequency
 * order goes on as it begins.
 * @param recipe that they were trained by, as `weightsOf` gives it; null: the reference's
 * @param order that the network's recipe asks for
 * @throws {DdncError} BadOption: none
 * @example const { taken, all } = matching(recipe.structure, weights)
 */
export function matching(
  structure: CellGridStructure,
  weights: NamedWeights,
  recipe: string | null = null,
  order: Order = 'frequency',
): Matching {
  const parameters = parametersOf(structure)
  const known = recipe === null ? null : readRecipe(recipe)
  const from = known && !isWhole(known) ? known : null
  const isOtherKind = isPlain(structure) !== (from !== null && isPlain(from.structure))
  const areByFrequency = order === 'frequency' && (from?.starts.order ?? 'frequency') === 'frequency'
  const isOtherOrder = (grid: string): boolean => {
    const wanted = grid === 'dc' ? structure.coarse.coefficients : structure.fine.coefficients
    return !areByFrequency && weights.get(`${grid}_ids`)?.data.length !== wanted
  }
  const isLeftOut = (name: string): boolean => {
    const grid = OF_CANDIDATES.exec(name)?.[1]
    return grid !== undefined && (isOtherKind || isOtherOrder(grid))
  }
  return sameWeights(parameters, { weights }, isLeftOut)
}

/**
 * Those of the weights that a network has with the same name and shape.
 * @param isLeftOut by its name
 * @throws {DdncError} BadOption: none
 */
export function sameWeights(
  parameters: readonly Pick<Parameter, 'name' | 'shape'>[],
  { weights }: Pick<Saved, 'weights'>,
  isLeftOut: (name: string) => boolean = () => false,
): Matching {
  const found = new Map<string, Float32Array>()
  let taken = 0
  for (const { name, shape } of parameters) {
    const given = weights.get(name)
    if (given?.shape.join() !== shape.join() || isLeftOut(name)) continue
    found.set(name, given.data)
    taken += given.data.length
  }
  if (taken === 0) {
    const allowed = 'a file with weights of the same names and shapes'
    throw new DdncError({ tag: 'BadOption', option: 'the weights to begin with', found: 'of another network', allowed })
  }
  return { weights: found, taken, all: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0) }
}
