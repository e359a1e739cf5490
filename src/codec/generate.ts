/** Pictures out of nothing (paper, section 3.1): the same walk with a random guide. */
import { loadEngine } from '../engine/loadEngine.js'
import { DdncError } from '../errors.js'
import { checkHeader } from '../format/header.js'
import { fromOpponent } from '../network/colour.js'
import { prior, random } from '../network/guides.js'
import { layoutOf } from '../network/layout.js'
import type { CellGridModel, Model } from '../network/model.js'
import type { Picture } from '../network/picture.js'
import { reconstruct } from '../network/reconstruct.js'
import { uniformFrom } from '../network/uniform.js'
import type { Guide } from '../network/walk.js'
import { stepsOf, type WholeImageModel } from '../network/wholeModel.js'
import { openWholeWalk } from '../network/wholeWalk.js'
import { drive, type DriveOptions } from './drive.js'
import { engineParts } from './engineParts.js'
import { DEFAULT_QUALITY, fineLayersAt, stepOfQuality } from './lambda.js'
import { defaultProfile } from './streams.js'
import { pixelsAfter } from './wholeImage.js'

export type GenerateOptions = DriveOptions & {
  model: Model
  /** The same seed, the same picture, on every machine. 32 bits of any integer; default 1. */
  seed?: number | undefined
  /** Choose by the model's learned prior; without it every candidate is as probable as the others. */
  prior?: boolean | undefined
  /** Of the prior, above 0: p^(1/temperature). Default 1; towards 0 the most probable. */
  temperature?: number | undefined
  /** Class, of a model that has classes. Default: drawn by the seed. */
  label?: number | undefined
  /** Pixels; of a whole-image model its own size, which need not be given. */
  width?: number | undefined
  height?: number | undefined
  /** Of a model with grids: 1…100, as for `compress`; default 75. */
  quality?: number | undefined
  engine?: 'wasm' | 'reference' | undefined
}

/**
 * Generates a picture.
 * @returns interleaved 8-bit sRGB or grey
 * @throws {DdncError} BadOption: a prior that the model has not, a class that it has not, a size that is missing or not
 *   the model's; LimitExceeded
 * @example const { data } = await generate({ model, seed: 7, prior: true, temperature: 0.8 })
 */
export async function generate(options: GenerateOptions): Promise<Picture> {
  const { model, seed = 1, temperature = 1 } = options
  if (options.temperature !== undefined && !options.prior) throw bad('temperature', temperature, 'given with a prior')
  if (!Number.isInteger(seed)) throw bad('seed', seed, 'an integer')
  if (!(temperature > 0 && temperature < Infinity)) throw bad('temperature', temperature, 'a number above 0')
  const guide = options.prior ? prior(seed, temperature) : random(seed)
  return model.kind === 'whole'
    ? generateWhole(model, guide, { ...options, seed })
    : generateOnGrids(model, guide, options)
}

async function generateWhole(
  model: WholeImageModel,
  guide: Guide,
  options: GenerateOptions & { seed: number },
): Promise<Picture> {
  const { width, height, components, classes } = model
  for (const side of ['width', 'height'] as const) {
    const given = options[side]
    if (given !== undefined && given !== model[side]) throw bad(side, given, `${model[side]} with model ${model.name}`)
  }
  // Another sequence than the guide's: the class and the first choice have nothing to do with each other.
  const label = options.label ?? Math.floor(uniformFrom(~options.seed)() * Math.max(1, classes))
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))
  const walked = openWholeWalk(engine, model, label, stepsOf(model).length)
  return { width, height, components, data: await pixelsAfter(walked, guide, options) }
}

async function generateOnGrids(model: CellGridModel, guide: Guide, options: GenerateOptions): Promise<Picture> {
  const { width, height, label, quality = DEFAULT_QUALITY } = options
  if (width === undefined || height === undefined)
    throw bad('size', 'not given', `a width and a height with model ${model.name}`)
  if (label !== undefined) throw bad('label', label, `none: model ${model.name} has no classes`)
  const s = stepOfQuality(quality)
  const fineLayers = fineLayersAt(model, s)
  // The limits of a file, before anything is allocated.
  checkHeader({
    kind: 'grid',
    width,
    height,
    components: 3,
    profile: defaultProfile(model),
    lambdaStep: s,
    fineLayers,
    tileSide: 0,
    modelHash: model.hash.subarray(0, 8),
    modelName: model.name,
  })
  const layout = layoutOf(width, height, 0)
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))
  const { planes } = await drive(
    reconstruct(engine, model, { layout, s, fineLayers }, () => guide),
    options,
  )
  return { width, height, components: 3, data: fromOpponent(planes, layout.fine.width * 8, width, height, 3) }
}

const bad = (option: string, found: unknown, allowed: string): DdncError =>
  new DdncError({ tag: 'BadOption', option, found: String(found), allowed })
