/** Pictures as files of a path and back, by everything that may not change a bit: both engines, text, the file itself. */
import {
  bitsOfPath,
  compressWithReport,
  decompress,
  DdncError,
  fileOfPath,
  inspectPath,
  pathOfBits,
  type Picture,
  type WholeImageModel,
} from '../../index.js'
import { pathBits } from '../../format/plain.js'
import { stepsOf } from '../../network/wholeModel.js'

/** Engines that decode. */
export const ENGINES = ['wasm', 'reference'] as const

/**
 * Picture → path → file → path → file → pixels. The path of the file, the file of the path and its text are each other's;
 * every engine gives the pixels that the encoder said.
 * @param label class of a conditional model
 * @returns bits of the path, exactly ceil(L·log2 K), and of the file
 * @throws {DdncError} Corrupt, naming what differs
 * @example await roundTripOfPath(digit, model, 0) // { bits: 120, fileBits: 400 }
 */
export async function roundTripOfPath(
  picture: Picture,
  model: WholeImageModel,
  label: number,
  engines: readonly (typeof ENGINES)[number][] = ENGINES,
): Promise<{ bits: number; fileBits: number }> {
  const { file, bits, reconstruction } = await compressWithReport(picture, { model, label })
  const expected = pathBits(model.K, stepsOf(model).length)
  same('the payload', bits === expected, `${bits} bits`, `${expected} bits`)
  const { layers, bits: text } = await inspectPath(file, { model })
  const path = layers.map(({ choices }) => choices[0])
  same('the text of the path', text === bitsOfPath(path, model.K), String(text), 'that of its choices')
  const again = fileOfPath(pathOfBits(text!, model.K), model, label)
  same('the file of the text', Buffer.compare(again, file) === 0, 'another', 'the same bytes')
  for (const engine of engines) {
    const { data } = await decompress(file, { model, engine })
    const equal = Buffer.compare(data, reconstruction.data) === 0
    same(`the picture decoded by ${engine}`, equal, 'another than the encoder made', 'the same pixels')
  }
  return { bits, fileBits: 8 * file.length }
}

function same(where: string, isSame: boolean, found: string, allowed: string): void {
  if (!isSame) throw new DdncError({ tag: 'Corrupt', where, found, allowed })
}
