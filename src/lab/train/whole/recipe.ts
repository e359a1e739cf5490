/** Recipes of whole-image networks. */
import { MODEL_LIMITS } from '../../../network/structureFields.js'
import {
  checkWholeImage,
  WHOLE_LIMITS,
  type StageStructure,
  type WholeImageStructure,
} from '../../../network/wholeStructure.js'
import { bad, fieldsOf, type Fields } from '../fields.js'
import { commonTrainingOf, type CommonTraining } from '../training.js'

export type WholeTraining = CommonTraining &
  Readonly<{
    /** Pictures a step. */
    batch: number
    /**
     * Chain Dropout (paper 3.3): probability that a choice of a step is random, for the whole batch, a uniform index of
     * every picture's own.
     */
    chainDropout: number
    /** Weight of the prior's bits, in nats a choice, beside the squared error in units of 64 grey levels. */
    prior: number
    /** Choices whose gradient is formed at once; null: all. Fewer need less memory and a second forward pass. */
    segment: number | null
    data: Readonly<{
      /** Pictures are mirrored, one of two. */
      mirror: boolean
      /** Most pixels by which pictures are moved, each way; what comes in repeats the edge. */
      shift: number
      /** Pictures of a folder that have other sizes are scaled and cut. */
      resize: boolean
      /** Share of a folder of pictures that is held out where it has no test part. */
      validation: number
    }>
  }>

export type WholeRecipe = Readonly<{
  name: string
  /** All shifts are 0: the quantiser chooses them. */
  structure: WholeImageStructure
  training: WholeTraining
}>

/**
 * @param whole fields of `structure.whole`
 * @param training of the recipe
 * @throws {DdncError} BadOption, naming the field; Corrupt: what a model may not be, either
 */
export function wholeRecipeOf(name: string, whole: Fields, training: Fields): WholeRecipe {
  const structure = {
    width: whole.whole('width', 1, WHOLE_LIMITS.side),
    height: whole.whole('height', 1, WHOLE_LIMITS.side),
    components: whole.whole('components', 1, 3),
    classes: whole.whole('classes', 0, WHOLE_LIMITS.classes),
    K: whole.whole('K', 2, MODEL_LIMITS.K),
    leak: whole.whole('leak', 0, WHOLE_LIMITS.leak),
    residual: whole.flag('residual'),
    rank: whole.whole('rank', 0, MODEL_LIMITS.rank),
    stages: whole.list('stages', 9, (json, where) => stageOf(fieldsOf(json, where))),
  }
  whole.done()
  return {
    name,
    // The check that a model's file has to pass as well: the exporter must not be the first to refuse.
    structure: checkWholeImage({ name, profiles: ['plain'], whole: structure }),
    training: wholeTrainingOf(training),
  }
}

/** All layers of a stage are alike: a recipe has one description of them. */
function stageOf(fields: Fields): StageStructure {
  const scale = fields.whole('scale', 1, WHOLE_LIMITS.side)
  const steps = fields.whole('steps', 1, WHOLE_LIMITS.choices)
  const recurrent = fields.flag('recurrent')
  const levels = fields.list('levels', WHOLE_LIMITS.levels, (json, where) => levelOf(fieldsOf(json, where)))
  fields.done()
  const layer = { levels, headShift: 0, poolShift: 0, pictureShift: 0, priorShift: 1 }
  return {
    scale,
    channels: levels[0].channels,
    steps,
    recurrent,
    upShift: 0,
    carryShift: 0,
    layers: Array.from({ length: recurrent ? 1 : steps }, () => layer),
  }
}

function levelOf(fields: Fields): StageStructure['layers'][number]['levels'][number] {
  // The smallest trunk: a weight whose last two sides are 1 is taken for that of a 1×1 convolution.
  const channels = fields.whole('channels', 2, MODEL_LIMITS.channels)
  const blocks = (way: 'down' | 'up') =>
    fields.lengths(way, WHOLE_LIMITS.blocks, 1, MODEL_LIMITS.channels).map((hidden) => ({ hidden, inputShift: 0 }))
  const level = { channels, down: blocks('down'), up: blocks('up'), downShift: 0, upShift: 0 }
  fields.done()
  return level
}

function wholeTrainingOf(fields: Fields): WholeTraining {
  const common = commonTrainingOf(fields)
  const batch = fields.whole('batch', 1, 1024)
  const chainDropout = fields.real('chainDropout', 0, 1)
  const prior = fields.real('prior', 0, 100)
  const segment = fields.whole('segment', 0, WHOLE_LIMITS.choices, 0)
  const shares = fields.object('data')
  const data = {
    mirror: shares.flag('mirror'),
    shift: shares.whole('shift', 0, 64),
    resize: shares.flag('resize'),
    validation: shares.real('validation', 0, 0.5),
  }
  shares.done()
  fields.done()
  if (common.balancing && common.balancing.step >= 1)
    throw bad(`${fields.where}.balancing.step`, common.balancing.step, 'under 1')
  return { ...common, batch, chainDropout, prior, segment: segment === 0 ? null : segment, data }
}
