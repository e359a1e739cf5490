/** `ddnc export` of a whole-image network: calibrated and compared on pictures of its size. */
import { basename } from 'node:path'
import { columns } from '../columns.js'
import { DdncError, hexOf } from '../errors.js'
import { pictureAt, type PictureSet } from '../lab/data/pictureSet.js'
import { spread } from '../lab/quantise/crops.js'
import { exportWholeModel, measureWholeCost, type Labelled } from '../lab/quantise/wholeExport.js'
import { floatWholeModelOfCheckpoint } from '../lab/train/run.js'
import { choicesOf } from '../lab/train/whole/walk.js'
import type { Exported, Task } from './export.js'
import { pictureSets } from './trainData.js'

/** Pictures for calibration, and others for the comparison with floats. */
const CALIBRATION = 64
const COMPARISON = 64

/** @throws {DdncError} BadOption: options of cell grids, or pictures that the network cannot take */
export async function exportWhole({ weights, input, folder, chosen, signal, note, progress }: Task): Promise<Exported> {
  const { name, until, withoutEscape } = chosen
  if (until !== undefined || withoutEscape) {
    const option = until === undefined ? '--without-escape' : '--until'
    throw new DdncError({ tag: 'BadOption', option, found: 'given', allowed: 'not with a model of whole images' })
  }
  const float = floatWholeModelOfCheckpoint(weights, name)
  const { whole } = float.structure
  const { training, test } = await pictureSets({ folder, note, signal }, whole, { resize: false, holdOut: 0.1 })
  const calibration = evenly(training, CALIBRATION, whole.classes)
  const comparison = evenly(test ?? training, COMPARISON, whole.classes)
  const card = { weights: basename(input), calibration: `${calibration.length} pictures of ${basename(folder)}` }
  const { bytes, model } = await exportWholeModel(float, calibration, card, { onProgress: progress })
  return {
    bytes,
    hash: hexOf(model.hash),
    async cost() {
      const costs = await measureWholeCost(float.model, model, comparison, [choicesOf(whole)])
      const rows = costs.map(({ choices, floatPsnr, psnr }) => [
        `${choices} choices, ${Math.ceil(choices * Math.log2(whole.K))} bits`,
        `${floatPsnr.toFixed(3)} dB`,
        `${psnr.toFixed(3)} dB`,
        `${(psnr - floatPsnr).toFixed(3)} dB`,
      ])
      return columns([['', 'float', 'integer', 'cost'], ...rows])
    },
  }
}

/** Pictures evenly over a set, with their classes (pictureSetFor: they are there where the network has some). */
const evenly = (set: PictureSet, count: number, classes: number): Labelled[] =>
  spread(
    Array.from({ length: set.count }, (_, i) => i),
    count,
  ).map((i) => ({ picture: pictureAt(set, i), label: classes === 0 ? 0 : set.labels![i] }))
