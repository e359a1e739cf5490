/**
 * The micro-models: a few kilobytes with every tool of the format in them, for tests, vectors and fuzzing. Nothing is
 * trained: scales, tables and priors are set by hand so that a picture survives, and small weights drawn from the
 * tensor's name fill the rest, so that every path counts. Integers alone, so the bytes are the same on every machine.
 */
import type { Numbers } from '../../engine/engine.js'
import { assembleModel, type TensorType } from '../../network/assemble.js'
import { writeModel } from '../../network/modelFile.js'
import type { Tensor } from '../../network/safetensors.js'
import type { LayerStructure, Structure } from '../../network/structure.js'
import { uniformFrom } from '../../network/uniform.js'

/** What `writeModel` takes. */
export type ModelParts = Readonly<{ structure: Structure; tensors: ReadonlyMap<string, Tensor> }>

/** What is set by hand in a layer. */
type LayerRecipe = Pick<LayerStructure, 'first' | 'end' | 'K' | 'n' | 'rank' | 'cells' | 'escape' | 'until'> & {
  /** Size of the outer half of the leaves' u, 1/256, from the middle outwards; K^n odd: the middle leaf is 0. */
  outwards: readonly number[]
  /** ln σ at s = 40, in 1/64. */
  scale: number
  /** Growth of ln σ per step of s, 1/64 in 1/65536. */
  slope: number
}

type Recipe = {
  name: string
  profiles: Structure['profiles']
  /** Coefficient ids in walk order. */
  coarseOrder: readonly number[]
  fineOrder: readonly number[]
  coarse: readonly LayerRecipe[]
  fine: readonly LayerRecipe[]
}

/** At high rate the best step is √(6λ / ln 2): its logarithm grows by 1/20 per s, and is 3.58 at s = 40. */
const STEP = 229
const STEP_SLOPE = 209715
/** For layers that a finer one follows at low s: 3/5 of that. */
const FOLLOWED_SLOPE = 125829

/** count values 1/256 · (start, start + 256, …) */
const even = (count: number, start: number): number[] => Array.from({ length: count }, (_, i) => start + 256 * i)

const id = (plane: number, row: number, column: number): number => plane * 64 + row * 8 + column

const LAYER = { cells: 'all', until: 73 } as const

const ENTROPY: Recipe = {
  name: 'micro',
  profiles: ['entropy'],
  coarseOrder: [
    id(0, 0, 0), id(1, 0, 0), id(2, 0, 0), id(0, 0, 1), id(0, 1, 0), id(0, 1, 1), id(0, 0, 2), id(0, 2, 0),
    id(1, 0, 1), id(1, 1, 0), id(2, 0, 1), id(2, 1, 0), id(0, 1, 2), id(0, 2, 1), id(1, 1, 1), id(2, 1, 1),
  ],
  fineOrder: [
    id(0, 0, 1), id(0, 1, 0), id(1, 0, 1), id(1, 1, 0), id(2, 0, 1), id(2, 1, 0),
    id(0, 1, 1), id(0, 0, 2), id(0, 2, 0), id(0, 1, 2), id(0, 2, 1), id(0, 2, 2),
  ],
  coarse: [
    {
      ...LAYER, first: 0, end: 6, K: 7, n: 1, rank: 4, escape: true,
      outwards: even(3, 256), scale: STEP + 80, slope: STEP_SLOPE,
    },
    {
      ...LAYER, first: 0, end: 16, K: 5, n: 1, rank: 1, escape: true,
      outwards: even(2, 256), scale: STEP, slope: STEP_SLOPE,
    },
  ],
  fine: [
    {
      ...LAYER, first: 0, end: 4, K: 5, n: 1, rank: 2, cells: 'even', escape: true,
      outwards: even(2, 256), scale: 271, slope: FOLLOWED_SLOPE,
    },
    {
      ...LAYER, first: 0, end: 4, K: 5, n: 1, rank: 3, cells: 'odd', escape: true,
      outwards: even(2, 256), scale: 271, slope: FOLLOWED_SLOPE,
    },
    // The leaves next to the middle are almost 0: the last layer of a band must be able to say nothing.
    {
      ...LAYER, first: 4, end: 12, K: 2, n: 3, rank: 1, escape: false, until: 60,
      outwards: [32, 256, 512, 1024], scale: 255, slope: FOLLOWED_SLOPE,
    },
    {
      ...LAYER, first: 0, end: 8, K: 3, n: 2, rank: 1, escape: true, until: 30,
      outwards: even(4, 256), scale: STEP, slope: STEP_SLOPE,
    },
  ],
}

/** Without escapes the tables must reach a white picture: 64·127·√3 = 14,078 in the first coefficient. */
const PLAIN: Recipe = {
  name: 'micro-pl',
  profiles: ['entropy', 'plain'],
  coarseOrder: [id(0, 0, 0), id(1, 0, 0), id(2, 0, 0), id(0, 0, 1), id(0, 1, 0), id(0, 1, 1), id(1, 0, 1), id(2, 1, 0)],
  fineOrder: [id(0, 0, 1), id(0, 1, 0), id(1, 0, 1), id(2, 1, 0), id(0, 1, 1)],
  coarse: [
    {
      ...LAYER, first: 0, end: 8, K: 16, n: 1, rank: 1, escape: false,
      outwards: even(8, 128), scale: 478, slope: 0, // σ = 1750
    },
    {
      ...LAYER, first: 0, end: 8, K: 4, n: 2, rank: 1, escape: false,
      outwards: even(8, 128), scale: 301, slope: 0, // 110
    },
    {
      ...LAYER, first: 0, end: 8, K: 2, n: 3, rank: 1, escape: false,
      outwards: even(4, 128), scale: 169, slope: FOLLOWED_SLOPE >> 2, // 14
    },
  ],
  fine: [
    {
      ...LAYER, first: 0, end: 5, K: 8, n: 1, rank: 1, cells: 'even', escape: false,
      outwards: [32, 256, 512, 1024], scale: 262, slope: FOLLOWED_SLOPE >> 1, // 60
    },
    {
      ...LAYER, first: 0, end: 5, K: 8, n: 1, rank: 1, cells: 'odd', escape: false,
      outwards: [32, 256, 512, 1024], scale: 262, slope: FOLLOWED_SLOPE >> 1,
    },
    {
      ...LAYER, first: 0, end: 5, K: 2, n: 2, rank: 1, escape: false, until: 40,
      outwards: even(2, 128), scale: 173, slope: FOLLOWED_SLOPE >> 1, // 15
    },
  ],
}

/**
 * Structure and tensors of a micro-model.
 * @param name `micro`: branching, escapes, half-passes, skipped layers; `micro-pl`: for the plain profile too
 * @example const model = await readModel(writeModel(structure, tensors)) // of microParts('micro')
 */
export function microParts(name: 'micro' | 'micro-pl'): ModelParts {
  const recipe = name === 'micro' ? ENTROPY : PLAIN
  const structure = structureOf(recipe)
  const tensors = new Map<string, Tensor>()
  // assembleModel knows every name and shape; here each tensor is made when it is asked for.
  assembleModel(structure, (tensor, shape, types) => {
    const data = tensorOf(recipe, tensor, shape, types)
    tensors.set(tensor, { shape, data })
    return data
  }, new Uint8Array(32))
  return { structure, tensors }
}

/**
 * The `.ddnm` of a micro-model.
 * @example const model = await readModel(microFile('micro'))
 */
export function microFile(name: 'micro' | 'micro-pl'): Uint8Array {
  const { structure, tensors } = microParts(name)
  return writeModel(structure, tensors, { about: 'ddnc micro-model for tests: random weights, nothing trained' })
}

/** Shifts of inputs: 0 and 1, both in use. */
function structureOf({ name, profiles, coarseOrder, fineOrder, coarse, fine }: Recipe): Structure {
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
  if (layer && last === 'scaleBase') return filled(shape, 'I16', () => 4 * (layer.scale + random(12)))
  if (layer && last === 'scaleLambda') {
    return quadratic(shape[1], () => [4 * random(65536 * 4), 4 * layer.slope, random(256)])
  }
  if (last === 'priorTable') return filled(shape, types[0], () => random(40))
  // λ biases and starts of the trunk, 1/256: around ±1, a few per cent of it per step.
  if (shape.length === 2) return quadratic(shape[1], () => [random(65536 * 300), random(65536 * 6), random(2000)])
  const [amplitude, shift, wide] = CONVOLUTIONS[name.slice(0, -last.length - 1)] ?? CONVOLUTIONS[parts.at(-2)!]
  if (last === 'shift') return filled(shape, 'U8', () => shift + (random(1) === 1 ? 1 : 0))
  if (last === 'bias') return filled(shape, 'I32', () => random(2 ** shift * 8))
  return filled(shape, wide ? 'I16' : 'I8', () => random(amplitude))
}

function filled(shape: readonly number[], type: TensorType, value: () => number): Numbers {
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
function generator(name: string): (most: number) => number {
  let seed = 0x811c9dc5
  for (const character of name) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193)
  const uniform = uniformFrom(seed)
  return (most) => Math.floor(uniform() * (2 * most + 1)) - most
}
