/** Pictures and figures that a measurement takes from the disk. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdncError, readPicture, type Picture } from '../../node.js'
import { pictureNames } from '../../node/picture.js'

export type NamedPicture = Readonly<{ name: string; picture: Picture }>

/**
 * The pictures of a folder, one at a time, in the order of their names.
 * @param folder files ending in .png, .jpg, .jpeg, .webp, .tif or .tiff
 * @throws {DdncError} BadOption if there is none; as readPicture
 */
export async function* picturesOf(folder: string, limit = Infinity): AsyncGenerator<NamedPicture> {
  const names = await pictureNames(folder)
  if (names.length === 0) {
    throw new DdncError({ tag: 'BadOption', option: '--data', found: folder, allowed: 'a folder of pictures' })
  }
  for (const name of names.slice(0, limit)) {
    // Metadata would count as bytes of the picture.
    const { picture } = await readPicture(await readFile(join(folder, name)), { strip: 'all' })
    yield { name, picture }
  }
}

/** What the float original made of a picture at a step of λ: bits per pixel as Σ −log2 p, without a file's framing. */
export type FloatFigure = Readonly<{ bpp: number; psnr: number }>

export type FloatFigures = Readonly<{
  /** Steps of λ that the table has, rising. */
  steps: readonly number[]
  at(name: string, step: number): FloatFigure | undefined
}>

const COLUMNS = 'picture, log_lambda, bpp, psnr_rgb'

/**
 * Reads the table of the float original: tab-separated, with the columns picture, log_lambda, bpp, psnr_rgb.
 * @throws {DdncError} Corrupt if it has other columns or a field that is no number
 * @example parseFigures('picture\tlog_lambda\tbpp\tpsnr_rgb\na.png\t1.5\t3.2\t44.1\n').at('a.png', 5)
 */
export function parseFigures(text: string): FloatFigures {
  const [heading, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  const fault = (found: string, allowed: string): DdncError =>
    new DdncError({ tag: 'Corrupt', where: 'the table of float figures', found, allowed })
  if (heading.join(', ') !== COLUMNS) throw fault(heading.join(', '), COLUMNS)
  const figures = new Map<string, FloatFigure>()
  const steps = new Set<number>()
  for (const [name, ...fields] of lines) {
    const [logLambda, bpp, psnr] = fields.map(Number)
    const step = Math.round((logLambda - 1) * 10)
    if (![step, bpp, psnr].every(Number.isFinite)) {
      throw fault([name, ...fields].join(' '), 'a name and 3 numbers')
    }
    steps.add(step)
    figures.set(`${name} ${step}`, { bpp, psnr })
  }
  return { steps: [...steps].sort((a, b) => a - b), at: (name, step) => figures.get(`${name} ${step}`) }
}

export const readFigures = async (path: string): Promise<FloatFigures> => parseFigures(await readFile(path, 'utf8'))
