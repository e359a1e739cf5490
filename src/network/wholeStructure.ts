/** The structure of a whole-image network (SPEC 4.6): candidates are whole pictures, a layer makes one choice. */
import {
  badField,
  blockOf,
  booleanOf,
  integerOf,
  listOf,
  MODEL_LIMITS,
  nameOf,
  objectOf,
  priorShiftOf,
  shiftOf,
  type BlockStructure,
  type Fields,
} from './structureFields.js'

/** A resolution of a layer's network: 0 is the stage's own, each further one has half its sides. */
export type LevelStructure = {
  channels: number
  /** Blocks before the next level and after it. The last level has `down` alone, and its shifts are not used. */
  down: BlockStructure[]
  up: BlockStructure[]
  downShift: number
  upShift: number
}

export type WholeLayerStructure = {
  levels: LevelStructure[]
  headShift: number
  /** From the sum over all positions to the prior's input. */
  poolShift: number
  /** From the chosen picture, in 1/64 grey level, to the feedback's input. */
  pictureShift: number
  priorShift: number
}

/** Layers at one resolution. */
export type StageStructure = {
  /** Its pictures have sides width / scale and height / scale. */
  scale: number
  channels: number
  /** Choices made here. */
  steps: number
  /** One layer walked `steps` times (paper: Recurrence Iteration), or as many layers (Single Shot Generator). */
  recurrent: boolean
  /** Of the trunk that enters from the stage before; the first stage does not use it. */
  upShift: number
  /** Of the trunk that is carried from step to step; used if recurrent. */
  carryShift: number
  layers: WholeLayerStructure[]
}

export type WholeImageStructure = {
  name: string
  profiles: ['plain']
  whole: {
    /** Pixels: the model has one size. */
    width: number
    height: number
    components: 1 | 3
    /** 0: unconditional. */
    classes: number
    /** Candidates of a choice. */
    K: number
    /** Channels that a candidate has besides its picture: the feedback sees them, nothing else. */
    leak: number
    /** Candidates are added to the picture chosen last (paper: Learning Residual). */
    residual: boolean
    /** Numbers from which the prior is made; 0: none. */
    rank: number
    stages: StageStructure[]
  }
}

/** Hard limits of a whole-image model (SPEC 4.6). */
export const WHOLE_LIMITS = {
  /** Positions are at most 2^16, so that a sum over them of 0…8191 stays below 2^31. */
  side: 256,
  classes: 256,
  leak: 8,
  choices: 255,
  levels: 6,
  blocks: 8,
  /** K · (components + leak). */
  outputs: 4096,
  /** Positions · channels of a level: what a walk holds of it. */
  numbers: 1 << 24,
} as const

/**
 * @param root the structure, an object with the field `whole`
 * @throws {DdncError} Corrupt, naming the field
 */
export function checkWholeImage(root: Fields): WholeImageStructure {
  const name = nameOf(root)
  const profiles = root['profiles']
  if (!Array.isArray(profiles) || profiles.length !== 1 || profiles[0] !== 'plain')
    throw badField('profiles', profiles, 'plain alone')
  const fields = objectOf(root['whole'], 'whole')
  const [width, height] = ['width', 'height'].map((side) => integerOf(fields, side, 1, WHOLE_LIMITS.side))
  const components = integerOf(fields, 'components', 1, 3)
  if (components !== 1 && components !== 3) throw badField('components', components, '1, 3')
  const K = integerOf(fields, 'K', 2, MODEL_LIMITS.K)
  const leak = integerOf(fields, 'leak', 0, WHOLE_LIMITS.leak)
  if (K * (components + leak) > WHOLE_LIMITS.outputs)
    throw badField('K · (components + leak)', K * (components + leak), `at most ${WHOLE_LIMITS.outputs}`)
  const stages = listOf(fields['stages'], 'stages', 1, 9, 'stages').map((stage, j) => stageOf(stage, `stages[${j}]`))
  checkStages(stages, width, height)
  return {
    name,
    profiles: ['plain'],
    whole: {
      width,
      height,
      components,
      classes: integerOf(fields, 'classes', 0, WHOLE_LIMITS.classes),
      K,
      leak,
      residual: booleanOf(fields, 'residual'),
      rank: integerOf(fields, 'rank', 0, MODEL_LIMITS.rank),
      stages,
    },
  }
}

function stageOf(json: unknown, where: string): StageStructure {
  const fields = objectOf(json, where)
  const steps = integerOf(fields, 'steps', 1, WHOLE_LIMITS.choices)
  const recurrent = booleanOf(fields, 'recurrent', `${where}.recurrent`)
  const count = recurrent ? 1 : steps
  const layers = listOf(fields['layers'], `${where}.layers`, count, count, 'layers')
  return {
    scale: integerOf(fields, 'scale', 1, WHOLE_LIMITS.side),
    channels: integerOf(fields, 'channels', 1, MODEL_LIMITS.channels),
    steps,
    recurrent,
    upShift: shiftOf(fields, 'upShift'),
    carryShift: shiftOf(fields, 'carryShift'),
    layers: layers.map((layer, i) => layerOf(layer, `${where}.layers[${i}]`)),
  }
}

function layerOf(json: unknown, where: string): WholeLayerStructure {
  const fields = objectOf(json, where)
  const levels = listOf(fields['levels'], `${where}.levels`, 1, WHOLE_LIMITS.levels, 'levels')
  return {
    levels: levels.map((level, d) => levelOf(level, `${where}.levels[${d}]`, d === levels.length - 1)),
    headShift: shiftOf(fields, 'headShift'),
    // The sum may have 29 bits.
    poolShift: integerOf(fields, 'poolShift', 0, 30),
    pictureShift: shiftOf(fields, 'pictureShift'),
    priorShift: priorShiftOf(fields),
  }
}

function levelOf(json: unknown, where: string, last: boolean): LevelStructure {
  const fields = objectOf(json, where)
  const blocks = (name: string, most: number): BlockStructure[] =>
    listOf(fields[name], `${where}.${name}`, 0, most, 'blocks').map(blockOf)
  return {
    channels: integerOf(fields, 'channels', 1, MODEL_LIMITS.channels),
    down: blocks('down', WHOLE_LIMITS.blocks),
    up: blocks('up', last ? 0 : WHOLE_LIMITS.blocks),
    downShift: shiftOf(fields, 'downShift'),
    upShift: shiftOf(fields, 'upShift'),
  }
}

/** What the stages have to do with each other and with the picture's size. */
function checkStages(stages: readonly StageStructure[], width: number, height: number): void {
  const choices = stages.reduce((sum, { steps }) => sum + steps, 0)
  if (choices > WHOLE_LIMITS.choices) throw badField('choices', choices, `at most ${WHOLE_LIMITS.choices}`)
  stages.forEach(({ scale, channels, recurrent, layers }, j) => {
    const where = `stages[${j}]`
    const expected = 2 ** (stages.length - 1 - j)
    if (scale !== expected) throw badField(`${where}.scale`, scale, `${expected}: it halves, and the last is 1`)
    if (recurrent && stages.length > 1) throw badField(`${where}.recurrent`, true, 'true in a single stage only')
    for (const { levels } of layers) {
      if (levels[0].channels !== channels)
        throw badField(`${where}: channels of level 0`, levels[0].channels, `${channels}, the stage's`)
      levels.forEach((level, d) => checkLevel(level.channels, scale * 2 ** d, width, height, `${where}, level ${d}`))
    }
  })
}

function checkLevel(channels: number, scale: number, width: number, height: number, where: string): void {
  if (width % scale !== 0 || height % scale !== 0)
    throw badField(`${where}: scale`, scale, `a divisor of the sides ${width} and ${height}`)
  const numbers = (width / scale) * (height / scale) * channels
  if (numbers > WHOLE_LIMITS.numbers)
    throw badField(`${where}: positions · channels`, numbers, `at most ${WHOLE_LIMITS.numbers}`)
}
