/** How good a network is on photographs that it does not train on. Looking changes nothing of the run. */
import type { Picture } from '../../network/picture.js'
import { photographOf } from '../data/holdOut.js'
import { spread } from '../quantise/crops.js'
import type { Tensor } from './backend.js'
import { countPaths, deadShareOf, noCountsOf, usageOf } from './counts.js'
import { coloured, cut } from './data.js'
import type { RateFigures, Validation } from './log.js'
import { lossOf } from './loss.js'
import { forward } from './network.js'
import type { Operations } from './operations.js'
import { cellGridRecipe } from './recipe.js'
import type { Run } from './run.js'
import { finitePsnrOf } from './score.js'
import { toRgb } from './transforms.js'

/**
 * One crop of each photograph, and its side where the photograph is that large: 12 seconds for `photo`, native, on one
 * core. Many photographs tell more than large crops.
 */
const CROPS = 12
const SIDE = 160

/** ln λ of files from large to small. */
const LOG_LAMBDAS = [1.5, 3.2, 4.5, 5.5, 6.5]

/** Uint8Array[side, side, 3] */
export type Crop = Readonly<{ side: number; data: Uint8Array }>

/**
 * Of the files that are held out, those that are looked at: one of each photograph, evenly over the list.
 * @example oneOfEach([{ name: 'a-1d.png' }, { name: 'a-1s.png' }]) // [{ name: 'a-1d.png' }]
 */
export function oneOfEach<File extends Readonly<{ name: string }>>(files: readonly File[], most = CROPS): File[] {
  const first = new Map<string, File>()
  for (const file of files) {
    const photograph = photographOf(file.name)
    if (!first.has(photograph)) first.set(photograph, file)
  }
  return spread([...first.values()], most)
}

/**
 * The middle of a picture, at most 160 a side, a multiple of 8.
 * @returns null if a side is under 8
 * @example centreOf(picture)?.side // 160
 */
export function centreOf(picture: Picture): Crop | null {
  const { width, height } = picture
  const side = Math.min(SIDE, 8 * Math.floor(Math.min(width, height) / 8))
  if (side === 0) return null
  return { side, data: cut(coloured(picture), (width - side) >> 1, (height - side) >> 1, side) }
}

/**
 * The ln λ that are looked at: the ends of the range stand for what lies beyond them.
 * @param range that training draws from
 * @example logLambdasIn([1, 5]) // [1.5, 3.2, 4.5, 5]
 */
export const logLambdasIn = ([low, high]: readonly [number, number]): number[] => [
  ...new Set(LOG_LAMBDAS.map((x) => Math.min(high, Math.max(low, x)))),
]

/**
 * Codes every crop at every rate, with the averaged weights and without gradients.
 * @param crops one or more
 * @returns means over the crops; the use of candidates over all crops and rates
 * @throws the signal's reason when it aborts; the run is then as it was, too
 * @example const { rates } = await validate(ops, run, crops)
 *   rates[0] // { at: 1.5, loss: 20.1, bits: 2.9, psnr: 41.3 }
 */
export function validate(ops: Operations, run: Run, crops: readonly Crop[], signal?: AbortSignal): Promise<Validation> {
  const { structure, training } = cellGridRecipe(run.recipe)
  const counts = noCountsOf(structure)
  const figuresAt = async (logLambda: number): Promise<RateFigures> => {
    const sums = { loss: 0, bits: 0, psnr: 0 }
    for (const crop of crops) {
      await new Promise((resolve) => setTimeout(resolve)) // Ctrl-C is heard between crops
      signal?.throwIfAborted()
      const { paths, ...figures } = await coded(ops, run, crop, logLambda)
      for (const name of ['loss', 'bits', 'psnr'] as const) sums[name] += figures[name] / crops.length
      countPaths(counts, structure, paths, crop.side)
    }
    return { at: logLambda, ...sums }
  }
  return run.adam.withAverage(async () => {
    const rates: RateFigures[] = []
    for (const logLambda of logLambdasIn(training.logLambda.range)) rates.push(await figuresAt(logLambda))
    const layers = [...structure.coarse.layers, ...structure.fine.layers]
    return {
      step: run.step,
      rates,
      usage: layers.map(({ K, n }, i) => usageOf(counts[i], K ** n)),
      dead: counts.map(deadShareOf),
    }
  })
}

type Coded = Readonly<{ loss: number; bits: number; psnr: number; paths: readonly ArrayLike<number>[] }>

async function coded(ops: Operations, run: Run, { side, data }: Crop, logLambda: number): Promise<Coded> {
  const { tf } = ops
  const [cost, bits, error, ...paths] = tf.tidy(() => {
    const rgb = tf.tensor(Float32Array.from(data), [1, side, side, 3])
    const result = forward(ops, cellGridRecipe(run.recipe).structure, (name) => run.weights.get(name)!, rgb, [
      logLambda,
    ])
    const rounded = tf.round(tf.clipByValue(toRgb(ops, result.out), 0, 255))
    // By rows first: some backends add large tensors imprecisely.
    const squares = tf.sum(tf.square(tf.sub(rounded, rgb)), [0, 2, 3])
    return [lossOf(ops, result).cost, result.bits, squares, ...result.paths]
  })
  const read = async (tensor: Tensor): Promise<Float32Array | Int32Array | Uint8Array> => {
    const values = await tensor.data()
    tensor.dispose()
    return values
  }
  const [[loss], [bitsOfAll], squares] = [await read(cost), await read(bits), await read(error)]
  const meanSquare = Array.from(squares).reduce((a, b) => a + b, 0) / data.length
  return {
    loss,
    bits: bitsOfAll / side ** 2,
    psnr: finitePsnrOf(meanSquare),
    paths: await Promise.all(paths.map(read)),
  }
}
