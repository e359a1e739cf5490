/**
 * One encoding of a picture that is read in parts: as `encode`, tile by tile. The picture is read twice, first for its
 * coarse grid, and once more for each encoding to see what it became.
 */
import type { Numbers } from '../engine/engine.js'
import { reference } from '../engine/reference.js'
import type { Beside } from '../format/file.js'
import type { GridHeader } from '../format/header.js'
import { recording, type Search } from '../network/guides.js'
import { COEFFICIENT_REACH, pixelsOf, widened, type Layout, type Tile } from '../network/layout.js'
import type { CellGridModel } from '../network/model.js'
import { keptScratch } from '../network/scratch.js'
import { analyseArea, coarseTarget, dcOf, fineTarget } from '../network/target.js'
import { tuningOfParts, type Tune, type Tuning } from '../network/tune.js'
import { coarseOf } from './coarseOf.js'
import { fileOf, type Encoded } from './encode.js'
import { choosing, sinkOf, type Pixels } from './jobs.js'
import { paintPicture } from './paintPicture.js'
import type { PixelSink, PixelSource } from './pixels.js'
import { differenceOf, psnrOf } from './psnr.js'
import { streamOf, type Written } from './streams.js'
import { withRunner, type WorkOptions } from './threads.js'

/** Positions of a strip that is analysed for the coarse grid: 2^19 pixels. */
const STRIP_POSITIONS = 2 ** 13

/** What all encodings of a picture share. */
export type TileEncoding = Readonly<{
  source: PixelSource
  /** Of every pixel, where they are not all seen. */
  alpha?: Uint8Array | undefined
  model: CellGridModel
  layout: Layout
  coarseTarget: Numbers
  search: Search
  tuning: Tuning
  /** Chunks of the file beside its streams. */
  beside: Beside
}>

/**
 * Reads a picture a first time, for its coarse grid.
 * @throws what the source throws; the signal's reason
 */
export async function openTileEncoding(
  given: Pick<TileEncoding, 'source' | 'alpha' | 'model' | 'layout' | 'search' | 'beside'> & { tune: Tune },
  { signal }: WorkOptions,
): Promise<TileEncoding> {
  const { source, model, layout, tune } = given
  const { fine } = layout
  const rows = Math.max(1, Math.floor(STRIP_POSITIONS / fine.width))
  const seen = tune === 'ssim' ? tuningOfParts(model.fine.order.length) : null
  const scratch = keptScratch()
  const dc = [0, 1, 2].map(() => new Float64Array(fine.width * fine.height))
  for (let y = 0; y < fine.height; y += rows) {
    signal?.throwIfAborted()
    const strip = { x: 0, y, width: fine.width, height: Math.min(rows, fine.height - y) }
    const wide = widened(strip, COEFFICIENT_REACH, fine)
    const pixels = pixelsOf(wide, layout)
    const { width, height } = pixels
    const part = { width, height, components: source.components, data: await source.read(pixels) }
    const analysed = analyseArea(part, wide, scratch)
    analysed.forEach((plane, index) => dc[index].set(dcOf(plane, wide, strip), y * fine.width))
    seen?.add(fineTarget(reference, model, analysed, wide, strip))
  }
  return { ...given, coarseTarget: coarseTarget(reference, model, dc, layout), tuning: seen && seen.tuning() }
}

/**
 * One walk over a picture, told to the streams of a file.
 * @param header names the step of λ and the layers coded
 * @param lambda what the guide weighs bits with, grey level² per bit
 * @param sink takes what every decoder makes of the file; null: nobody wants it
 */
export async function encodeTiles(
  encoding: TileEncoding,
  header: GridHeader,
  lambda: number,
  options: WorkOptions,
  sink: PixelSink | null,
): Promise<Omit<Encoded, 'reconstruction'>> {
  const { source, alpha, model, layout, search, tuning, beside } = encoding
  const { width, height, components } = source
  const { lambdaStep: s, fineLayers, profile } = header
  const { coarse, engine, written } = await encodeCoarse(encoding, header, lambda, options)
  const streams: Written[] = [written]
  const workOf = async (tile: number) => ({
    task: { s, fineLayers, size: layout.tiles[tile] },
    profile,
    work: {
      kind: 'encode',
      search,
      tuning,
      lambda,
      components,
      pixels: await pixelsAround(layout.tiles[tile]),
    } as const,
  })
  const pixelsAround = async (tile: Tile): Promise<Pixels> => {
    const given = widened(tile, COEFFICIENT_REACH, layout.fine)
    const { width, height, ...from } = pixelsOf(given, layout)
    return { data: await source.read({ width, height, ...from }), width, height, given, tile }
  }
  let [squares, seen] = [0, 0]
  const compare: PixelSink = async (rows, y) => {
    const area = { x: 0, y, width, height: rows.length / (width * components) }
    const part = alpha?.subarray(y * width, (y + area.height) * width)
    const difference = differenceOf(await source.read(area), rows, part)
    squares += difference.squares
    seen += difference.seen
    await sink?.(rows, y)
  }
  const painting = {
    ...{ model, layout, components, coarse, region: { x: 0, y: 0, width, height }, workOf },
    onWalked: (tile: number, { written }: Readonly<{ written: Written | null }>) => void (streams[tile + 1] = written!),
    onProgress: options.onProgress,
  }
  await withRunner(engine, model, layout, options, null, (runner) => paintPicture(runner, painting, compare))
  return {
    ...fileOf(header, streams, beside),
    psnr: psnrOf({ squares, seen }),
    squares,
    extraOf: null,
  }
}

/** The coarse grid. Its sink has four bytes for every choice of a large picture: nothing here outlives it. */
async function encodeCoarse(
  { source: { components }, model, layout, search, coarseTarget: target }: TileEncoding,
  { lambdaStep: s, fineLayers, profile }: GridHeader,
  lambda: number,
  options: WorkOptions,
): Promise<Awaited<ReturnType<typeof coarseOf>> & { written: Written }> {
  const { layers, size } = streamOf(model, layout, fineLayers, null)
  const sink = sinkOf(profile, layers, size)
  const guide = choosing(target, model.coarse.order, { profile, search, tuning: null, components, lambda })
  const walked = await coarseOf(model, layout, s, recording(guide, sink.listen), options)
  return { ...walked, written: sink.finish() }
}
