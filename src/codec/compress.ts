/** Encoding: the walk with the rate-distortion guide, its choices told to a stream (DESIGN section 1). */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import { loadEngine } from '../engine/loadEngine.js'
import { DdncError } from '../errors.js'
import type { Beside } from '../format/file.js'
import { checkHeader, type GridHeader } from '../format/header.js'
import type { Search } from '../network/guides.js'
import { layoutOf } from '../network/layout.js'
import type { CellGridModel, Model } from '../network/model.js'
import { checkPicture, type Metadata, type Picture } from '../network/picture.js'
import { targetsOf } from '../network/target.js'
import { tuningOfParts, type Tune } from '../network/tune.js'
import { keptBesides, packBesides } from './beside.js'
import type { DriveOptions } from './drive.js'
import { checkEffort, encodeWithEffort } from './effort.js'
import type { Compressed, Encoded, Encoding } from './encode.js'
import { encodeTiles, openTileEncoding, type TileEncoding } from './encodeTiles.js'
import { engineParts } from './engineParts.js'
import { fillHidden } from './fill.js'
import { DEFAULT_QUALITY, fineLayersAt, lambdaOf, plainSteps, stepOfLambda, stepOfQuality } from './lambda.js'
import { collector, sourceOf, type PixelSource } from './pixels.js'
import { seek, wantedOf, type TargetOptions } from './seek.js'
import { exactBeside, LOSSLESS_QUALITY, withResidual } from './lossless.js'
import { defaultProfile, type Profile } from './streams.js'
import type { WorkOptions } from './threads.js'
import { compressWhole } from './wholeImage.js'

export type CompressOptions = WorkOptions &
  TargetOptions & {
    model: Model
    /**
     * 1…100, default 75. Of a whole-image model: as many per cent of its choices, rounded up; default all. 100 is the best the model has, not lossless. A test chart may get a coarser step that is better.
     * In the plain profile a quality is a number of layers: there are as many different files.
     */
    quality?: number | undefined
    /** Instead of quality: λ in grey level² per bit, 2.72…4023, rounded to the nearest of 74 steps. */
    lambda?: number | undefined
    /** `entropy` or, with a model made for it, `plain`. Default: `entropy` if the model has it. */
    profile?: Profile | undefined
    /**
     * Class of the picture, of a whole-image model that has classes. Default: each is tried, and the one of least error
     * taken.
     */
    label?: number | undefined
    /** Where a cell makes several choices: look at all its leaves at once (default), or choice by choice as the paper. */
    search?: Search | undefined
    /**
     * What a file is to be good by: `psnr` (default), or `ssim`, for the eye: errors count for more where the picture is
     * calm. Of a model with grids and the entropy profile; every decoder decodes the same way.
     */
    tune?: Tune | undefined
    /**
     * 1…9, default 1: how much an encoder tries. Of a model with grids so many walks at most, each as long as the first; of a
     * whole-image model 2^(effort − 1) paths are followed at once. Every decoder decodes the same way.
     */
    effort?: number | undefined
    /** Pixels, a multiple of 64; 0: one tile. Default: one tile up to 2^21 pixels, else 512. */
    tileSide?: number | undefined
    /** The file is exact: it has what its lossy part lacks, too. Quality, default 60, is that of the lossy part. */
    lossless?: boolean | undefined
  }

export type { Compressed }

const ONE_TILE_PIXELS = 2 ** 21
/** Larger ones are no better, and take more memory a thread. */
const DEFAULT_TILE_SIDE = 512

/**
 * Compresses a picture and tells what became of it.
 * @param picture interleaved 8-bit sRGB or grey. Its alpha and metadata are kept without loss, the colours that alpha
 *   hides are not
 * @throws {DdncError} BadOption (picture or options; a picture of another size than a whole-image model's),
 *   LimitExceeded (sides, pixels, metadata over 2^24 bytes)
 * @example const { file, psnr } = await compressWithReport(picture, { model, quality: 50 })
 */
export async function compressWithReport(picture: Picture, options: CompressOptions): Promise<Compressed> {
  checkPicture(picture)
  const { model } = options
  const profile = options.profile ?? defaultProfile(model)
  checkProfile(model, profile)
  const besides = keptBesides(picture)
  const { width, height, components, data } = picture
  const pixels = fillHidden({ width, height, components, data, alpha: besides.alpha })
  const packed = packBesides(besides, width)
  if (!options.lossless) {
    const coded = await compressPixels(pixels, profile, options, packed)
    return { ...coded, reconstruction: { ...coded.reconstruction, ...besides } }
  }
  const original = { width, height, components, data, alpha: besides.alpha }
  const coded = await compressPixels(pixels, profile, lossyPart(options), { ...packed, ...exactBeside(original) })
  const { file, exact } = withResidual(coded.file, original, coded.reconstruction)
  return { ...coded, file, psnr: Infinity, reconstruction: { ...coded.reconstruction, ...besides, data: exact } }
}

/** Of a whole-image model the default stays all choices. */
function lossyPart(options: CompressOptions): CompressOptions {
  const isChosen = options.quality !== undefined || options.lambda !== undefined || wantedOf(options) !== undefined
  return isChosen || options.model.kind === 'whole' ? options : { ...options, quality: LOSSLESS_QUALITY }
}

async function compressPixels(
  picture: Picture,
  profile: Profile,
  options: CompressOptions,
  beside: Beside,
): Promise<Compressed> {
  const { model } = options
  if (model.kind === 'grid') return compressOnGrids(picture, model, profile, options, beside)
  refuse(options, model, ['lambda', 'tileSide', 'tune'])
  return compressWhole(picture, model, options, beside)
}

/**
 * Compresses a picture that is read in parts, never all of it in memory.
 * @param source opaque
 * @param metadata kept as of `compress`
 * @param options of a model with grids; an effort of 1, which has no whole picture before it
 * @throws {DdncError} as `compressWithReport`; what the source throws
 * @example const { file, psnr } = await compressSource(source, undefined, { model, quality: 50 })
 */
export async function compressSource(
  source: PixelSource,
  metadata: Metadata | undefined,
  options: CompressOptions & { model: CellGridModel },
): Promise<Omit<Compressed, 'reconstruction'>> {
  const { model } = options
  const profile = options.profile ?? defaultProfile(model)
  checkProfile(model, profile)
  const beside = packBesides(keptBesides({ metadata }), source.width)
  const { file, psnr, bits } = await compressOnGrids(source, model, profile, options, beside)
  return { file, psnr, bits }
}

/** Options that a kind of model knows nothing of. */
function refuse(
  options: CompressOptions,
  { name }: Model,
  without: readonly ('lambda' | 'tileSide' | 'tune' | 'label')[],
): void {
  const option = without.find((one) => options[one] !== undefined)
  if (option === undefined) return
  const found = String(options[option])
  throw new DdncError({ tag: 'BadOption', option, found, allowed: `none with model ${name}` })
}

async function compressOnGrids(
  given: Picture | PixelSource,
  model: CellGridModel,
  profile: Profile,
  options: CompressOptions,
  beside: Beside,
): Promise<Compressed> {
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

function checkProfile(model: Model, profile: Profile): void {
  if (model.profiles.includes(profile)) return
  throw new DdncError({
    tag: 'BadOption',
    option: 'profile',
    found: `${profile} with model ${model.name}`,
    allowed: `${model.profiles.join(', ')} with this model`,
  })
}

/** In the plain profile the nearest candidate is taken, whatever the error counts. */
function checkTune(tune: Tune, profile: Profile): void {
  if (tune === 'psnr' || (tune === 'ssim' && profile === 'entropy')) return
  const found = `${tune} in the profile ${profile}`
  throw new DdncError({ tag: 'BadOption', option: 'tune', found, allowed: 'psnr; in the profile entropy also ssim' })
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

/** Quality, λ and a target each say how good a file is to be. */
function checkOneOf(options: CompressOptions): void {
  const given = (['quality', 'lambda', 'targetSize', 'targetPsnr'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (given.length < 2) return
  throw new DdncError({ tag: 'BadOption', option: given[1], found: `given with ${given[0]}`, allowed: 'one of them' })
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
