/** `ddnc export` of a cell-grid network: calibrated and compared on crops of photographs. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { columns } from '../columns.js'
import { DdncError, hexOf } from '../errors.js'
import type { Picture } from '../index.js'
import { cropOf, spread } from '../lab/quantise/crops.js'
import { exportModel, measureCost } from '../lab/quantise/export.js'
import { readPrototype } from '../lab/quantise/prototype.js'
import { withUntil } from '../lab/quantise/until.js'
import { isCheckpoint } from '../lab/train/checkpoint.js'
import { floatModelOfCheckpoint } from '../lab/train/run.js'
import { pictureNames, readPicture } from '../node/picture.js'
import type { Exported, Task } from './export.js'

/** Pictures for calibration, and others for the comparison with floats; sides of the crops. */
const CALIBRATION = { count: 24, side: 128 }
const COMPARISON = { count: 6, side: 192, steps: [0, 22, 45, 65] }

/** @throws {DdncError} BadOption: no picture in colour; what is thrown for weights that are none */
export async function exportGrid({ weights, input, folder, chosen, signal, note, progress }: Task): Promise<Exported> {
  // A checkpoint has its recipe's name and escapes; the reference's weights have neither.
  const { name, withoutEscape } = chosen
  const trained = isCheckpoint(weights)
    ? floatModelOfCheckpoint(weights, name)
    : readPrototype(weights, name ?? basename(input).replace(/\..*$/, '').slice(0, 8), !(withoutEscape ?? false))
  const float = withUntil(trained, chosen.until ?? [])
  const pictures = await readPictures(folder, CALIBRATION.count + COMPARISON.count, { signal, note })
  const crops = (of: readonly Picture[], { count, side }: { count: number; side: number }): Picture[] =>
    Array.from({ length: count }, (_, i) => cropOf(of[i % of.length], side, i))
  const others = pictures.slice(COMPARISON.count)
  // A folder of few pictures gives several crops of each, and compares on what it calibrates with.
  const calibration = crops(others.length > 0 ? others : pictures, CALIBRATION)
  const comparison = crops(pictures, COMPARISON)
  const card = { weights: basename(input), calibration: `${calibration.length} crops of ${basename(folder)}` }
  const { bytes, model } = await exportModel(float, calibration, card, { onProgress: progress })
  return {
    bytes,
    hash: hexOf(model.hash),
    async cost() {
      const costs = await measureCost(float.model, model, comparison, COMPARISON.steps)
      const rows = costs.map(({ s, floatPsnr, psnr, floatBits, bits, error }) => [
        `s = ${s}`,
        `${floatPsnr.toFixed(3)} dB`,
        `${psnr.toFixed(3)} dB`,
        `${(psnr - floatPsnr).toFixed(3)} ± ${error.toFixed(3)} dB`,
        `${(100 * (bits / floatBits - 1)).toFixed(2)} % rate`,
      ])
      return columns([['', 'float', 'integer', 'cost', ''], ...rows])
    },
  }
}

/** Pictures in colour, evenly over the folder; those that cannot be read are named and skipped. */
async function readPictures(
  folder: string,
  count: number,
  { signal, note }: { signal: AbortSignal; note: (line: string) => void },
): Promise<Picture[]> {
  const names = await pictureNames(folder)
  const pictures: Picture[] = []
  for (const name of new Set([...spread(names, count), ...names])) {
    signal.throwIfAborted()
    if (pictures.length === count) break
    try {
      const { picture } = await readPicture(await readFile(join(folder, name)), { background: 'white' })
      if (picture.components === 3) pictures.push(picture) // a grey one would show the ranges of chroma as 0
    } catch (error) {
      if (!(error instanceof DdncError)) throw error
      note(`${name} is skipped: ${error.message}`)
    }
  }
  if (pictures.length === 0) {
    const found = `no picture in colour among ${names.length}`
    throw new DdncError({ tag: 'BadOption', option: '--pictures', found, allowed: 'a folder of pictures in colour' })
  }
  return pictures
}
