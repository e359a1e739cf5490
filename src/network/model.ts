/**
 * What a model is: numbers from the model file, nothing of the picture (SPEC 4).
 * The integer model and its float original (lab/quantise) have the same shape; only the kind of array differs.
 */
import type { CellTables, Convolution, Quadratic } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import type { WholeImageModel } from './wholeModel.js'

/** h ← h + output(ReLU(hidden(ReLU(h + λ bias)))) */
export type Block = Readonly<{
  /** λ bias of the input; null for none (clean-up). In 1/256. */
  lambda: Quadratic | null
  /** Right shift from 1/256 to the input's scale. */
  inputShift: number
  /** 3×3, C → C/m. */
  hidden: Convolution
  /** 1×1, C/m → C, in 1/256. */
  output: Convolution
}>

/** One discrete distribution layer (paper, section 3). */
export type Layer = CellTables &
  Readonly<{
    name: string
    /** Largest s at which an encoder still codes this layer. */
    until: number
    block: Block
    /** λ bias and shift of the heads' input ReLU(h + λ bias). */
    headLambda: Quadratic
    headShift: number
    /** 1×1, C → (end − first)·rank, signed. */
    z: Convolution
    /** 1×1, C → 2·(end − first): μ in 1/64, then ln σ in 1/256 before its λ bias. */
    meanScale: Convolution
    /** [end − first] λ bias of ln σ, 1/256. */
    scaleLambda: Quadratic
    /** 1×1, 3·(end − first) → C: log features, then u, then |u|. */
    feedback: Convolution
  }>

/** The coarse or the fine grid. */
export type Grid = Readonly<{
  name: 'coarse' | 'fine'
  channels: number
  /** Coefficient ids in walk order: plane·64 + row·8 + column. Fine: no DC (row = column = 0). */
  order: Uint8Array
  layers: readonly Layer[]
  /** First h, 1/256. */
  start: Quadratic
  /** Clamp of μ, values and sums, in 1/64: 1,638,400 or 153,600. */
  limit: number
}>

/** Half-resolution network after synthesis (SPEC 7.5). R channels. */
export type CleanUp = Readonly<{
  channels: number
  /** Shift of ReLU(h) of the fine trunk, the input of `fromTrunk`. */
  trunkShift: number
  /** 1×1, C → 16·R: R channels of 4×4 half-resolution pixels. */
  fromTrunk: Convolution
  /** Shift of the linear picture (1/8), the input of `fromPicture`. */
  pictureShift: number
  /** 3×3, 12 → R */
  fromPicture: Convolution
  block: Block
  outputShift: number
  /** 3×3, R → 12, in 1/8. */
  output: Convolution
}>

/** What every model says of itself. */
export type ModelFacts = Readonly<{
  /** Readable, at most 8 bytes of ASCII. */
  name: string
  /** SHA-256 of the whole `.ddnm`. */
  hash: Uint8Array
  profiles: readonly ('entropy' | 'plain')[]
}>

/** A cell-grid network: photographs of any size. */
export type CellGridModel = ModelFacts &
  Readonly<{
    kind: 'grid'
    coarse: Grid
    fine: Grid
    /** Input of the fine trunk (SPEC 6.7). */
    entry: Readonly<{
      /** Shift of the DC plane (1/8), the input of `low`. */
      lowShift: number
      /** 3×3, 3 → C */
      low: Convolution
      /** Shift of ReLU(h) of the coarse trunk, the input of `up`. */
      upShift: number
      /** 1×1, C₀ → 64·M: M channels of 8×8 fine positions. */
      up: Convolution
      /** 1×1, M → C */
      mix: Convolution
    }>
    /** 1×1, C → 192: the expected rest of every coefficient, 1/64, in the order of ids (plane·64 + row·8 + column). */
    closing: Readonly<{ inputShift: number; convolution: Convolution }>
    cleanUp: CleanUp | null
  }>

/** Told apart by `kind`. */
export type Model = CellGridModel | WholeImageModel

/**
 * A model that must be a cell-grid one.
 * @throws {DdncError} BadOption for a whole-image model
 * @example cellGrid(await loadModel(bytes)).fine.layers.length
 */
export function cellGrid(model: Model): CellGridModel {
  if (model.kind === 'grid') return model
  const found = `${model.name}, whose candidates are whole pictures`
  throw new DdncError({ tag: 'BadOption', option: 'model', found, allowed: 'a model with grids' })
}

/**
 * A model that must be a whole-image one.
 * @throws {DdncError} BadOption for a cell-grid model
 * @example wholeImage(await loadModel(bytes)).K
 */
export function wholeImage(model: Model): WholeImageModel {
  if (model.kind === 'whole') return model
  const found = `${model.name}, which has grids`
  throw new DdncError({ tag: 'BadOption', option: 'model', found, allowed: 'a model whose candidates are pictures' })
}
