/** `ddnc decode`: a `.ddn` file becomes a picture of a common format. */
import { DdncError } from '../errors.js'
import { PICTURE_FORMATS } from '../node/picture.js'
import { beside, given, say, type Command } from './command.js'
import type { Model, Picture } from '../index.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import { formatOf } from './pictureFormat.js'
import { progressOn } from './progress.js'
import type { Chosen } from './options.js'
import { bitsPerPixel, seconds, summary } from './report.js'

export const decode: Command = {
  name: 'decode',
  summary: 'decode a .ddn file to a PNG, JPEG, WebP or TIFF picture',
  arguments: [
    ['<in>', '.ddn file, or - for standard input; with --path this is OUT'],
    ['[out]', 'picture, its format by its extension, or - for standard output; default: IN with the extension .png'],
  ],
  options: ['format', 'background', 'strip', 'partial', 'bits', 'label', 'model', 'engine', 'force', 'quiet'],
  examples: [
    'ddnc decode photo.ddn',
    'ddnc decode photo.ddn photo.webp',
    'ddnc decode --format jpeg photo.ddn - > photo.jpg',
    'ddnc decode --path 0110 --model mnist-taiji out.png',
  ],

  async run(args, chosen, terminal) {
    const begun = performance.now()
    const { signal, stdin, stdout, stderr } = terminal
    if (chosen.label !== undefined && chosen.bits === undefined)
      throw new DdncError({ tag: 'BadOption', option: '--label', found: 'given with a file', allowed: 'with --path' })
    const [input = '-', chosenOutput] = chosen.bits === undefined ? args : [undefined, outputOf(args)]
    const format = chosen.format ?? (chosenOutput === undefined ? 'png' : formatOf(chosenOutput))
    const output = chosenOutput ?? beside(input, PICTURE_FORMATS[format].extensions[0])
    const force = chosen.force ?? false
    await checkOutput(output, force, stdout)
    const read = chosen.bits === undefined ? await readInput(input, stdin, signal) : null

    const [{ decompress, findModel, inspect, writePicture }, { chosenModel }] = await Promise.all([
      import('../node.js'),
      import('./models.js'),
    ])
    const named = chosen.model === undefined ? null : await chosenModel(chosen.model, terminal)
    const file = read ?? (await fileOfBits(chosen, named))
    const model = named ?? findModel
    const progress = progressOn(stderr, 'decoding', chosen.quiet ?? false)
    const { partial, engine } = chosen
    const options = { ...given({ partial, engine }), model, signal, onProgress: progress.report }
    const picture = await decompress(file, options).finally(progress.end)
    const { background, strip } = chosen
    const bytes = await writePicture(strip ? stripped(picture) : picture, format, given({ background }))

    await writeOutput(output, bytes, { force, stdout, signal })
    const { width, height } = picture
    const facts = [
      `${bytes.length} bytes`,
      `${width} x ${height}${picture.components === 1 ? ' grey' : ''}${picture.alpha ? ' with alpha' : ''}`,
      `from ${file.length} bytes`,
      bitsPerPixel(file.length, width, height),
      seconds(begun),
    ]
    const notes = inspect(file).streams.every(({ complete }) => complete) ? [] : ['cut short']
    say(summary(output === '-' ? 'ddnc' : output, facts, notes), output, chosen, terminal)
  },
}

/** What the colours mean is no metadata to leave out: a profile stays. */
function stripped({ metadata, ...picture }: Picture): Picture {
  return metadata?.icc ? { ...picture, metadata: { icc: metadata.icc } } : picture
}

/** Without IN the first argument is OUT. @throws {DdncError} BadOption */
function outputOf([output, ...more]: readonly (string | undefined)[]): string | undefined {
  if (more.every((argument) => argument === undefined)) return output
  throw new DdncError({ tag: 'BadOption', option: '--path', found: 'given with IN', allowed: 'OUT alone' })
}

/** The file that a path of `info --path` stands for. @throws {DdncError} BadOption */
async function fileOfBits({ bits, label }: Chosen, model: Model | null): Promise<Uint8Array> {
  if (model?.kind !== 'whole') {
    const found = model === null ? 'not given, and a path does not name it' : model.name
    throw new DdncError({ tag: 'BadOption', option: '--model', found, allowed: 'a whole-image model' })
  }
  const { fileOfPath, pathOfBits } = await import('../node.js')
  return fileOfPath(pathOfBits(bits!, model.K), model, label)
}
