/** One encoding at one step of λ: the walk with the profile's guide, its choices told to a stream. */
import type { Engine, Numbers } from '../engine/engine.js'
import { writeFile, type Beside } from '../format/file.js'
import type { GridHeader } from '../format/header.js'
import { extraBeyond, sumOf } from '../network/aim.js'
import { fromOpponent } from '../network/colour.js'
import { recording, type LambdaOf, type Search } from '../network/guides.js'
import type { Layout } from '../network/layout.js'
import type { CellGridModel } from '../network/model.js'
import type { Picture } from '../network/picture.js'
import { reconstruct, type GuideOf } from '../network/reconstruct.js'
import type { TargetOf } from '../network/target.js'
import type { Tuning } from '../network/tune.js'
import { drive, type DriveOptions } from './drive.js'
import { choosing, sinkOf } from './jobs.js'
import { differenceOf, psnrOf } from './psnr.js'
import { streamOf, type Sink, type Written } from './streams.js'

export type Compressed = {
  file: Uint8Array
  /** What every decoder makes of the file, pixel by pixel. */
  reconstruction: Picture
  /** dB over all samples that are not wholly transparent; Infinity if equal. */
  psnr: number
  /** Σ −log2 p of the choices by the prior (plain: their exact number), without the file's framing. */
  bits: number
}

/** What only an encoder asks for. */
export type Encoded = Compressed &
  Readonly<{
    /** Squared error of all samples that are not wholly transparent. */
    squares: number
    /** How many cells needed an escape count. */
    escapes: number
    /** What the closing layer and the clean-up added to the choices, as coefficients; null if nobody asked. */
    extraOf: TargetOf | null
  }>

/** What all encodings of a picture share. */
export type Encoding = Readonly<{
  engine: Engine
  picture: Picture
  model: CellGridModel
  layout: Layout
  targetOf: TargetOf
  search: Search
  tuning: Tuning
  /** Whether `extraOf` is asked for: another walk will follow. */
  again: boolean
  /** Chunks of the file beside its streams. */
  beside: Beside
}>

/**
 * One walk over a picture, told to the streams of a file.
 * @param header names the step of λ and the layers coded
 * @param lambda what the guide weighs bits with, grey level² per bit: that of the step, or near it
 */
export async function encode(
  encoding: Encoding,
  header: GridHeader,
  lambda: LambdaOf,
  driven: DriveOptions,
): Promise<Encoded> {
  const { engine, picture, model, layout, targetOf, search, tuning, again, beside } = encoding
  const { width, height, components } = picture
  const { lambdaStep: s, fineLayers, profile } = header
  const streams: Written[] = []
  const totals = new Map<number | null, Numbers>()
  let sink: Sink | null = null
  // A sink is much larger than its stream: it ends with its walk.
  const finishStream = (): void => void (sink && streams.push(sink.finish()))
  const guideOf: GuideOf = (tile) => {
    finishStream()
    const grid = tile === null ? model.coarse : model.fine
    const target = targetOf(tile)
    const { layers, size } = streamOf(model, layout, fineLayers, tile)
    sink = sinkOf(profile, layers, size)
    const guide = choosing(target, grid.order, {
      profile,
      search,
      tuning: tile === null ? null : tuning,
      components,
      lambda,
    })
    const told = recording(guide, sink.listen)
    if (!again) return told
    const { total, listen } = sumOf(engine, grid, size.width * size.height)
    totals.set(tile, total)
    return recording(told, listen)
  }
  const { planes } = await drive(reconstruct(engine, model, { layout, s, fineLayers }, guideOf), driven)

  finishStream()
  const pixels = fromOpponent(planes, layout.fine.width * 8, width, height, components)
  const difference = differenceOf(picture.data, pixels, picture.alpha)
  return {
    ...fileOf(header, streams, beside),
    reconstruction: { width, height, components, data: pixels },
    psnr: psnrOf(difference),
    squares: difference.squares,
    extraOf: again ? extraBeyond(engine, model, layout, (tile) => totals.get(tile)!, planes) : null,
  }
}

/** The file of a picture's streams, and what they say of it together. */
export const fileOf = (
  header: GridHeader,
  streams: readonly Written[],
  beside: Beside,
): Pick<Encoded, 'file' | 'bits' | 'escapes'> => ({
  file: writeFile(
    header,
    streams.map(({ data }) => data),
    beside,
  ),
  bits: streams.reduce((sum, { bits }) => sum + bits, 0),
  escapes: streams.reduce((sum, { escapes }) => sum + escapes, 0),
})
