/**
 * The micro-models: a few kilobytes with every tool of the format in them, for tests, vectors and fuzzing. Nothing is
 * trained: scales, tables and priors are set by hand so that a picture survives, and small weights drawn from the
 * tensor's name fill the rest, so that every path counts. Integers alone, so the bytes are the same on every machine.
 */
import type { Numbers } from '../../engine/engine.js'
import { assembleModel } from '../../network/assemble.js'
import { writeModel } from '../../network/modelFile.js'
import type { Pull, TensorType } from '../../network/pull.js'
import type { Tensor } from '../../network/safetensors.js'
import type { CellGridStructure, LayerStructure, Structure } from '../../network/structure.js'
import { uniformFrom } from '../../network/uniform.js'
import { ENTROPY, PLAIN, type LayerRecipe, type Recipe } from './microRecipes.js'

/** What `writeModel` takes. */
export type ModelParts<S extends Structure> = Readonly<{ structure: S; tensors: ReadonlyMap<string, Tensor> }>

/**
 * Structure and tensors of a micro-model.
 * @param name `micro`: branching, escapes, half-passes, skipped layers; `micro-pl`: for the plain profile too
 * @example const model = await readModel(writeModel(structure, tensors)) // of microParts('micro')
 */
export function microParts(name: 'micro' | 'micro-pl'): ModelParts<CellGridStructure> {
  const recipe = name === 'micro' ? ENTROPY : PLAIN
  return partsOf(structureOf(recipe), (...asked) => tensorOf(recipe, ...asked))
}

/**
 * The `.ddnm` of a micro-model.
 * @example const model = await readModel(microFile('micro'))
 */
export const microFile = (name: 'micro' | 'micro-pl'): Uint8Array => fileOf(microParts(name))

/** @param make a tensor: assembleModel knows every name and shape, here each is made when it is asked for */
export function partsOf<S extends Structure>(structure: S, make: Pull): ModelParts<S> {
  const tensors = new Map<string, Tensor>()
  const pull: Pull = (name, shape, types) => {
    const data = make(name, shape, types)
    tensors.set(name, { shape, data })
    return data
  }
  assembleModel(structure, pull, new Uint8Array(32))
  return { structure, tensors }
}

/** A `.ddnm` whose card says what it is. */
export const fileOf = ({ structure, tensors }: ModelParts<Structure>): Uint8Array =>
  writeModel(structure, tensors, { about: 'ddnc micro-model for tests: random weights, nothing trained' })

/** Shifts of inputs: 0 and 1, both in use. */
function structureOf({ name, profiles, coarseOrder, fineOrder, coarse, fine }: Recipe): CellGridStructure {
  const layer = ({ first, end, K, n, rank, cells, escape, until }: LayerRecipe, i: number): LayerStructure => ({
    first,
    end,
    K,
    n,
    rank,
    cells,
    escape,
    until,
    block: { hidden: 4, inputShift: i % 2 },
    headShift: 1 - (i % 2),
    priorShift: PRIOR_SHIFT,
  })
  return {
    name,
    profiles,
    coarse: { channels: 8, coefficients: coarseOrder.length, layers: coarse.map(layer) },
    fine: { channels: 8, coefficients: fineOrder.length, layers: fine.map(layer) },
    entry: { upChannels: 2, lowShift: 1, upShift: 0 },
    closing: { inputShift: 0 },
    cleanUp: { channels: 4, trunkShift: 0, pictureShift: 0, block: { hidden: 4, inputShift: 0 }, outputShift: 0 },
  }
}

/** Logits are 1/256 of what the prior's tables give. */
const PRIOR_SHIFT = 8
/** A leaf is e^(−3/4) as probable as its neighbour towards the middle. */
const LOGIT_STEP = 192

/** Weights ±amplitude, shift, and whether they take 16 bits: by the convolution's name, else by its last part. */
const CONVOLUTIONS: Readonly<Record<string, readonly [amplitude: number, shift: number, wide?: boolean]>> = {
  hidden: [100, 9],
  output: [800, 12, true],
  z: [100, 7],
  meanScale: [30, 9],
  feedback: [40, 8],
  low: [960, 13, true],
  up: [120, 8],
  mix: [800, 11, true],
  closing: [120, 9],
  fromTrunk: [90, 9],
  fromPicture: [40, 9],
  'cleanUp.output': [40, 11], // in 1/8 of a grey level, where blocks are in 1/256
}

const ARRAYS = { I8: Int8Array, U8: Uint8Array, I16: Int16Array, I32: Int32Array } as const

function tensorOf(recipe: Recipe, name: string, shape: readonly number[], types: readonly TensorType[]): Numbers {
  if (name === 'coarse.order') return Uint8Array.from(recipe.coarseOrder)
  if (name === 'fine.order') return Uint8Array.from(recipe.fineOrder)
  const parts = name.split('.')
  const last = parts.at(-1)!
  const random = generator(name)
  const [grid, index] = parts
  const layer = grid === 'coarse' || grid === 'fine' ? recipe[grid][Number(index)] : undefined
  if (layer && last === 'u') return repeated(shape, 'I16', rowsOf(layer, leavesOf(layer), mean))
  if (layer && last === 'priorBias') {
    const logits = leavesOf(layer).map((_, i, all) => -LOGIT_STEP * Math.abs(i - (all.length - 1) / 2))
    const bias = repeated(shape, 'I32', rowsOf(layer, logits, Math.max))
    return bias.map((logit) => logit * 2 ** PRIOR_SHIFT + random(2 ** PRIOR_SHIFT * 8))
  }
  if (layer && last === 'scaleBase') return filled(shape, 'I16', () => layer.scale + 4 * random(12))
  if (layer && last === 'scaleLambda') {
    return quadratic(shape[1], () => [4 * random(65536 * 4), layer.slope, random(256)])
  }
  if (last === 'priorTable') return filled(shape, types[0], () => random(40))
  // λ biases and starts of the trunk, 1/256: around ±1, a few per cent of it per step.
  if (shape.length === 2) return quadratic(shape[1], () => [random(65536 * 300), random(65536 * 6), random(2000)])
  const [amplitude, shift, wide] = CONVOLUTIONS[name.slice(0, -last.length - 1)] ?? CONVOLUTIONS[parts.at(-2)!]
  if (last === 'shift') return filled(shape, 'U8', () => shift + (random(1) === 1 ? 1 : 0))
  if (last === 'bias') return filled(shape, 'I32', () => random(2 ** shift * 8))
  return filled(shape, wide ? 'I16' : 'I8', () => random(amplitude))
}

export function filled(shape: readonly number[], type: TensorType, value: () => number): Numbers {
  const out = new ARRAYS[type](shape.reduce((a, b) => a * b, 1))
  for (let i = 0; i < out.length; i++) out[i] = value()
  return out
}

/** [3, channels] */
function quadratic(channels: number, coefficients: () => readonly [number, number, number]): Int32Array {
  const out = new Int32Array(3 * channels)
  for (let c = 0; c < channels; c++) coefficients().forEach((a, i) => (out[i * channels + c] = a))
  return out
}

/** Leaves' u from first to last, symmetric. */
function leavesOf({ K, n, outwards }: LayerRecipe): number[] {
  const middle = K ** n % 2 === 1 ? [0] : []
  return [...outwards.map((u) => -u).reverse(), ...middle, ...outwards]
}

/** One number per child of every inner node, breadth first: a node's is made of its leaves'. */
function rowsOf({ K, n }: LayerRecipe, leaves: readonly number[], join: (...below: number[]) => number): number[] {
  const rows: number[] = []
  for (let depth = 1; depth <= n; depth++) {
    const each = K ** (n - depth)
    for (let i = 0; i < leaves.length; i += each) rows.push(join(...leaves.slice(i, i + each)))
  }
  return rows
}

const mean = (...below: number[]): number => Math.round(below.reduce((a, b) => a + b, 0) / below.length)

/** The same rows for every coefficient of a layer: shape [coefficients, rows]. */
function repeated(shape: readonly number[], type: TensorType, rows: readonly number[]): Numbers {
  let i = 0
  return filled(shape, type, () => rows[i++ % rows.length])
}

/** Integers −most…most, drawn from a name by FNV-1a and mulberry32: exact on every machine. */
export function generator(name: string): (most: number) => number {
  let seed = 0x811c9dc5
  for (const character of name) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193)
  const uniform = uniformFrom(seed)
  return (most) => Math.floor(uniform() * (2 * most + 1)) - most
}
