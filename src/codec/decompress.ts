/** Decoding: the same walk, replaying the file's choices. */
import { corrupt, DdncError, hexOf } from '../errors.js'
import { readFile, streamName, type Beside, type Coded } from '../format/file.js'
import { MAX_PIXELS, type GridHeader, type Header } from '../format/header.js'
import { thumbnailPlanes } from '../network/coarse.js'
import { fromOpponent } from '../network/colour.js'
import { recording, replay, type ChoiceListener } from '../network/guides.js'
import { layoutOf, type Layout } from '../network/layout.js'
import type { CellGridModel, Model } from '../network/model.js'
import type { Picture } from '../network/picture.js'
import { unpackBesides, type Besides } from './beside.js'
import { coarseOf } from './coarseOf.js'
import { sourceOf, type PathListener } from './jobs.js'
import { paintPicture } from './paintPicture.js'
import { collector, cropped, type PixelSink } from './pixels.js'
import { checkExact, exactSamples } from './lossless.js'
import { streamOf, type Source } from './streams.js'
import { withRunner, type WorkOptions } from './threads.js'
import { viewedBesides, viewOf, type View, type ViewOptions } from './view.js'
import { decompressWhole } from './wholeImage.js'

/** A model, or a way to get the one a file names. */
export type ModelSource = Model | ((wanted: { name: string; hash: string }) => Promise<Model>)

export type DecompressOptions = WorkOptions &
  ViewOptions & {
    model: ModelSource
    /** Decode what there is of a file that was cut after its header. */
    partial?: boolean | undefined
    /** A picture of more pixels is refused before anything is decoded; 2^28, the default, is the most. */
    maxPixels?: number | undefined
  }

export type { PathListener }

/**
 * Decompresses a `.ddn` file, or what `region` and `scale` say of it.
 * @param file the whole file; with `partial` it may end anywhere after its header
 * @returns interleaved 8-bit sRGB or grey, the same pixels on every machine; alpha and metadata if the file has them
 * @throws {DdncError} BadSignature, UnsupportedVersion, UnknownModel, Corrupt, Truncated, LimitExceeded; BadOption: a
 *   region outside the picture
 * @example const { width, height, data } = await decompress(file, { model })
 */
export async function decompress(file: Uint8Array, options: DecompressOptions): Promise<Picture> {
  return decompressAnd(file, options, null)
}

/** The same, telling a listener every choice. */
export async function decompressAnd(
  bytes: Uint8Array,
  options: DecompressOptions,
  listen: PathListener | null,
): Promise<Picture> {
  return pictureOf(await openPicture(bytes, options, listen))
}

/** All of an opened file in memory. @throws as `decompress` */
export async function pictureOf({ shape, besides, paint }: OpenPicture): Promise<Picture> {
  const { data, sink } = collector(shape)
  await paint(sink)
  return { ...shape, data: data(), ...besides }
}

/** A file that has been read and judged, its pixels yet to be made. */
export type OpenPicture = Readonly<{
  shape: Pick<Picture, 'width' | 'height' | 'components'>
  besides: Besides
  /** Makes the pixels. @throws as `decompress` */
  paint(sink: PixelSink): Promise<void>
}>

/**
 * What `decompress` does before it needs memory for pixels; they come in rows.
 * @throws {DdncError} as `decompress`
 * @example const { shape, paint } = await openPicture(file, { model }, null)
 */
export async function openPicture(
  bytes: Uint8Array,
  options: DecompressOptions,
  listen: PathListener | null,
): Promise<OpenPicture> {
  const { header, streams, beside } = readFile(bytes, { partial: options.partial ?? false })
  checkPixels(header, options)
  checkExact(beside)
  const view = viewOf(header, options)
  const { width, height } = view.region
  const besides = unpackBesides(beside, header)
  const painterFor = (seen: View): Promise<Painter> => painterOf({ header, streams }, seen, options, listen)
  // Of a cut file the residual is that of a picture that is not there; a thumbnail has none.
  const isExact = streams.every(({ complete }) => complete) && beside.residual !== undefined && view.scale === 1
  return {
    shape: { width, height, components: header.components },
    besides: viewedBesides(besides, header, view),
    paint: isExact
      ? exactPainter(beside, header, besides, view, await painterFor(viewOf(header, {})))
      : await painterFor(view),
  }
}

function checkPixels({ width, height }: Header, { maxPixels: limit = MAX_PIXELS }: DecompressOptions): void {
  const value = width * height
  if (value > limit) throw new DdncError({ tag: 'LimitExceeded', what: 'the number of pixels', value, limit })
}

type Painter = OpenPicture['paint']

/** All of the picture, since each sample of the residual is told by those before it; then what is seen of it. */
function exactPainter(
  beside: Beside,
  { width, height, components }: Header,
  { alpha }: Besides,
  { region }: View,
  paintAll: Painter,
): Painter {
  return async (sink) => {
    const shape = { width, height, components }
    const { data, sink: all } = collector(shape)
    await paintAll(all)
    const lossy = { ...shape, data: data(), ...(alpha && { alpha }) }
    await sink(cropped(exactSamples(beside, lossy), width, components, region), 0)
  }
}

async function painterOf(
  { header, streams }: Coded,
  view: View,
  options: DecompressOptions,
  listen: PathListener | null,
): Promise<Painter> {
  const model = await findModel(header, options.model)
  if (header.kind === 'whole') {
    if (model.kind !== 'whole') throw wrongKind('of whole-image choices', 'of grids', model)
    const tell: ChoiceListener | null = listen && ((...choices) => listen(null, ...choices))
    return async (sink) => {
      const { data, components } = await decompressWhole({ header, streams }, model, options, tell)
      await sink(cropped(data, view.width, components, view.region), 0)
    }
  }
  if (model.kind === 'whole') throw wrongKind('of grids', 'of whole-image choices', model)
  return gridPainter({ header, streams }, model, view, options, listen)
}

/** The kind of a file is that of its model (SPEC 3.1.3). */
const wrongKind = (found: string, allowed: string, { name }: Model): DdncError =>
  corrupt('the kind of file', found, `${allowed} with model ${name}`)

function gridPainter(
  file: Coded<GridHeader>,
  model: CellGridModel,
  { scale, region, width }: View,
  options: DecompressOptions,
  listen: PathListener | null,
): Painter {
  const { header, streams } = file
  checkAgainstModel(header, model)
  const layout = layoutOf(header.width, header.height, header.tileSide)
  const [top] = sourcesOf(file, model, layout)
  const { lambdaStep: s, fineLayers, components, profile } = header

  return async (sink) => {
    const choices = listen ? recording(replay(top), (...chosen) => listen(null, ...chosen)) : replay(top)
    const { coarse, engine } = await coarseOf(model, layout, s, top.empty ? null : choices, options)
    if (scale === 8) {
      const pixels = fromOpponent(thumbnailPlanes(coarse.dc), width, width, layout.fine.height, components)
      return sink(cropped(pixels, width, components, region), 0)
    }
    const workOf = (tile: number) => {
      const { data, complete } = streams[tile + 1]
      const work = { kind: 'decode', data, complete, where: streamName(header, tile + 1) } as const
      return { task: { s, fineLayers, size: layout.tiles[tile] }, profile, work }
    }
    const painting = { model, layout, components, coarse, region, workOf, onProgress: options.onProgress }
    await withRunner(engine, model, layout, options, listen, (runner) => paintPicture(runner, painting, sink))
  }
}

async function findModel({ modelName, modelHash }: Header, model: ModelSource): Promise<Model> {
  const hash = hexOf(modelHash)
  const found = typeof model === 'function' ? await model({ name: modelName, hash }) : model
  if (hexOf(found.hash.subarray(0, 8)) !== hash) throw new DdncError({ tag: 'UnknownModel', name: modelName, hash })
  return found
}

/** What only the model can judge (SPEC 3.1.3, 3.1.5). */
function checkAgainstModel({ fineLayers, profile }: GridHeader, model: CellGridModel): void {
  if (fineLayers > model.fine.layers.length) {
    throw corrupt('fine layers coded', `${fineLayers}`, `0…${model.fine.layers.length} with model ${model.name}`)
  }
  if (!model.profiles.includes(profile)) {
    throw corrupt('profile', profile, `${model.profiles.join(', ')} with model ${model.name}`)
  }
}

/**
 * The coarse stream's source, then those of the tiles.
 * @throws {DdncError} Corrupt for a complete stream whose length cannot be: nothing is allocated yet
 */
function sourcesOf({ header, streams }: Coded<GridHeader>, model: CellGridModel, layout: Layout): Source[] {
  return streams.map(({ data, complete }, i) => {
    const tile = i === 0 ? null : i - 1
    const grid = streamOf(model, layout, header.fineLayers, tile)
    return sourceOf(header.profile, { data, complete, where: streamName(header, i), ...grid })
  })
}
