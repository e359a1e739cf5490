/** `ddnc export`: float weights become a `.ddnm`. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { columns } from '../columns.js'
import { DdncError, hexOf } from '../errors.js'
import type { Picture } from '../index.js'
import { pictureNames, readPicture } from '../node/picture.js'
import { say, type Command } from './command.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import { progressOn } from './progress.js'
import { seconds, summary } from './report.js'

/** Pictures for calibration, and others for the comparison with floats; sides of the crops. */
const CALIBRATION = { count: 24, side: 128 }
const COMPARISON = { count: 6, side: 192, steps: [0, 22, 45, 65] }

export const exportCommand: Command = {
  name: 'export',
  summary: 'quantise float weights to a .ddnm model, and tell what the integers cost',
  arguments: [
    ['<weights>', 'checkpoint of ddnc train, or a safetensors file of the reference (prototype/photo)'],
    ['<out>', '.ddnm file'],
  ],
  options: ['pictures', 'name', 'until', 'withoutEscape', 'force', 'quiet'],
  examples: ['ddnc export photo.safetensors models/photo.ddnm --pictures photos-train --name photo-1'],

  async run([input = '-', output = '-'], chosen, terminal) {
    const begun = performance.now()
    const { signal, stdin, stdout, stderr } = terminal
    if (chosen.pictures === undefined) {
      throw new DdncError({ tag: 'BadOption', option: '--pictures', found: 'missing', allowed: 'a folder of pictures' })
    }
    await checkOutput(output, chosen.force ?? false, stdout)
    const weights = await readInput(input, stdin, signal)
    const [
      { isCheckpoint },
      { floatModelOfCheckpoint },
      { readPrototype },
      { withUntil },
      { exportModel, measureCost },
      { cropOf, spread },
    ] = await Promise.all([
      import('../lab/train/checkpoint.js'),
      import('../lab/train/run.js'),
      import('../lab/quantise/prototype.js'),
      import('../lab/quantise/until.js'),
      import('../lab/quantise/export.js'),
      import('../lab/quantise/crops.js'),
    ])
    // A checkpoint has its recipe's name and escapes; the reference's weights have neither.
    const { name, withoutEscape } = chosen
    const trained = isCheckpoint(weights)
      ? floatModelOfCheckpoint(weights, name)
      : readPrototype(weights, name ?? basename(input).replace(/\..*$/, '').slice(0, 8), !(withoutEscape ?? false))
    const float = withUntil(trained, chosen.until ?? [])
    const note = (line: string): void => say(line, output, chosen, terminal)
    const wanted = CALIBRATION.count + COMPARISON.count
    const pictures = await readPictures(chosen.pictures, wanted, spread, { signal, note })
    const crops = (of: readonly Picture[], { count, side }: { count: number; side: number }): Picture[] =>
      Array.from({ length: count }, (_, i) => cropOf(of[i % of.length], side, i))
    const others = pictures.slice(COMPARISON.count)
    // A folder of few pictures gives several crops of each, and compares on what it calibrates with.
    const calibration = crops(others.length > 0 ? others : pictures, CALIBRATION)
    const comparison = crops(pictures, COMPARISON)

    const progress = progressOn(stderr, 'calibrating', chosen.quiet ?? false)
    const card = {
      weights: basename(input),
      calibration: `${calibration.length} crops of ${basename(chosen.pictures)}`,
    }
    const { bytes, model } = await exportModel(float, calibration, card, { onProgress: progress.report })
    progress.end()
    await writeOutput(output, bytes, { force: chosen.force ?? false, stdout, signal })
    say(
      summary(output, [`${bytes.length} bytes`, `SHA-256 ${hexOf(model.hash)}`, seconds(begun)]),
      output,
      chosen,
      terminal,
    )

    const costs = await measureCost(float.model, model, comparison, COMPARISON.steps)
    const rows = costs.map(({ s, floatPsnr, psnr, floatBits, bits, error }) => [
      `s = ${s}`,
      `${floatPsnr.toFixed(3)} dB`,
      `${psnr.toFixed(3)} dB`,
      `${(psnr - floatPsnr).toFixed(3)} ± ${error.toFixed(3)} dB`,
      `${(100 * (bits / floatBits - 1)).toFixed(2)} % rate`,
    ])
    for (const line of columns([['', 'float', 'integer', 'cost', ''], ...rows])) note(line)
  },
}

/** Pictures in colour, evenly over the folder; those that cannot be read are named and skipped. */
async function readPictures(
  folder: string,
  count: number,
  spread: <T>(list: readonly T[], count: number) => T[],
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
