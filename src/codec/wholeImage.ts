/** Files of whole-image models (SPEC 3.1, 9.1): one walk, one path. */
import type { Engine, Numbers } from '../engine/engine.js'
import { loadEngine } from '../engine/loadEngine.js'
import { corrupt, DdncError } from '../errors.js'
import { writeFile, type Beside, type Coded } from '../format/file.js'
import type { WholeHeader } from '../format/header.js'
import { packPath } from '../format/plain.js'
import { nearest, recording, replay, type ChoiceListener } from '../network/guides.js'
import type { Picture } from '../network/picture.js'
import { walk, type Guide } from '../network/walk.js'
import { hasClass, stepsOf, type WholeImageModel } from '../network/wholeModel.js'
import { pixelsOf, targetOf } from '../network/wholePicture.js'
import { openWholeWalk, type WholeWalk } from '../network/wholeWalk.js'
import { alongPath, beam } from './beam.js'
import { drive, type DriveOptions } from './drive.js'
import { checkEffort } from './effort.js'
import type { Compressed } from './encode.js'
import { engineParts } from './engineParts.js'
import { checkQuality } from './lambda.js'
import { pathSink, pathSource } from './path.js'
import { psnr } from './psnr.js'
import { seek, wantedOf, type TargetOptions } from './seek.js'

export type WholeOptions = DriveOptions &
  TargetOptions & {
    label?: number | undefined
    quality?: number | undefined
    effort?: number | undefined
    engine?: 'wasm' | 'reference' | undefined
  }

/**
 * Encodes a picture as a path: of each layer the candidate nearest to it (paper, eq. 1), or with effort the best of many
 * paths. Of a model with classes each is tried, unless one is given, and the one of least error kept.
 * @param picture of the model's size; grey is spread where the model has colour
 * @param beside chunks of the file beside its path
 * @throws {DdncError} BadOption: a picture of another size, colour for a grey model, a class that the model has not
 * @example const { file, bits } = await compressWhole(picture, model, {})
 */
export async function compressWhole(
  picture: Picture,
  model: WholeImageModel,
  options: WholeOptions,
  beside: Beside = {},
): Promise<Compressed> {
  const { label, quality, effort = 1, engine: name = 'wasm' } = options
  checkEffort(effort)
  const source = fitted(picture, model)
  const choices = choicesAt(model, quality)
  const labels = label === undefined ? allLabels(model) : [label]
  const engine = await loadEngine(name, engineParts(model))
  const coding = { engine, model, source, alpha: picture.alpha, labels, width: 2 ** (effort - 1), beside }
  const wanted = wantedOf(options)
  if (!wanted) return encodeChoices(coding, choices, options)
  return seek(wanted, choices - 1, (position, driven) => encodeChoices(coding, choices - position, driven), options)
}

/** What all encodings of a picture share. */
type WholeCoding = Readonly<{
  engine: Engine
  model: WholeImageModel
  /** Of the model's size and components. */
  source: Picture
  alpha: Uint8Array | undefined
  labels: readonly number[]
  /** Paths that are followed at once. */
  width: number
  beside: Beside
}>

/** The first so many choices of a path of the class that suits best; of equals the lowest. */
async function encodeChoices(
  { engine, model, source, alpha, labels, width: paths, beside }: WholeCoding,
  choices: number,
  { signal, onProgress }: DriveOptions,
): Promise<Compressed> {
  const target = targetOf(engine, source, model.patch)
  const { width, height, components } = source
  let best: Compressed | null = null
  for (const [i, label] of labels.entries()) {
    const report = (fraction: number): void => onProgress?.((i + fraction) / labels.length)
    const driven = { signal, onProgress: report }
    const sink = pathSink(model.K)
    const begin = (): WholeWalk => openWholeWalk(engine, model, label, choices)
    const guide = paths === 1 ? nearest(target) : alongPath(await drive(beam(begin(), target, paths), driven))
    const data = await pixelsAfter(begin(), recording(guide, sink.listen), paths === 1 ? driven : { signal })
    const found = psnr(source.data, data, alpha)
    if (best && found <= best.psnr) continue
    const written = sink.finish()
    const file = writeFile(headerOf(model, label, choices), [written.data], beside)
    best = { file, reconstruction: { width, height, components, data }, psnr: found, bits: written.bits }
  }
  return best!
}

/**
 * A `.ddn` file of a path that may come from anywhere: another file, a guide, a user.
 * @param path choices in walk order, at most all L
 * @param label class, 0 if the model has none
 * @throws {DdncError} BadOption: a choice or a class that the model has not, or too many choices
 * @example await decompress(fileOfPath([0, 1, 1, 0], model), { model })
 */
export function fileOfPath(path: ArrayLike<number>, model: WholeImageModel, label = 0): Uint8Array {
  const most = stepsOf(model).length
  if (path.length > most)
    throw new DdncError({ tag: 'BadOption', option: 'path', found: `${path.length} choices`, allowed: `0…${most}` })
  if (!hasClass(model, label)) {
    const allowed = `${allLabels(model).join(', ')} with model ${model.name}`
    throw new DdncError({ tag: 'BadOption', option: 'label', found: String(label), allowed })
  }
  return writeFile(headerOf(model, label, path.length), [packPath(path, model.K)])
}

/**
 * Decodes a file: the same walk, its choices replayed.
 * @throws {DdncError} Corrupt for what contradicts the model, or a path that cannot be; Truncated
 */
export async function decompressWhole(
  { header, streams }: Coded<WholeHeader>,
  model: WholeImageModel,
  options: WholeOptions,
  listen: ChoiceListener | null,
): Promise<Picture> {
  checkAgainst(header, model)
  const source = pathSource(streams[0].data, streams[0].complete, model.K, header.choices)
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))
  const state = openWholeWalk(engine, model, header.label, header.choices)
  const guide = listen ? recording(replay(source), listen) : replay(source)
  const data = await pixelsAfter(state, source.empty ? null : guide, options)
  const { width, height, components } = header
  return { width, height, components, data }
}

/**
 * Walks with a guide, and gives the pixels of what has become of the picture.
 * @example await pixelsAfter(openWholeWalk(engine, model, 0, 10), random(7), {})
 */
export async function pixelsAfter(walked: WholeWalk, guide: Guide | null, driven: DriveOptions): Promise<Uint8Array> {
  return pixelsOf(await drive(stepByStep(walked, guide), driven))
}

function* stepByStep(walked: WholeWalk, guide: Guide | null): Generator<number, Numbers> {
  let done = 0
  for (const _ of walk(walked, guide)) yield (done += 1) / walked.layers.length
  return walked.picture()
}

const allLabels = ({ classes }: WholeImageModel): number[] => Array.from({ length: Math.max(1, classes) }, (_, i) => i)

/** A quality is a share of the choices. */
function choicesAt(model: WholeImageModel, quality: number | undefined): number {
  if (quality !== undefined) checkQuality(quality)
  return Math.ceil(((quality ?? 100) * stepsOf(model).length) / 100)
}

/** A picture of the model's size, with its components. */
function fitted(picture: Picture, model: WholeImageModel): Picture {
  const refuse = (option: string, found: string, allowed: string): DdncError =>
    new DdncError({ tag: 'BadOption', option, found, allowed: `${allowed} with model ${model.name}` })
  const { width, height, components, data } = picture
  if (width !== model.width || height !== model.height)
    throw refuse('picture size', `${width} x ${height}`, `${model.width} x ${model.height}`)
  if (components === model.components) return picture
  if (components === 3) throw refuse('picture components', '3, RGB', '1, grey,')
  return {
    width,
    height,
    components: 3,
    data: Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]),
  }
}

const headerOf = (model: WholeImageModel, label: number, choices: number): WholeHeader => ({
  kind: 'whole',
  width: model.width,
  height: model.height,
  components: model.components,
  profile: 'plain',
  label,
  choices,
  modelHash: model.hash.subarray(0, 8),
  modelName: model.name,
})

/** What only the model can judge (SPEC 3.1.4, 3.1.5, 3.1.8, 3.1.9). */
function checkAgainst(header: WholeHeader, model: WholeImageModel): void {
  const most = stepsOf(model).length
  const expect = (met: boolean, where: string, found: number, allowed: number | string): void => {
    if (!met) throw corrupt(where, String(found), `${allowed} with model ${model.name}`)
  }
  for (const side of ['width', 'height', 'components'] as const)
    expect(header[side] === model[side], side, header[side], model[side])
  expect(hasClass(model, header.label), 'the class', header.label, `0…${Math.max(1, model.classes) - 1}`)
  expect(header.choices <= most, 'choices coded', header.choices, `0…${most}`)
}
