/** A whole-image model (SPEC 4.6): every candidate is a whole picture, a path of L choices among K is the picture. */
import type { CellTables, Convolution, Numbers, Size } from '../engine/engine.js'
import type { Block, ModelFacts } from './model.js'

/** A resolution of a layer's network. */
export type Level = Readonly<{
  channels: number
  down: readonly Block[]
  up: readonly Block[]
  /** The way to the next level, of half the sides, and back; null: it is the last one. */
  next: Readonly<{
    /** Shift of ReLU(h), whose 2×2 positions are the input of `to`. */
    downShift: number
    /** 1×1, 4·C → C of the next level */
    to: Convolution
    upShift: number
    /** 1×1, C of the next level → 4·C: 2×2 positions */
    from: Convolution
  }> | null
}>

/** One discrete distribution layer (paper, section 3): its network, its K candidates, what the chosen one feeds back. */
export type WholeLayer = Readonly<{
  name: string
  levels: readonly Level[]
  /** Shift of ReLU(h), the input of `candidates`; its sum over all positions is the prior's. */
  headShift: number
  /** 1×1, C → K·(components + leak) of the picture inside: of every candidate its picture, 1/64 grey level, then its leak. */
  candidates: Convolution
  /** One cell of K candidates. The prior's numbers are empty if the model has none. */
  cell: CellTables
  /** 1×1, C → rank, on the one position that is left of the picture; null: the model has no prior. */
  z: Convolution | null
  poolShift: number
  pictureShift: number
  /** 3×3, components + leak → C */
  feedback: Convolution
}>

/** Layers at one resolution. */
export type Stage = Readonly<{
  name: string
  size: Size
  channels: number
  /** First trunk [positions, channels], 1/256: of the first stage. */
  start: Numbers | null
  /** 1×1, C of the stage before → 4·C: 2×2 positions; of the others. */
  entry: Readonly<{ upShift: number; up: Convolution }> | null
  /** [classes, channels], 1/256, added to the trunk at its start; null: unconditional. */
  classes: Numbers | null
  /** What one layer that is walked several times has besides. */
  recurrence: Readonly<{
    carryShift: number
    /** 1×1, C → C: what the next step begins with, besides the start. */
    carry: Convolution
    /** [steps, channels], 1/256 */
    steps: Numbers
  }> | null
  layers: readonly WholeLayer[]
  /** Choices made here: layers.length, or those of the one layer. */
  choices: number
}>

export type WholeImageModel = ModelFacts &
  Readonly<{
    kind: 'whole'
    width: number
    height: number
    components: 1 | 3
    /** A position of the walk holds patch × patch pixels. */
    patch: number
    /** The picture as the walk has it: patches are positions of more components. */
    inside: Readonly<{ width: number; height: number; components: number }>
    /** 0: unconditional. */
    classes: number
    K: number
    leak: number
    residual: boolean
    /** 0: no learned prior. */
    rank: number
    stages: readonly Stage[]
  }>

/** One choice of a walk. */
export type WholeStep = Readonly<{
  /** Such as `stage.1.layer.0`; of a recurrent model `stage.0.step.7`. */
  name: string
  stage: Stage
  layer: WholeLayer
  /** Number of the choice within its stage. */
  index: number
}>

/**
 * All L choices of a model, in walk order.
 * @example stepsOf(model).length // 10
 */
export const stepsOf = ({ stages }: Pick<WholeImageModel, 'stages'>): WholeStep[] =>
  stages.flatMap((stage) =>
    Array.from({ length: stage.choices }, (_, index) => ({
      name: stage.recurrence ? `${stage.name}.step.${index}` : stage.layers[index].name,
      stage,
      layer: stage.layers[stage.recurrence ? 0 : index],
      index,
    })),
  )

/**
 * Whether a model has a class; one without classes has 0 alone.
 * @example hasClass({ classes: 10 }, 10) // false
 */
export const hasClass = ({ classes }: Pick<WholeImageModel, 'classes'>, label: number): boolean =>
  Number.isInteger(label) && label >= 0 && label < Math.max(1, classes)
