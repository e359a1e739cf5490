/**
 * The weights that are trained: names, shapes and first values. Names, layouts and units are the PyTorch reference's
 * (prototype/photo): grey levels, nats and the trunk as they are, nothing scaled to integers. lab/quantise/prototype.ts
 * alone turns them into the engine's.
 */
import type { CellGridStructure, GridStructure, LayerStructure } from '../../network/structure.js'
import type { LayerStart, Order } from './gridRecipe.js'
import { isPlain } from './choices.js'
import {
  firstNodes,
  firstTable,
  orderOf,
  normal,
  profileStart,
  repeated,
  sizeOf,
  weights,
  within,
  zeros,
  type ParameterFrom,
  type ProfileStart,
} from './start.js'

type Parameter = ParameterFrom<Start>

export type Start = Readonly<{
  order: Order
  /** Orders that stand for it, as `dc_ids` and `ac_ids`. */
  orders?: ReadonlyMap<string, ArrayLike<number>>
  /** One a layer. */
  coarse: readonly LayerStart[]
  fine: readonly LayerStart[]
  /** [192] standard deviations of the lapped coefficients of training pictures, plane·64 + row·8 + column. */
  deviations: ArrayLike<number>
  /** Uniform in [0, 1). */
  uniform: () => number
}>

/** Coefficients of the DC plane vary this much more than those of a picture. */
const COARSE_SCALE = 6

/**
 * Every parameter of a structure, by the reference's names: dc, ac: layers of the coarse and the fine grid; a, b: hidden
 * and output of a block; rate: λ biases; nodes: u; p0, p1, pb, po: the clean-up.
 * @example parametersOf(structure).filter(({ trained }) => trained).length
 */
export function parametersOf(structure: CellGridStructure): Parameter[] {
  const { coarse, fine, entry, cleanUp } = structure
  const profile = profileStart(isPlain(structure))
  return [
    ...grid('coarse', 'dc', coarse, profile),
    ...grid('fine', 'ac', fine, profile),
    ...dense('rate0', coarse.channels),
    ...dense('rate1', fine.channels),
    weights('up.weight', [64 * entry.upChannels, coarse.channels, 1, 1], (size, { uniform }) =>
      normal(uniform, size, 0.02),
    ),
    bias('up', 64 * entry.upChannels, coarse.channels),
    ...convolution('mix', 1, entry.upChannels, fine.channels),
    ...convolution('low', 3, 3, fine.channels),
    ...quietConvolution('closing', 1, fine.channels, 192, 0.01),
    ...(cleanUp
      ? [
          ...convolution('p0', 1, fine.channels, 16 * cleanUp.channels),
          ...convolution('p1', 3, 12, cleanUp.channels),
          ...block('pb', cleanUp.channels, cleanUp.block.hidden),
          ...quietConvolution('po', 3, cleanUp.channels, 12, 0.1),
        ]
      : []),
  ]
}

/**
 * Layers in walk order, with the names that their parameters begin with.
 * @example namedLayers(structure)[0].name // 'dc.0'
 */
export const namedLayers = ({ coarse, fine }: CellGridStructure): { name: string; layer: LayerStructure }[] => [
  ...coarse.layers.map((layer, i) => ({ name: `dc.${i}`, layer })),
  ...fine.layers.map((layer, i) => ({ name: `ac.${i}`, layer })),
]

function grid(
  which: 'coarse' | 'fine',
  name: string,
  { channels, coefficients, layers }: GridStructure,
  profile: ProfileStart,
): Parameter[] {
  const isCoarse = which === 'coarse'
  /** The means of the blocks are the coarse grid's. */
  const ids = ({ order, orders, deviations }: Start): number[] =>
    Array.from(orders?.get(`${name}_ids`) ?? orderOf(order, deviations).filter((id) => isCoarse || id % 64 > 0))
  const scales = ({ first, end }: LayerStructure, multiple: number, start: Start): Float32Array =>
    Float32Array.from(ids(start).slice(first, end), (id) =>
      Math.max(profile.smallestScale, start.deviations[id] * multiple * (isCoarse ? COARSE_SCALE : 1)),
    )
  return [
    constant(`${name}_ids`, [coefficients], (start) => Float32Array.from(ids(start).slice(0, coefficients))),
    ...layers.flatMap((layer, i) => [
      constant(`${name}.${i}.scale`, [1, layer.end - layer.first, 1], (start) =>
        scales(layer, start[which][i].scale, start),
      ),
      weights(`${name}.${i}.power`, [layer.end - layer.first], (size, start: Start) =>
        new Float32Array(size).fill(start[which][i].power),
      ),
      ...layerOf(`${name}.${i}`, layer, channels, profile),
    ]),
  ]
}

function layerOf(
  name: string,
  layer: LayerStructure,
  channels: number,
  { leaves, hasPrior }: ProfileStart,
): Parameter[] {
  const r = layer.end - layer.first
  const { u, bias: firstBias } = firstNodes(layer.K, layer.n, leaves(layer.K ** layer.n))
  const prior = convolution(`${name}.z`, 1, channels, r * layer.rank)
  return [
    weights(`${name}.rate.weight`, [2 * channels, 2], zeros),
    weights(`${name}.rate.bias`, [2 * channels], zeros),
    ...block(`${name}.block`, channels, layer.block.hidden),
    ...(hasPrior ? prior : prior.map((parameter) => ({ ...parameter, first: () => zeros(sizeOf(parameter.shape)) }))),
    weights(`${name}.table`, [r, u.length, layer.rank], (size, { uniform }) =>
      hasPrior ? firstTable(u, r, layer.rank, uniform) : zeros(size),
    ),
    // Not below the coder's floor: a prior of nothing has no gradient.
    weights(`${name}.bias`, [r, u.length], () =>
      repeated(
        firstBias.map((x) => (hasPrior ? x : 0)),
        r,
      ),
    ),
    ...quietConvolution(`${name}.mean_scale`, 1, channels, 2 * r, 0.1),
    weights(`${name}.nodes`, [r, u.length], () => repeated(u, r)),
    weight(`${name}.feedback`, 1, 3 * r, channels, 1),
  ]
}

const block = (name: string, channels: number, hidden: number): Parameter[] => [
  ...convolution(`${name}.a`, 3, channels, hidden),
  weight(`${name}.b`, 1, hidden, channels, 0.3),
  weights(`${name}.b.bias`, [channels], zeros),
]

const convolution = (name: string, side: 1 | 3, inputs: number, outputs: number): Parameter[] => [
  weight(name, side, inputs, outputs, 1),
  bias(name, outputs, inputs * side * side),
]

/** One that begins with little to say: smaller weights, no bias. */
const quietConvolution = (name: string, side: 1 | 3, inputs: number, outputs: number, factor: number): Parameter[] => [
  weight(name, side, inputs, outputs, factor),
  weights(`${name}.bias`, [outputs], zeros),
]

/** Of (ln λ − 5)/2 and its square. */
const dense = (name: string, outputs: number): Parameter[] => [
  weights(`${name}.weight`, [outputs, 2], (size, { uniform }) => within(uniform, size, Math.SQRT1_2)),
  bias(name, outputs, 2),
]

/** As PyTorch begins: uniform within ±1/√inputs. */
const weight = (name: string, side: 1 | 3, inputs: number, outputs: number, factor: number): Parameter =>
  weights(`${name}.weight`, [outputs, inputs, side, side], (size, { uniform }) =>
    within(uniform, size, factor / Math.sqrt(inputs * side * side)),
  )

const bias = (name: string, outputs: number, inputs: number): Parameter =>
  weights(`${name}.bias`, [outputs], (size, { uniform }) => within(uniform, size, 1 / Math.sqrt(inputs)))

const constant = (name: string, shape: readonly number[], first: (start: Start) => Float32Array): Parameter => ({
  name,
  shape,
  trained: false,
  first,
})
