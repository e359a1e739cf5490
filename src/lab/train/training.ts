/** The training section of a recipe: how a network is trained, apart from what it is. */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import { bad, fieldsOf, type Fields } from './fields.js'

/** From this share of the steps on: pictures a step, and the side of their crops. */
export type Size = Readonly<{ from: number; batch: number; crop: number }>

/** What training of any network has. */
export type CommonTraining = Readonly<{
  /** 32 bits. */
  seed: number
  /** `start`, after `warmUp` steps of linear rise; from the share `hold` on a cosine down to `lowest` of it. */
  learningRate: Readonly<{ start: number; warmUp: number; hold: number; lowest: number }>
  /** `clip`: largest norm of all gradients together. */
  adam: Readonly<{ betas: readonly [number, number]; epsilon: number; clip: number }>
  /** Decay of the running mean of the weights, per step. */
  average: number
  /**
   * Split-and-Prune (paper, algorithm 1); null: off. Every `interval` steps up to the share `until` of them, where a
   * candidate has over `split` / K or under `prune` / K of the choices.
   */
  splitAndPrune: Readonly<{ interval: number; split: number; prune: number; until: number }> | null
  /**
   * Loss-free balancing; null: off. A candidate's bias moves by `step` a step, up to the share `until`: in σ² of its cell,
   * or in squared errors of the nearest candidate, whole images.
   */
  balancing: Readonly<{ step: number; until: number }> | null
}>

/** Training of a cell-grid network. */
export type Training = CommonTraining &
  Readonly<{
    sizes: readonly Size[]
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

/**
 * Takes the fields that any training has.
 * @param fields of `training`
 * @throws {DdncError} BadOption, naming the field
 */
export function commonTrainingOf(fields: Fields): CommonTraining {
  const seed = fields.whole('seed', 0, 2 ** 32 - 1)
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
  const splits = fields.optional('splitAndPrune')
  const splitAndPrune = splits && {
    interval: splits.whole('interval', 1, 1e6),
    split: splits.real('split', 1, 1e3),
    prune: splits.real('prune', 0, 1),
    until: splits.real('until', 0, 1),
  }
  splits?.done()
  const biases = fields.optional('balancing')
  const balancing = biases && { step: biases.real('step', 0, 1), until: biases.real('until', 0, 1) }
  biases?.done()
  return { seed, learningRate, adam, average, splitAndPrune, balancing }
}

/**
 * @param fields of `training`
 * @throws {DdncError} BadOption, naming the field
 */
export function trainingOf(fields: Fields): Training {
  const common = commonTrainingOf(fields)
  const sizes = fields.list('sizes', 16, sizeOf)
  sizes.forEach(({ from }, i) => {
    const rises = i === 0 ? from === 0 : from > sizes[i - 1].from
    if (!rises) throw bad(`${fields.where}.sizes[${i}].from`, from, i === 0 ? '0' : `over ${sizes[i - 1].from}`)
  })
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
  return { ...common, sizes, aid, logLambda, data }
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
