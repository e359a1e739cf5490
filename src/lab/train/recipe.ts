/** Recipes: what `ddnc train` makes and how, as a small JSON file in which every number is checked. */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import {
  checkStructure,
  MODEL_LIMITS,
  type GridStructure,
  type LayerStructure,
  type Structure,
} from '../../network/structure.js'
import { bad, fieldsOf, type Fields } from './fields.js'

/** Where the σ of a layer starts. */
export type LayerStart = Readonly<{
  /** First σ in standard deviations of the coefficient (coarse: in six of a picture's); 36 or more in the end. */
  scale: number
  /** σ ~ λ^(power / 2) */
  power: number
}>

/** From this share of the steps on: pictures a step, and the side of their crops. */
export type Size = Readonly<{ from: number; batch: number; crop: number }>

export type Training = Readonly<{
  /** 32 bits. */
  seed: number
  sizes: readonly Size[]
  /** `start`, after `warmUp` steps of linear rise; from the share `hold` on a cosine down to `lowest` of it. */
  learningRate: Readonly<{ start: number; warmUp: number; hold: number; lowest: number }>
  /** `clip`: largest norm of all gradients together. */
  adam: Readonly<{ betas: readonly [number, number]; epsilon: number; clip: number }>
  /** Decay of the running mean of the weights, per step. */
  average: number
  /** Weight of what only helps training: the linear synthesis, and what each layer leaves. */
  aid: number
  /** Of a batch, ln λ is its centre ± `spread`; the centre lies in `middle` (in `middleShare` of steps) or in `range`. */
  logLambda: Readonly<{
    range: readonly [number, number]
    middle: readonly [number, number]
    middleShare: number
    spread: number
  }>
  /** Shares of crops: of drawn screens, of downscaled pictures (by `smallest` at most), with the tone changed. */
  data: Readonly<{
    drawings: number
    shrink: number
    smallest: number
    tone: number
    /** Share of the photographs that is held out. */
    validation: number
  }>
}>

export type Recipe = Readonly<{
  name: string
  /** All shifts are 0: the quantiser chooses them. */
  structure: Structure
  /** Of every layer of the two grids, in order. */
  starts: Readonly<{ coarse: readonly LayerStart[]; fine: readonly LayerStart[] }>
  training: Training
}>

/** Coefficients a position: three planes of 64; the fine grid has no DC. */
const COEFFICIENTS = { coarse: 192, fine: 189 } as const

/**
 * @param text JSON, as in recipes/photo.json
 * @throws {DdncError} BadOption, naming the field, what it is and what it may be
 * @example const { structure, training } = readRecipe(await readFile('recipes/photo.json', 'utf8'))
 */
export function readRecipe(text: string): Recipe {
  const root = fieldsOf(parse(text), 'recipe')
  const name = root.text('name', /^[\x21-\x7e]{1,8}$/, '1 to 8 characters of ASCII')
  const fields = root.object('structure')
  const profiles = fields.list('profiles', 2, (json, where) => {
    if (json === 'entropy' || json === 'plain') return json
    throw bad(where, json, 'entropy, plain')
  })
  const escape = fields.flag('escape')
  const isPlain = profiles.includes('plain')
  if (isPlain && escape) throw bad('recipe.structure.escape', escape, 'false, where a profile is plain')
  const coarse = grid(fields.object('coarse'), 'coarse', isPlain, escape)
  const fine = grid(fields.object('fine'), 'fine', isPlain, escape)
  const upChannels = fields.whole('upChannels', 1, MODEL_LIMITS.channels / 8)
  const post = fields.whole('cleanUp', 0, 64)
  fields.done()
  const training = trainingOf(root.object('training'))
  root.done()
  // The check that a model's file has to pass as well: the exporter must not be the first to refuse.
  const structure = checkStructure({
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
  return { name, structure, starts: { coarse: coarse.starts, fine: fine.starts }, training }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw bad('recipe', cause instanceof Error ? cause.message : cause, 'JSON')
  }
}

type GridRecipe = { structure: GridStructure; starts: LayerStart[] }

function grid(fields: Fields, name: 'coarse' | 'fine', isPlain: boolean, escape: boolean): GridRecipe {
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
  checkCovered(layers, coefficients, `${fields.where}.layers`)
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

function trainingOf(fields: Fields): Training {
  const seed = fields.whole('seed', 0, 2 ** 32 - 1)
  const sizes = fields.list('sizes', 16, sizeOf)
  sizes.forEach(({ from }, i) => {
    const rises = i === 0 ? from === 0 : from > sizes[i - 1].from
    if (!rises) throw bad(`${fields.where}.sizes[${i}].from`, from, i === 0 ? '0' : `over ${sizes[i - 1].from}`)
  })
  const rate = fields.object('learningRate')
  const learningRate = {
    start: rate.real('start', 1e-8, 1),
    warmUp: rate.whole('warmUp', 0, 1e6),
    hold: rate.real('hold', 0, 1),
    lowest: rate.real('lowest', 0, 1),
  }
  rate.done()
  const slots = fields.object('adam')
  const adam = {
    betas: decays(slots),
    epsilon: slots.real('epsilon', 1e-16, 1),
    clip: slots.real('clip', 1e-6, 1e6),
  }
  slots.done()
  const average = fields.real('average', 0, 0.999999)
  const aid = fields.real('aid', 0, 1)
  const lambda = fields.object('logLambda')
  const range = lambda.pair('range', 1, 1 + MAX_LAMBDA_STEP / 10)
  const logLambda = {
    range,
    middle: lambda.pair('middle', range[0], range[1]),
    middleShare: lambda.real('middleShare', 0, 1),
    spread: lambda.real('spread', 0, 4),
  }
  lambda.done()
  const shares = fields.object('data')
  const data = {
    drawings: shares.real('drawings', 0, 1),
    shrink: shares.real('shrink', 0, 1),
    smallest: shares.real('smallest', 0.1, 1),
    tone: shares.real('tone', 0, 1),
    validation: shares.real('validation', 0, 0.5),
  }
  shares.done()
  fields.done()
  return { seed, sizes, learningRate, adam, average, aid, logLambda, data }
}

/** Adam's two; at 1 it would never move. */
function decays(fields: Fields): readonly [number, number] {
  const found = fields.list('betas', 2, (json, where) => {
    if (typeof json === 'number' && json >= 0 && json <= 0.999999) return json
    throw bad(where, json, 'a number, 0…0.999999')
  })
  if (found.length !== 2) throw bad(`${fields.where}.betas`, `${found.length} long`, 'two numbers')
  return [found[0], found[1]]
}

function sizeOf(json: unknown, where: string): Size {
  const fields = fieldsOf(json, where)
  const size = {
    from: fields.real('from', 0, 1),
    batch: fields.whole('batch', 1, 1024),
    crop: fields.whole('crop', 8, 2048),
  }
  fields.done()
  // Positions of the fine grid: a crop has no border of its own.
  if (size.crop % 8 !== 0) throw bad(`${where}.crop`, size.crop, 'a multiple of 8')
  return size
}
