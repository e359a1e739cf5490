/**
 * The pieces that the work on a picture falls into: the walk of a tile, and the painting of an area. Plain data go in and
 * come out, so that another thread may do them.
 */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { intervalList, type Intervals } from '../format/intervals.js'
import type { Coarse } from '../network/coarse.js'
import { fromOpponent } from '../network/colour.js'
import {
  nearest,
  rateDistortion,
  recording,
  replay,
  type ChoiceListener,
  type LambdaOf,
  type Search,
} from '../network/guides.js'
import type { Area } from '../network/layout.js'
import type { CellGridModel, Layer } from '../network/model.js'
import { paint } from '../network/paint.js'
import { keptScratch, type Scratch } from '../network/scratch.js'
import { analyseArea, fineTarget } from '../network/target.js'
import { countingOf, type Tuning } from '../network/tune.js'
import { walkTile, type TileTask, type Walked } from '../network/tile.js'
import type { Guide } from '../network/walk.js'
import type { CellCandidates } from '../network/candidates.js'
import { entropySink, entropySource } from './entropy.js'
import { plainSink, plainSource } from './plain.js'
import type { Coded, Profile, Sink, Source, Written } from './streams.js'

/** What one job after the other is done with. */
export type Workshop = Readonly<{ engine: Engine; model: CellGridModel; scratch: Scratch; intervals: Intervals }>

/** @example const workshop = openWorkshop(engine, model) */
export const openWorkshop = (engine: Engine, model: CellGridModel): Workshop => ({
  engine,
  model,
  scratch: keptScratch(),
  intervals: intervalList(),
})

/** Walks a tile. */
export type WalkJob = Readonly<{
  kind: 'walk'
  /** Its index. */
  tile: number
  task: TileTask
  profile: Profile
  /** Cut out for the tile. */
  coarse: Coarse
  work: Decoding | Encoding
}>

/** The choices are in a stream. */
export type Decoding = Readonly<{ kind: 'decode'; data: Uint8Array; complete: boolean; where: string }>

/** The choices are made. */
export type Encoding = Readonly<{
  kind: 'encode'
  search: Search
  tuning: Tuning
  /** Grey level² per bit. */
  lambda: number
  components: 1 | 3
  pixels: Pixels
}>

/** What a tile should become. */
export type Pixels = Readonly<{
  /** Samples of `given`, as far as the picture goes: `width` · `height` pixels. */
  data: Uint8Array
  width: number
  height: number
  /** The tile widened by `COEFFICIENT_REACH`, in positions. */
  given: Area
  tile: Area
}>

/** Paints an area. */
export type PaintJob = Readonly<{
  kind: 'paint'
  walked: Walked
  size: Size
  /** Pixels that are wanted, of those of the area. */
  crop: Area
  components: 1 | 3
}>

export type Job = WalkJob | PaintJob

/** Told every choice of a file, tile by tile; tile null is the coarse grid. */
export type PathListener = (tile: number | null, ...choices: Parameters<ChoiceListener>) => void

/** Of an encoding also its stream. */
export type WalkDone = Readonly<{ walked: Walked; written: Written | null }>

/** What becomes of a job: a walked tile, or the samples of a rectangle. */
export type Done<J extends Job = Job> = J extends PaintJob ? Uint8Array : WalkDone

/**
 * Does a job.
 * @param listen told every choice of a walk
 * @returns a generator that yields the share done, 0…1
 * @throws {DdncError} Corrupt: a stream that cannot be
 * @example const { written } = await drive(doJob(openWorkshop(engine, model), job), {})
 */
export function* doJob(workshop: Workshop, job: Job, listen?: PathListener | null): Generator<number, Done> {
  return yield* job.kind === 'paint' ? paintJob(workshop, job) : walkJob(workshop, job, listen)
}

function* walkJob(
  { engine, model, scratch, intervals }: Workshop,
  { tile, task, profile, coarse, work }: WalkJob,
  listen?: PathListener | null,
): Generator<number, WalkDone> {
  const { fineLayers, size } = task
  const layers = model.fine.layers.slice(0, fineLayers)
  let sink: Sink | null = null
  let guide: Guide<CellCandidates> | null
  if (work.kind === 'decode') {
    const source = sourceOf(profile, { ...work, layers, size })
    guide = source.empty ? null : replay(source)
  } else {
    const target = targetOf(engine, model, scratch, work.pixels, work.components)
    sink = sinkOf(profile, layers, size, intervals)
    guide = recording(choosing(target, model.fine.order, { ...work, profile }), sink.listen)
  }
  if (listen && guide) guide = recording(guide, (...choices) => listen(tile, ...choices))
  const walked = yield* walkTile(engine, model, task, coarse, guide)
  return { walked, written: sink && sink.finish() }
}

function* paintJob(
  { engine, model, scratch }: Workshop,
  { walked, size, crop, components }: PaintJob,
): Generator<number, Uint8Array> {
  const { planes } = yield* paint(engine, model, walked, size, scratch)
  const stride = size.width * 8
  const [plane0, plane1, plane2] = planes.map((plane) => plane.subarray(crop.y * stride + crop.x))
  return fromOpponent([plane0, plane1, plane2], stride, crop.width, crop.height, components)
}

/** Choices out of a stream. @throws {DdncError} Corrupt: its length cannot be */
export const sourceOf = (profile: Profile, stream: Coded): Source =>
  (profile === 'entropy' ? entropySource : plainSource)(stream)

/** Choices into a stream. @param intervals as of `entropySink` */
export const sinkOf = (profile: Profile, layers: readonly Layer[], size: Size, intervals?: Intervals): Sink =>
  profile === 'entropy' ? entropySink(intervals) : plainSink(layers, size)

/** The guide of an encoder. @param order of the grid's coefficients */
export function choosing(
  target: Numbers,
  order: Uint8Array,
  {
    profile,
    search,
    tuning,
    components,
    lambda,
  }: Pick<Encoding, 'search' | 'tuning' | 'components'> & {
    profile: Profile
    lambda: LambdaOf
  },
): Guide<CellCandidates> {
  if (profile === 'plain') return nearest(target, search)
  const { weights, importance } = countingOf(tuning, target, order, components)
  return rateDistortion(target, weights, lambda, search, importance)
}

function targetOf(engine: Engine, model: CellGridModel, scratch: Scratch, pixels: Pixels, components: 1 | 3): Numbers {
  const { data, width, height, given, tile } = pixels
  const analysed = analyseArea({ width, height, components, data }, given, scratch)
  return fineTarget(engine, model, analysed, given, tile)
}
