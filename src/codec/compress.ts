/** Encoding: the walk with the rate-distortion guide, its choices told to a stream (DESIGN section 1). */
import { loadEngine } from '../engine/loadEngine.js'
import { DdncError } from '../errors.js'
import { writeFile } from '../format/file.js'
import { checkHeader, type Header } from '../format/header.js'
import { nearest, rateDistortion, recording } from '../network/guides.js'
import { fromOpponent } from '../network/colour.js'
import { layoutOf } from '../network/layout.js'
import type { Model } from '../network/model.js'
import { checkPicture, type Picture } from '../network/picture.js'
import { reconstruct, type GuideOf } from '../network/reconstruct.js'
import { targetsOf } from '../network/target.js'
import { drive, type DriveOptions } from './drive.js'
import { engineParts } from './engineParts.js'
import { entropySink } from './entropy.js'
import { fineLayersAt, lambdaOf, stepOfLambda, stepOfQuality } from './lambda.js'
import { plainSink } from './plain.js'
import { streamOf, type Sink } from './streams.js'

export type CompressOptions = DriveOptions & {
  model: Model
  /** 1…100, default 75. 100 is the best the model has, not lossless. */
  quality?: number | undefined
  /** Instead of quality: λ in grey level² per bit, 2.72…4023, rounded to the nearest of 74 steps. */
  lambda?: number | undefined
  /** `entropy` (default) or, with a model made for it, `plain`. */
  profile?: 'entropy' | 'plain' | undefined
  /** Pixels, a multiple of 64; 0: one tile. Default: one tile up to 2^21 pixels, else 1024. */
  tileSide?: number | undefined
  engine?: 'wasm' | 'reference' | undefined
}

export type Compressed = {
  file: Uint8Array
  /** What every decoder makes of the file, pixel by pixel. */
  reconstruction: Picture
  /** dB over all samples; Infinity if equal. */
  psnr: number
  /** Σ −log2 p of the choices by the prior (plain: their exact number), without the file's framing. */
  bits: number
}

/** Quality where none is given. */
export const DEFAULT_QUALITY = 75
const ONE_TILE_PIXELS = 2 ** 21
const DEFAULT_TILE_SIDE = 1024

/**
 * Compresses a picture and tells what became of it.
 * @param picture interleaved 8-bit sRGB or grey
 * @throws {DdncError} BadOption (picture or options), LimitExceeded (sides, pixels)
 * @example const { file, psnr } = await compressWithReport(picture, { model, quality: 50 })
 */
export async function compressWithReport(picture: Picture, options: CompressOptions): Promise<Compressed> {
  checkPicture(picture)
  const { model, profile = 'entropy' } = options
  checkProfile(model, profile)
  const header = headerOf(picture, options, profile)
  checkHeader(header) // before anything is allocated
  const { lambdaStep: s, fineLayers } = header
  const layout = layoutOf(picture.width, picture.height, header.tileSide)
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))
  const targetOf = targetsOf(engine, picture, model, layout)

  const sinks: Sink[] = []
  const guideOf: GuideOf = (tile) => {
    const grid = tile === null ? model.coarse : model.fine
    const target = targetOf(tile)
    const { layers, size } = streamOf(model, layout, fineLayers, tile)
    const sink = profile === 'entropy' ? entropySink() : plainSink(layers, size)
    sinks.push(sink)
    const guide =
      profile === 'entropy' ? rateDistortion(target, weightsOf(grid.order, picture), lambdaOf(s)) : nearest(target)
    return recording(guide, sink.listen)
  }
  const { planes } = await drive(reconstruct(engine, model, { layout, s, fineLayers }, guideOf), options)

  const [coarse, ...tiles] = sinks.map((sink) => sink.finish())
  const { width, height, components } = picture
  const data = fromOpponent(planes, layout.fine.width * 8, width, height, components)
  return {
    file: writeFile(header, coarse, tiles),
    reconstruction: { width, height, components, data },
    psnr: psnrOf(picture.data, data),
    bits: sinks.reduce((sum, sink) => sum + sink.bits(), 0),
  }
}

function checkProfile(model: Model, profile: 'entropy' | 'plain'): void {
  if (model.profiles.includes(profile)) return
  throw new DdncError({
    tag: 'BadOption',
    option: 'profile',
    found: `${profile} with model ${model.name}`,
    allowed: `${model.profiles.join(', ')} with this model`,
  })
}

function headerOf(
  { width, height, components }: Picture,
  options: CompressOptions,
  profile: 'entropy' | 'plain',
): Header {
  const { model, quality, lambda } = options
  if (quality !== undefined && lambda !== undefined) {
    throw new DdncError({ tag: 'BadOption', option: 'lambda', found: 'given with quality', allowed: 'one of them' })
  }
  const s = lambda === undefined ? stepOfQuality(quality ?? DEFAULT_QUALITY) : stepOfLambda(lambda)
  return {
    width,
    height,
    components,
    profile,
    lambdaStep: s,
    fineLayers: fineLayersAt(model, s),
    tileSide: options.tileSide ?? (width * height <= ONE_TILE_PIXELS ? 0 : DEFAULT_TILE_SIDE),
    modelHash: model.hash.subarray(0, 8),
    modelName: model.name,
  }
}

/** A grey picture is walked as R = G = B: its chroma counts for nothing (DESIGN section 3). */
const weightsOf = (order: Uint8Array, { components }: Picture): Float64Array =>
  Float64Array.from(order, (id) => (components === 3 || id < 64 ? 1 : 0))

/**
 * Peak signal-to-noise ratio over all samples, in dB; Infinity if they are equal.
 * @param b of the same length
 * @example psnrOf(Uint8Array.of(0, 0), Uint8Array.of(0, 1)) // 51.14
 */
export function psnrOf(a: Uint8Array, b: Uint8Array): number {
  let error = 0
  for (let i = 0; i < a.length; i++) error += (a[i] - b[i]) ** 2
  return error === 0 ? Infinity : 10 * Math.log10((255 * 255 * a.length) / error)
}
