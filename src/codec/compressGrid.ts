/** A picture on grids: one encoding, or several until one serves. */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import { loadEngine } from '../engine/loadEngine.js'
import type { Beside } from '../format/file.js'
import { checkHeader, type GridHeader } from '../format/header.js'
import { layoutOf } from '../network/layout.js'
import type { CellGridModel } from '../network/model.js'
import type { Picture } from '../network/picture.js'
import { targetsOf } from '../network/target.js'
import { tuningOfParts, type Tune } from '../network/tune.js'
import { checkOneOf, checkTune, refuse, type CompressOptions } from './compressOptions.js'
import type { DriveOptions } from './drive.js'
import { checkEffort, encodeWithEffort } from './effort.js'
import type { Encoded, Encoding } from './encode.js'
import { encodeTiles, openTileEncoding, type TileEncoding } from './encodeTiles.js'
import { engineParts } from './engineParts.js'
import { DEFAULT_QUALITY, fineLayersAt, lambdaOf, plainSteps, stepOfLambda, stepOfQuality } from './lambda.js'
import { collector, sourceOf, type PixelSource } from './pixels.js'
import { seek, wantedOf } from './seek.js'
import type { Profile } from './streams.js'

const ONE_TILE_PIXELS = 2 ** 21
/** Larger ones are no better, and take more memory a thread. */
const DEFAULT_TILE_SIDE = 512

/**
 * @param given a picture, or a source of its pixels: then the reconstruction has no samples
 * @throws {DdncError} BadOption, LimitExceeded; what the source throws
 * @example await compressOnGrids(picture, model, 'entropy', { model, quality: 50 }, {})
 */
export async function compressOnGrids(
  given: Picture | PixelSource,
  model: CellGridModel,
  profile: Profile,
  options: CompressOptions,
  beside: Beside,
): Promise<Encoded> {
  refuse(options, model, ['label'])
  const { search = 'leaves', tune = 'psnr', effort = 1 } = options
  checkEffort(effort)
  checkTune(tune, profile)
  const wanted = wantedOf(options)
  const header = headerOf(given, options, model, profile)
  checkHeader(header) // before anything is allocated
  const layout = layoutOf(given.width, given.height, header.tileSide)
  const common = { model, layout, search, tune, beside }
  const encodeAt = !('data' in given)
    ? await inTiles({ source: given, ...common }, header, options, false)
    : layout.tiles.length === 1 || effort > 1
      ? await inOneGo({ picture: given, ...common }, header, options)
      : await inTiles({ source: sourceOf(given), alpha: given.alpha, ...common }, header, options, true)
  if (wanted) {
    const steps = profile === 'plain' ? plainSteps(model) : FINE_STEPS
    return seek(wanted, steps.length - 1, (position, driven) => encodeAt(steps[position], driven), options)
  }
  const first = await encodeAt(header.lambdaStep, options)
  if (options.lambda !== undefined) return first
  const steps = profile === 'plain' ? plainSteps(model) : beyondCandidates(first) ? ALL_STEPS : []
  const coarser = steps.filter((step) => step > header.lambdaStep).slice(0, COARSER_STEPS)
  return noWorseThanCoarser(first, coarser, encodeAt, options.signal)
}

type Given<Coding> = Omit<Coding, 'engine' | 'targetOf' | 'coarseTarget' | 'again' | 'tuning'> & { tune: Tune }

/** All of the picture at once: where it is one tile, and where one walk aims beside what the one before has left. */
async function inOneGo(given: Given<Encoding>, header: GridHeader, options: CompressOptions): Promise<EncodeAt> {
  const { picture, model, layout, tune } = given
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))
  const targetOf = targetsOf(engine, picture, model, layout)
  const seen = tune === 'ssim' ? tuningOfParts(model.fine.order.length) : null
  if (seen) for (const tile of layout.tiles.keys()) seen.add(targetOf(tile))
  const encoding = { ...given, engine, targetOf, tuning: seen && seen.tuning() }
  return (step, driven) => {
    const at = { ...header, ...atStep(model, Math.round(step)) }
    return encodeWithEffort(encoding, at, guideLambda(step), options.effort ?? 1, driven)
  }
}

/** Tile by tile, in as many threads as are wanted. @param keeps what is decoded, else it has no samples */
async function inTiles(
  given: Given<TileEncoding>,
  header: GridHeader,
  options: CompressOptions,
  keeps: boolean,
): Promise<EncodeAt> {
  const { source, model } = given
  const { width, height, components } = source
  const encoding = await openTileEncoding(given, options)
  return async (step, driven) => {
    const { data, sink } = keeps ? collector(source) : { data: () => new Uint8Array(0), sink: null }
    const at = { ...header, ...atStep(model, Math.round(step)) }
    const work = { ...options, onProgress: undefined, ...driven }
    const encoded = await encodeTiles(encoding, at, guideLambda(step), work, sink)
    return { ...encoded, reconstruction: { width, height, components, data: data() } }
  }
}

/**
 * Test charts and the like lie beyond the model's candidates: more than one cell needs an escape count in every 360 bits,
 * where the open photographs have one in 380 at most. All their cells decide alike, so a finer step may be the worse one.
 */
const beyondCandidates = ({ escapes, bits }: Encoded): boolean => escapes * 360 > bits

/** @param step of λ; between two of them the guide has a λ of its own, and the file the nearer step */
type EncodeAt = (step: number, driven: DriveOptions) => Promise<Encoded>

const ALL_STEPS = Array.from({ length: MAX_LAMBDA_STEP + 1 }, (_, step) => step)
/** A step of λ changes a file's size as much as three steps of the guide's λ alone: the network sees its step, too. */
const STEPS_OF_GUIDE = 3
/** What the guide weighs bits with at a step, or between two. */
const guideLambda = (step: number): number => {
  const whole = Math.round(step)
  return lambdaOf(whole + STEPS_OF_GUIDE * (step - whole))
}
/** Eight to a step: a file's size changes by half a per cent from one to the next. */
const FINE_STEPS = Array.from({ length: 8 * MAX_LAMBDA_STEP + 1 }, (_, eighth) => eighth / 8)
/** Coarser steps tried, at most. */
const COARSER_STEPS = 8

/**
 * While the next coarser step is no worse, its file, which is the smaller one, is taken: then more quality asked for is
 * never less quality got, as long as no run of worse steps is longer than that. In the plain profile the cells of a layer
 * must choose even where every candidate is worse than none, so one more layer may be one too many.
 */
async function noWorseThanCoarser(
  first: Encoded,
  coarserSteps: readonly number[],
  encodeAt: EncodeAt,
  signal: AbortSignal | undefined,
): Promise<Encoded> {
  let best = first
  for (const step of coarserSteps) {
    const coarser = await encodeAt(step, { signal })
    if (coarser.psnr < best.psnr || coarser.file.length > best.file.length) break
    best = coarser
  }
  return best
}

function headerOf(
  { width, height, components }: Pick<Picture, 'width' | 'height' | 'components'>,
  options: CompressOptions,
  model: CellGridModel,
  profile: Profile,
): GridHeader {
  const { quality, lambda } = options
  checkOneOf(options)
  const s = lambda === undefined ? stepAt(quality ?? DEFAULT_QUALITY, model, profile) : stepOfLambda(lambda)
  return {
    kind: 'grid',
    width,
    height,
    components,
    profile,
    ...atStep(model, s),
    tileSide: options.tileSide ?? (width * height <= ONE_TILE_PIXELS ? 0 : DEFAULT_TILE_SIDE),
    modelHash: model.hash.subarray(0, 8),
    modelName: model.name,
  }
}

/** Step of a quality; in the plain profile that which stands for its rate. */
function stepAt(quality: number, model: CellGridModel, profile: Profile): number {
  const s = stepOfQuality(quality)
  const layers = fineLayersAt(model, s)
  return profile === 'plain' ? plainSteps(model).find((step) => fineLayersAt(model, step) === layers)! : s
}

/** Step of λ, and the layers that are coded at it. */
const atStep = (model: CellGridModel, s: number): Pick<GridHeader, 'lambdaStep' | 'fineLayers'> => ({
  lambdaStep: s,
  fineLayers: fineLayersAt(model, s),
})
