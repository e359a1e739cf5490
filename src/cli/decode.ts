/** `ddnc decode`: a `.ddn` file becomes a picture of a common format. */
import { DdncError } from '../errors.js'
import { PICTURE_FORMATS, type PictureFormat } from '../node/picture.js'
import { beside, given, say, type Command } from './command.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import { progressOn } from './progress.js'
import { bitsPerPixel, seconds, summary } from './report.js'

export const decode: Command = {
  name: 'decode',
  summary: 'decode a .ddn file to a PNG, JPEG, WebP or TIFF picture',
  arguments: [
    ['<in>', '.ddn file, or - for standard input'],
    ['[out]', 'picture, its format by its extension, or - for standard output; default: IN with the extension .png'],
  ],
  options: ['format', 'partial', 'model', 'engine', 'force', 'quiet'],
  examples: [
    'ddnc decode photo.ddn',
    'ddnc decode photo.ddn photo.webp',
    'ddnc decode --format jpeg photo.ddn - > photo.jpg',
  ],

  async run([input = '-', chosenOutput], chosen, terminal) {
    const begun = performance.now()
    const { signal, stdin, stdout, stderr } = terminal
    const format = chosen.format ?? (chosenOutput === undefined ? 'png' : formatOf(chosenOutput))
    const output = chosenOutput ?? beside(input, PICTURE_FORMATS[format].extensions[0])
    const force = chosen.force ?? false
    await checkOutput(output, force, stdout)
    const file = await readInput(input, stdin, signal)

    const [{ decompress, findModel, inspect, writePicture }, { chosenModel }] = await Promise.all([
      import('../node.js'),
      import('./models.js'),
    ])
    const model = chosen.model === undefined ? findModel : await chosenModel(chosen.model, terminal)
    const progress = progressOn(stderr, 'decoding', chosen.quiet ?? false)
    const { partial, engine } = chosen
    const options = { ...given({ partial, engine }), model, signal, onProgress: progress.report }
    const picture = await decompress(file, options).finally(progress.end)
    const bytes = await writePicture(picture, format)

    await writeOutput(output, bytes, { force, stdout, signal })
    const { width, height } = picture
    const facts = [
      `${bytes.length} bytes`,
      `${width} x ${height}${picture.components === 1 ? ' grey' : ''}`,
      `from ${file.length} bytes`,
      bitsPerPixel(file.length, width, height),
      seconds(begun),
    ]
    const notes = inspect(file).streams.every(({ complete }) => complete) ? [] : ['cut short']
    say(summary(output === '-' ? 'ddnc' : output, facts, notes), output, chosen, terminal)
  },
}

/** Format by the file's extension. @throws {DdncError} BadOption */
function formatOf(output: string): PictureFormat {
  if (output === '-') return 'png'
  const name = output.toLowerCase()
  for (const [format, { extensions }] of Object.entries(PICTURE_FORMATS)) {
    if (extensions.some((extension) => name.endsWith(extension))) return format as PictureFormat
  }
  const allowed = Object.values(PICTURE_FORMATS).flatMap(({ extensions }) => extensions)
  const found = `"${output}"`
  throw new DdncError({ tag: 'BadOption', option: 'OUT', found, allowed: `a name that ends in ${allowed.join(' ')}` })
}
