/** Float weights of a whole-image network to a `.ddnm`, and what the integers cost. */
import { engineParts } from '../../codec/engineParts.js'
import { psnr } from '../../codec/psnr.js'
import type { Engine } from '../../engine/engine.js'
import { loadEngine } from '../../engine/loadEngine.js'
import { joinBytes } from '../../format/bytes.js'
import { nearest, recording } from '../../network/guides.js'
import { wholeImage } from '../../network/model.js'
import { readModel, writeModel } from '../../network/modelFile.js'
import type { Picture } from '../../network/picture.js'
import { walk } from '../../network/walk.js'
import { stepsOf, type WholeImageModel } from '../../network/wholeModel.js'
import { pixelsOf, targetOf } from '../../network/wholePicture.js'
import { openWholeWalk } from '../../network/wholeWalk.js'
import { observing, type Ranges } from './calibrate.js'
import { floatEngine } from './floatEngine.js'
import { defaultBits, type QuantiseOptions } from './quantise.js'
import type { FloatWholeModel } from './wholeFloat.js'
import { quantiseWhole } from './wholeQuantise.js'

/** A picture of the model's size, and its class; 0 where there are none. */
export type Labelled = Readonly<{ picture: Picture; label: number }>

/** Means over pictures of paths of a length; PSNR of the mean squared error. */
export type WholeCost = Readonly<{ choices: number; floatPsnr: number; psnr: number }>

/**
 * Quantises, proves and reads back a model.
 * @param pictures for calibration
 * @param card free text for the file's metadata, such as where the weights come from
 * @example const { bytes, model } = await exportWholeModel(floatWholeModelOf(structure, weights), pictures, {})
 */
export async function exportWholeModel(
  float: FloatWholeModel,
  pictures: readonly Labelled[],
  card: Readonly<Record<string, string>>,
  options: QuantiseOptions & { onProgress?: (fraction: number) => void } = {},
): Promise<{ bytes: Uint8Array; model: WholeImageModel }> {
  const ranges = calibrateWhole(float.model, pictures, options.onProgress)
  const { structure, tensors } = quantiseWhole(float, ranges, { bits: bitsOf, ...options })
  const bytes = writeModel(structure, tensors, card)
  return { bytes, model: wholeImage(await readModel(bytes)) }
}

/** A picture is fed back in steps that no 8-bit weight is too coarse for: with 120 layers that is a twentieth of the file. */
const bitsOf = (name: string): 8 | 16 => (name.endsWith('.feedback') ? 8 : defaultBits(name))

/**
 * Ranges of every tensor between two convolutions, from float walks of pictures to the nearest candidates.
 * @param onPicture told the share done after every walk
 */
export function calibrateWhole(
  model: WholeImageModel,
  pictures: readonly Labelled[],
  onPicture: (fraction: number) => void = () => {},
): Ranges {
  const { engine, ranges } = observing(floatEngine)
  pictures.forEach((picture, i) => {
    encoded(engine, model, picture, stepsOf(model).length, model.rank > 0)
    onPicture((i + 1) / pictures.length)
  })
  return ranges
}

/**
 * What integers cost: the same pictures walked in floats and in integers, each to its nearest candidates.
 * @param choices lengths of paths
 * @example await measureWholeCost(float.model, model, pictures, [10])
 */
export async function measureWholeCost(
  float: WholeImageModel,
  model: WholeImageModel,
  pictures: readonly Labelled[],
  choices: readonly number[],
): Promise<WholeCost[]> {
  const engine = await loadEngine('wasm', engineParts(model))
  return choices.map((count) => {
    const psnrOf = (engine: Engine, model: WholeImageModel): number => {
      const all = pictures.map((one) => [one.picture.data, encoded(engine, model, one, count, false)] as const)
      return psnr(joinBytes(all.map(([data]) => data)), joinBytes(all.map(([, data]) => data)))
    }
    return { choices: count, floatPsnr: psnrOf(floatEngine, float), psnr: psnrOf(engine, model) }
  })
}

/** Pixels after a walk to the nearest candidates. @param hasPrior asks for the prior, too, which the guide does not */
function encoded(
  engine: Engine,
  model: WholeImageModel,
  { picture, label }: Labelled,
  choices: number,
  hasPrior: boolean,
): Uint8Array {
  const state = openWholeWalk(engine, model, label, choices)
  const guide = recording(
    nearest(targetOf(engine, picture, model.patch)),
    (candidates) => hasPrior && candidates.frequencies(),
  )
  for (const _ of walk(state, guide));
  return pixelsOf(state.picture())
}
