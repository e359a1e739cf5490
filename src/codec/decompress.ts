/** Decoding: the same walk, replaying the file's choices. */
import { loadEngine } from '../engine/loadEngine.js'
import { corrupt, DdncError, hexOf } from '../errors.js'
import { readFile, streamName, type Coded } from '../format/file.js'
import { MAX_PIXELS, type GridHeader, type Header } from '../format/header.js'
import { fromOpponent } from '../network/colour.js'
import { recording, replay, type ChoiceListener } from '../network/guides.js'
import { layoutOf, type Layout } from '../network/layout.js'
import type { CellGridModel, Model } from '../network/model.js'
import type { Picture } from '../network/picture.js'
import { reconstruct, type GuideOf } from '../network/reconstruct.js'
import { unpackBesides } from './beside.js'
import { drive, type DriveOptions } from './drive.js'
import { engineParts } from './engineParts.js'
import { entropySource } from './entropy.js'
import { plainSource } from './plain.js'
import { streamOf, type Source } from './streams.js'
import { decompressWhole } from './wholeImage.js'

/** A model, or a way to get the one a file names. */
export type ModelSource = Model | ((wanted: { name: string; hash: string }) => Promise<Model>)

export type DecompressOptions = DriveOptions & {
  model: ModelSource
  /** Decode what there is of a file that was cut after its header. */
  partial?: boolean | undefined
  /** A picture of more pixels is refused before anything is decoded; 2^26, the default, is the most. */
  maxPixels?: number | undefined
  engine?: 'wasm' | 'reference' | undefined
}

/** Told every choice of a file, tile by tile; tile null is the coarse grid. */
export type PathListener = (tile: number | null, ...choices: Parameters<ChoiceListener>) => void

/**
 * Decompresses a `.ddn` file.
 * @param file the whole file; with `partial` it may end anywhere after its header
 * @returns interleaved 8-bit sRGB or grey, the same pixels on every machine; alpha and metadata if the file has them
 * @throws {DdncError} BadSignature, UnsupportedVersion, UnknownModel, Corrupt, Truncated, LimitExceeded
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
  const { header, streams, beside } = readFile(bytes, { partial: options.partial ?? false })
  checkPixels(header, options)
  const besides = unpackBesides(beside, header)
  const picture = await decompressPixels({ header, streams }, options, listen)
  return { ...picture, ...besides }
}

function checkPixels({ width, height }: Header, { maxPixels: limit = MAX_PIXELS }: DecompressOptions): void {
  const value = width * height
  if (value > limit) throw new DdncError({ tag: 'LimitExceeded', what: 'the number of pixels', value, limit })
}

async function decompressPixels(
  { header, streams }: Coded,
  options: DecompressOptions,
  listen: PathListener | null,
): Promise<Picture> {
  const model = await findModel(header, options.model)
  if (header.kind === 'whole') {
    if (model.kind !== 'whole') throw wrongKind('of whole-image choices', 'of grids', model)
    return decompressWhole({ header, streams }, model, options, listen && ((...choices) => listen(null, ...choices)))
  }
  if (model.kind === 'whole') throw wrongKind('of grids', 'of whole-image choices', model)
  return decompressGrids({ header, streams }, model, options, listen)
}

/** The kind of a file is that of its model (SPEC 3.1.3). */
const wrongKind = (found: string, allowed: string, { name }: Model): DdncError =>
  corrupt('the kind of file', found, `${allowed} with model ${name}`)

async function decompressGrids(
  file: Coded<GridHeader>,
  model: CellGridModel,
  options: DecompressOptions,
  listen: PathListener | null,
): Promise<Picture> {
  const { header } = file
  checkAgainstModel(header, model)
  const layout = layoutOf(header.width, header.height, header.tileSide)
  const sources = sourcesOf(file, model, layout)
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))

  const guideOf: GuideOf = (tile) => {
    const source = sources[tile === null ? 0 : tile + 1]
    if (source.empty) return null
    return listen ? recording(replay(source), (...choices) => listen(tile, ...choices)) : replay(source)
  }
  const task = { layout, s: header.lambdaStep, fineLayers: header.fineLayers }
  const { planes } = await drive(reconstruct(engine, model, task, guideOf), options)
  const { width, height, components } = header
  return { width, height, components, data: fromOpponent(planes, layout.fine.width * 8, width, height, components) }
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
  const source = header.profile === 'entropy' ? entropySource : plainSource
  return streams.map(({ data, complete }, i) => {
    const tile = i === 0 ? null : i - 1
    return source({ data, complete, where: streamName(header, i), ...streamOf(model, layout, header.fineLayers, tile) })
  })
}
