/** Float weights to a `.ddnm`, and what the integers cost. */
import type { Engine } from '../../engine/engine.js'
import { loadEngine } from '../../engine/loadEngine.js'
import { choiceBits } from '../../codec/choiceBits.js'
import { defaultProfile } from '../../codec/streams.js'
import { psnr } from '../../codec/psnr.js'
import { engineParts } from '../../codec/engineParts.js'
import { fromOpponent } from '../../network/colour.js'
import { layoutOf } from '../../network/layout.js'
import { cellGrid, type CellGridModel } from '../../network/model.js'
import { readModel, writeModel } from '../../network/modelFile.js'
import type { Picture } from '../../network/picture.js'
import { calibrate } from './calibrate.js'
import { encoderOf } from './encoderWalk.js'
import { floatEngine } from './floatEngine.js'
import type { FloatModel } from './prototype.js'
import { defaultBits, quantise, type QuantiseOptions } from './quantise.js'

/**
 * Mean over pictures at one step of λ. `error` is the standard error of psnr − floatPsnr: rounding moves choices that were
 * nearly ties, and where those are the coarse grid's few, each worth 64×64 pixels, one picture may gain or lose 0.5 dB.
 */
export type Cost = { s: number; floatPsnr: number; floatBits: number; psnr: number; bits: number; error: number }

/**
 * Quantises, proves and reads back a model. One of over 4 MB has fewer bits where they matter least.
 * @param pictures for calibration, about 128×128 each
 * @param card free text for the file's metadata, such as where the weights come from
 * @example const { bytes, model } = await exportModel(readPrototype(weights, 'photo-1', true), pictures, {})
 */
export async function exportModel(
  float: FloatModel,
  pictures: readonly Picture[],
  card: Readonly<Record<string, string>>,
  options: QuantiseOptions & { onProgress?: (fraction: number) => void; usualBytes?: number } = {},
): Promise<{ bytes: Uint8Array; model: CellGridModel }> {
  const ranges = calibrate(float.model, pictures, options.onProgress)
  const bytesWith = (chosen: QuantiseOptions): Uint8Array => {
    const { structure, tensors } = quantise(float, ranges, chosen)
    return writeModel(structure, tensors, card)
  }
  const first = bytesWith(options)
  const bytes =
    first.length <= (options.usualBytes ?? USUAL_BYTES) || options.bits ? first : bytesWith({ bits: fewerBits })
  return { bytes, model: cellGrid(await readModel(bytes)) }
}

/** What a model should weigh at most (DESIGN section 5). */
const USUAL_BYTES = 4_000_000

/** What more can have 8 bits: the largest tensors that matter least. Of `photo` it takes 0.22 MB and 0.01 dB. */
const fewerBits = (name: string): 8 | 16 => (/^coarse\.\d+\.feedback$/.test(name) ? 8 : defaultBits(name))

/**
 * What integers cost: the same pictures coded by the float walk and by the integer one.
 * @param steps of λ, 0…73
 * @example await measureCost(float.model, model, pictures, [0, 40])
 */
export async function measureCost(
  float: CellGridModel,
  model: CellGridModel,
  pictures: readonly Picture[],
  steps: readonly number[],
): Promise<Cost[]> {
  const engine = await loadEngine('wasm', engineParts(model))
  return steps.map((s) => {
    const results = pictures.map(
      (picture) => [code(floatEngine, float, picture, s), code(engine, model, picture, s)] as const,
    )
    const mean = (of: (pair: (typeof results)[number]) => number): number =>
      results.reduce((sum, pair) => sum + of(pair), 0) / results.length
    return {
      s,
      floatPsnr: mean(([a]) => a.psnr),
      floatBits: mean(([a]) => a.bits),
      psnr: mean(([, b]) => b.psnr),
      bits: mean(([, b]) => b.bits),
      error: standardError(results.map(([a, b]) => b.psnr - a.psnr)),
    }
  })
}

/**
 * Standard error of the mean of independent numbers; NaN if there is one alone, which tells nothing of it.
 * @example standardError([1, 3]) // 1
 */
export function standardError(numbers: readonly number[]): number {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return Math.sqrt(squares / (numbers.length - 1) / numbers.length)
}

function code(engine: Engine, model: CellGridModel, picture: Picture, s: number): { psnr: number; bits: number } {
  const { width, height, components } = picture
  const profile = defaultProfile(model)
  let bits = 0
  const { planes } = encoderOf(engine, model, picture)(s, (...choices) => (bits += choiceBits(...choices, profile)))
  const data = fromOpponent(planes, layoutOf(width, height, 0).fine.width * 8, width, height, components)
  return { psnr: psnr(picture.data, data), bits }
}
