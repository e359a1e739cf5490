/** `ddnc compare`: how far two pictures are apart. */
import { readPicture, writePicture } from '../node/picture.js'
import { given, say, type Command, type Terminal } from './command.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import type { Picture } from '../index.js'
import type { Chosen } from './options.js'
import { formatOf } from './pictureFormat.js'
import { psnr, summary } from './report.js'

/** First byte of a `.ddn`, and of no picture of another format. */
const DDN = 0xdd

/** Imported when it is used: the codec, too, hangs on it. */
const measures = () => Promise.all([import('../lab/bench/compare.js'), import('../lab/bench/msSsim.js')])

export const compare: Command = {
  name: 'compare',
  summary: 'tell how far two pictures are apart: PSNR, MS-SSIM, largest difference',
  arguments: [
    ['<a>', 'picture or .ddn file, or - for standard input'],
    ['<b>', 'another of the same size'],
  ],
  options: ['difference', 'model', 'engine', 'maxPixels', 'json', 'force', 'quiet'],
  examples: ['ddnc compare photo.jpg photo.ddn', 'ddnc compare a.png b.webp --difference d.png'],

  async run(args, chosen, terminal) {
    const [a = '-', b = '-'] = args
    const { difference, force = false } = chosen
    const { signal, stdout } = terminal
    const format = difference === undefined ? undefined : formatOf(difference)
    if (difference !== undefined) await checkOutput(difference, force, stdout)
    const notes: string[] = []
    const [one, two] = [await read(a, chosen, terminal, notes), await read(b, chosen, terminal, notes)]
    const [{ comparePictures, differencePicture }, { decibelOf }] = await measures()
    const found = comparePictures(one, two)

    let drawn: { file: string; amplified: number } | undefined
    if (difference !== undefined && format !== undefined) {
      const { picture, amplified } = differencePicture(one, two)
      await writeOutput(difference, await writePicture(picture, format), { force, stdout, signal })
      drawn = { file: difference, amplified }
    }
    // The data of this command are what it says: they go to standard output, unless the picture does.
    if (chosen.json) return say(JSON.stringify({ a, b, ...found, ...drawn, notes }), difference ?? '', chosen, terminal)
    const { width, height, components, identical, msSsim, largestDifference, largestAlphaDifference } = found
    const facts = [
      `${width} x ${height}${components === 1 ? ' grey' : ''}`,
      psnr(found.psnr),
      ...(found.psnr === Infinity || components === 1 ? [] : [`Y ${found.psnrY.toFixed(2)} dB`]),
      ...(identical ? [] : [similarity(msSsim, decibelOf), `largest difference ${largestDifference}`]),
      ...(largestAlphaDifference > 0 ? [`of alpha ${largestAlphaDifference}`] : []),
      ...(drawn ? [`differences times ${drawn.amplified} in ${drawn.file}`] : []),
    ]
    say(summary(`${a}, ${b}`, facts, notes), difference ?? '', chosen, terminal)
  },
}

function similarity(value: number | null, decibelOf: (value: number) => number): string {
  if (value === null) return 'no MS-SSIM under 161 pixels a side'
  return `MS-SSIM ${value.toFixed(5)}${value < 1 ? ` (${decibelOf(value).toFixed(2)} dB)` : ''}`
}

async function read(path: string, chosen: Chosen, terminal: Terminal, notes: string[]): Promise<Picture> {
  const bytes = await readInput(path, terminal.stdin, terminal.signal)
  if (bytes[0] !== DDN) {
    const { picture, notes: more } = await readPicture(bytes, given({ maxPixels: chosen.maxPixels }))
    notes.push(...more.map((note) => `${path}: ${note}`))
    return picture
  }
  const [{ decompress, findModel }, { chosenModel }] = await Promise.all([import('../node.js'), import('./models.js')])
  const model = chosen.model === undefined ? findModel : await chosenModel(chosen.model, terminal)
  return decompress(bytes, {
    ...given({ engine: chosen.engine, maxPixels: chosen.maxPixels }),
    model,
    signal: terminal.signal,
  })
}
