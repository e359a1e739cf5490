/** Recipes of cell-grid networks. */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import {
  checkCellGrid,
  type CellGridStructure,
  type GridStructure,
  type LayerStructure,
} from '../../network/structure.js'
import { MODEL_LIMITS } from '../../network/structureFields.js'
import { bad, fieldsOf, type Fields } from './fields.js'
import { trainingOf, type Training } from './training.js'

/** Coefficients of a grid in walk order: from low to high frequency, or from those that vary most in the pictures. */
export type Order = 'frequency' | 'variance'

/** Where the σ of a layer starts. */
export type LayerStart = Readonly<{
  /** First σ in standard deviations of the coefficient (coarse: in six of a picture's); 36 or more in the end. */
  scale: number
  /** σ ~ λ^(power / 2) */
  power: number
}>

export type GridRecipe = Readonly<{
  name: string
  /** All shifts are 0: the quantiser chooses them. */
  structure: CellGridStructure
  /** Of every layer of the two grids, in order. */
  starts: Readonly<{ order: Order; coarse: readonly LayerStart[]; fine: readonly LayerStart[] }>
  training: Training
}>

/** Coefficients a position: three planes of 64; the fine grid has no DC. */
const COEFFICIENTS = { coarse: 192, fine: 189 } as const

/**
 * @param fields of `structure`, without its profiles
 * @param training of the recipe
 * @throws {DdncError} BadOption, naming the field
 */
export function gridRecipeOf(
  name: string,
  profiles: CellGridStructure['profiles'],
  fields: Fields,
  training: Fields,
): GridRecipe {
  const escape = fields.flag('escape')
  const isPlain = profiles.includes('plain')
  if (isPlain && escape) throw bad('recipe.structure.escape', escape, 'false, where a profile is plain')
  const order = fields.oneOf('order', ['frequency', 'variance'], 'frequency')
  const coarse = grid(fields.object('coarse'), 'coarse', isPlain, escape)
  const fine = grid(fields.object('fine'), 'fine', isPlain, escape)
  const upChannels = fields.whole('upChannels', 1, MODEL_LIMITS.channels / 8)
  const post = fields.whole('cleanUp', 0, 64)
  fields.done()
  // The check that a model's file has to pass as well: the exporter must not be the first to refuse.
  const structure = checkCellGrid({
    name,
    profiles,
    coarse: coarse.structure,
    fine: fine.structure,
    entry: { upChannels, lowShift: 0, upShift: 0 },
    closing: { inputShift: 0 },
    cleanUp:
      post === 0
        ? null
        : { channels: post, trunkShift: 0, pictureShift: 0, block: { hidden: post, inputShift: 0 }, outputShift: 0 },
  })
  return {
    name,
    structure,
    starts: { order, coarse: coarse.starts, fine: fine.starts },
    training: trainingOf(training),
  }
}

type GridPart = { structure: GridStructure; starts: LayerStart[] }

function grid(fields: Fields, name: 'coarse' | 'fine', isPlain: boolean, escape: boolean): GridPart {
  // Half of them are the block's hidden channels.
  const channels = fields.whole('channels', 2, MODEL_LIMITS.channels)
  if (channels % 2 !== 0) throw bad(`${fields.where}.channels`, channels, 'an even number')
  let before = MAX_LAMBDA_STEP
  const layers = fields.list('layers', MODEL_LIMITS.layers, (json, where) => {
    const layer = layerOf(fieldsOf(json, where), name, { hidden: channels / 2, escape, isPlain, before })
    before = layer.structure.until
    return layer
  })
  fields.done()
  const coefficients = Math.max(...layers.map(({ structure }) => structure.end))
  // At a fixed number of bits a cell some coefficients are not worth any: closing predicts them.
  if (!isPlain) checkCovered(layers, coefficients, `${fields.where}.layers`)
  return {
    structure: { channels, coefficients, layers: layers.map(({ structure }) => structure) },
    starts: layers.map(({ start }) => start),
  }
}

/** A coefficient without a layer would be coded by nobody, and its place in the order be for nothing. */
function checkCovered(layers: readonly { structure: LayerStructure }[], coefficients: number, where: string): void {
  for (let i = 0; i < coefficients; i++) {
    if (layers.some(({ structure: { first, end } }) => first <= i && i < end)) continue
    throw bad(where, `bands without coefficient ${i}`, `bands that cover 0 to ${coefficients}`)
  }
}

type Around = Readonly<{ hidden: number; escape: boolean; isPlain: boolean; before: number }>

function layerOf(
  fields: Fields,
  grid: 'coarse' | 'fine',
  { hidden, escape, isPlain, before }: Around,
): { structure: LayerStructure; start: LayerStart } {
  const [first, end] = fields.pair('band', 0, COEFFICIENTS[grid])
  if (!Number.isInteger(first) || !Number.isInteger(end) || first === end) {
    throw bad(`${fields.where}.band`, [first, end], '[first, end] of at least one coefficient')
  }
  const K = fields.whole('K', 2, MODEL_LIMITS.K)
  if (isPlain && (K & (K - 1)) !== 0) throw bad(`${fields.where}.K`, K, 'a power of two, where a profile is plain')
  const n = fields.whole('n', 1, 10, 1)
  if (K ** n > MODEL_LIMITS.leaves) throw bad(`${fields.where}.n`, n, `K^n ≤ ${MODEL_LIMITS.leaves}`)
  const structure: LayerStructure = {
    first,
    end,
    K,
    n,
    rank: fields.whole('rank', 1, MODEL_LIMITS.rank),
    cells: fields.oneOf('cells', ['all', 'even', 'odd'], 'all'),
    escape,
    // Every coarse layer is coded.
    until: grid === 'coarse' ? MAX_LAMBDA_STEP : untilOf(fields, before),
    block: { hidden, inputShift: 0 },
    headShift: 0,
    priorShift: 1,
  }
  const start = { scale: fields.real('scale', 0, 100), power: fields.real('power', -4, 4) }
  fields.done()
  return { structure, start }
}

function untilOf(fields: Fields, before: number): number {
  const until = fields.whole('until', 0, MAX_LAMBDA_STEP, MAX_LAMBDA_STEP)
  if (until > before) throw bad(`${fields.where}.until`, until, `at most the ${before} of the layer before`)
  return until
}
