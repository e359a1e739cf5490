/** Fuzzing of whole files with their models (SPEC 3 to 9): both engines give the same pixels, or the same error. */
import { fileOfPath } from '../../codec/wholeImage.js'
import { readFile, type DdnFile } from '../../format/file.js'
import { compress, loadModel, type Model, type Picture, type WholeImageModel } from '../../index.js'
import { stepsOf } from '../../network/wholeModel.js'
import { shippedModel } from '../../node/models.js'
import { microFile } from '../quantise/micro.js'
import { microWholeFile } from '../quantise/microWhole.js'
import { bytesOf, changed, drawsOf, once, pick, type Draw } from './draw.js'
import { byHash, decodeOnBoth } from './engines.js'
import { chunkTypes, rawFile, type RawChunk, type RawHeader } from './rawFile.js'
import type { Target } from './target.js'

/** Sides that a damaged header may claim: what is decoded is walked by the slow engine too. */
type Limits = Readonly<{ side: number; bound: number }>

/** A picture of few pixels: a slope with noise on it. */
function anyPicture(draw: Draw, width: number, height: number, components: 1 | 3): Picture {
  const data = Uint8Array.from({ length: width * height * components }, (_, i) => ((i * 3) % 160) + draw(90))
  return { width, height, components, data }
}

/** Sound files of a model: each profile, grey and colour, at several rates, tiled or not. */
async function soundFiles(model: Model, sides: readonly (readonly [number, number])[]): Promise<Uint8Array[]> {
  const draw = drawsOf(1, 0)
  if (model.kind === 'whole') return Array.from({ length: 4 }, () => fileOfPath(anyPath(draw, model), model))
  const files: Uint8Array[] = []
  for (const profile of model.profiles) {
    for (const [i, [width, height]] of sides.entries()) {
      const picture = anyPicture(draw, width, height, i % 2 === 0 ? 3 : 1)
      files.push(await compress(picture, { model, profile, quality: 30 + 20 * i, tileSide: width > 64 ? 64 : 0 }))
    }
  }
  return files
}

const anyPath = (draw: Draw, model: WholeImageModel): number[] => stepsOf(model).map(() => draw(model.K - 1))

/** A sound file as numbers that can be changed. */
function rawOf({ header, streams }: DdnFile): { header: RawHeader; chunks: RawChunk[] } {
  const { width, height, components, modelHash: hash, modelName, profile } = header
  const whole = header.kind === 'whole'
  const [step, coded, tileSide] = whole
    ? [header.label, header.choices, 0]
    : [header.lambdaStep, header.fineLayers, header.tileSide]
  const chunks = streams.map(({ data }, i) => ({ type: whole ? 3 : i === 0 ? 1 : 2, data }))
  return {
    header: {
      version: 0,
      whole,
      depth: 0,
      components,
      plain: profile === 'plain',
      step,
      coded,
      hash,
      name: new TextEncoder().encode(modelName),
      width,
      height,
      tileSide: tileSide === 0 ? null : tileSide / 64,
    },
    chunks,
  }
}

/** One field says something else; the hash of a model seldom. */
function otherHeader(draw: Draw, header: RawHeader, { side }: Limits, hashes: readonly Uint8Array[]): RawHeader {
  switch (draw(8)) {
    case 0:
      return { ...header, step: draw(once(draw, 5) ? 255 : 73) }
    case 1:
    case 2:
      return { ...header, coded: draw(once(draw, 5) ? 255 : header.coded + 1) }
    case 3:
      return { ...header, components: header.components === 1 ? 3 : 1 }
    case 4:
      return { ...header, width: 1 + draw(side - 1) }
    case 5:
      return { ...header, height: 1 + draw(side - 1) }
    case 6:
      return { ...header, plain: !header.plain }
    case 7:
      return { ...header, tileSide: header.tileSide === null ? 1 : null }
    default:
      return { ...header, hash: pick(draw, hashes) }
  }
}

/** The target of files of these models. */
async function pictureTarget(
  name: string,
  models: readonly Model[],
  sides: readonly (readonly [number, number])[],
  limits: Limits,
): Promise<Target> {
  const files = (await Promise.all(models.map((model) => soundFiles(model, sides))))
    .flat()
    .map((file) => readFile(file))
  const hashes = models.map(({ hash }) => hash.subarray(0, 8))
  const known = byHash(models)

  /** The chunks that the header now asks for, of streams that are there, are changed, or are of another file. */
  function otherChunks(draw: Draw, header: RawHeader, chunks: readonly RawChunk[]): RawChunk[] {
    const types = chunkTypes(header)
    const at = draw(types.length - 1)
    return types.map((type, i) => {
      const { data } = chunks[Math.min(i, chunks.length - 1)]
      if (i !== at || once(draw, 4)) return { type, data }
      const elsewhere = pick(draw, pick(draw, files).streams).data
      return { type, data: pick(draw, [changed(draw, data), changed(draw, data), elsewhere, bytesOf(draw, 80)]) }
    })
  }

  return {
    name,
    bound: limits.bound,
    make(draw) {
      const sound = rawOf(pick(draw, files))
      const header = once(draw, 3) ? otherHeader(draw, sound.header, limits, hashes) : sound.header
      const bytes = rawFile(draw, header, otherChunks(draw, header, sound.chunks))
      if (once(draw, 8)) return bytes.slice(0, draw(bytes.length))
      return once(draw, 12) ? changed(draw, bytes) : bytes
    },
    run: (bytes) => decodeOnBoth(bytes, known),
  }
}

/** Models of a few kilobytes, with every tool of the format. */
export async function microTarget(): Promise<Target> {
  const models = await Promise.all([
    ...(['micro', 'micro-pl'] as const).map((name) => loadModel(microFile(name))),
    ...(['shot', 'recur', 'class'] as const).map((name) => loadModel(microWholeFile(name))),
  ])
  const sides = [
    [1, 1],
    [9, 7],
    [20, 17],
    [66, 9],
  ] as const
  return pictureTarget('micro', models, sides, { side: 70, bound: 20_000 })
}

/** The models that come with ddnc. */
export async function photoTarget(): Promise<Target> {
  const names = ['photo', 'photo-taiji', 'photo-plain', 'mnist', 'mnist-taiji']
  const models = await Promise.all(names.map(shippedModel))
  const sides = [
    [1, 1],
    [9, 7],
    [16, 16],
  ] as const
  return pictureTarget('photo', models, sides, { side: 24, bound: 120_000 })
}
