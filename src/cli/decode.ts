/** `ddnc decode`: a `.ddn` file becomes a picture of a common format. */
import { DdncError, hexOf } from '../errors.js'
import { PICTURE_FORMATS, type PictureFormat } from '../node/picture.js'
import { beside, given, type Command, type Terminal } from './command.js'
import { checkSingle, sayReport, threadsOf, type FileWork, type Made } from './fileWork.js'
import { checkOutput, readInput, removeContent, sizeOf, writeOutput } from './io.js'
import type { Metadata } from '../index.js'
import type { Chosen } from './options.js'
import { formatOf } from './pictureFormat.js'
import { progressOn } from './progress.js'
import { bitsPerPixel, secondsSince, secondsText } from './report.js'

const extensionOf = (format: PictureFormat = 'png'): string => PICTURE_FORMATS[format].extensions[0]

/** Of the option `format` alone: `-O` has no OUT with an extension. */
export const decodeWork: FileWork = {
  name: 'decode',
  extension: ({ format }) => extensionOf(format),
  takes: /\.ddn$/i,

  async prepare({ model }, terminal) {
    if (model === undefined) return null
    const [, { chosenModel }] = await codec()
    return hexOf((await chosenModel(model, terminal)).hash)
  },

  async make(input, chosen, terminal, onProgress) {
    const [{ findModel, inspect, threads, writePicture }, { chosenModel }] = await codec()
    const [{ openPicture, pictureOf }, { isLarge, writeLarge }] = await large()
    const { signal } = terminal
    const model = chosen.model === undefined ? findModel : await chosenModel(chosen.model, terminal)
    const { partial, engine, maxPixels, region, scale } = chosen
    const view = given({ partial, engine, maxPixels, region, scale })
    const workers = threads(threadsOf(chosen))
    const opened = await openPicture(input, { ...view, model, workers, signal, onProgress }, null)
    const { width, height, components } = opened.shape
    const alpha = opened.besides.alpha !== undefined
    const { background, strip, format = 'png' } = chosen
    let { metadata } = opened.besides
    if (region || scale) metadata = await sized(metadata, opened.shape)
    if (strip) metadata = stripped(metadata)
    const bytes = isLarge(opened)
      ? await writeLarge(opened, format, metadata)
      : await writePicture({ ...(await pictureOf(opened)), metadata }, format, given({ background }))
    const notes = inspect(input).streams.every(({ complete }) => complete) ? [] : ['cut short']
    const sizes = { inputBytes: input.length, bytes: sizeOf(bytes) }
    return { bytes, report: { width, height, components, alpha, ...sizes, notes } }
  },

  facts: ({ bytes, width, height, components, alpha = false, inputBytes, seconds }) => [
    `${bytes} bytes`,
    `${width} x ${height}${components === 1 ? ' grey' : ''}${alpha ? ' with alpha' : ''}`,
    `from ${inputBytes} bytes`,
    bitsPerPixel(inputBytes, width, height),
    secondsText(seconds),
  ],
}

/** Imported when it is used: `ddnc --help` need not load the codec. */
const codec = () => Promise.all([import('../node.js'), import('./models.js')])
const large = () => Promise.all([import('../node/opened.js'), import('../node/large.js')])

export const decode: Command = {
  name: 'decode',
  summary: 'decode a .ddn file to a PNG, JPEG, WebP or TIFF picture',
  arguments: [
    ['<in>', '.ddn file, or - for standard input; with --path this is OUT; with -O also a folder of .ddn files'],
    [
      '[out...]',
      'picture, its format by its extension, or - for standard output; default: IN with the extension .png; ' +
        'with -O: more of IN',
    ],
  ],
  options: [
    'format',
    'background',
    'strip',
    'region',
    'scale',
    'partial',
    'bits',
    'label',
    'model',
    'engine',
    'threads',
    'maxPixels',
    'maxSeconds',
    'maxMemory',
    'out',
    'jobs',
    'skipExisting',
    'recursive',
    'json',
    'force',
    'quiet',
  ],
  examples: [
    'ddnc decode photo.ddn',
    'ddnc decode photo.ddn photo.webp',
    'ddnc decode --format jpeg photo.ddn - > photo.jpg',
    'ddnc decode --scale 8 photo.ddn thumbnail.png',
    'ddnc decode --path 0110 --model mnist-taiji out.png',
    'ddnc decode photos/ -O pictures/ --format jpeg',
  ],

  async run(args, chosen, terminal) {
    if (chosen.out !== undefined) {
      if (chosen.bits !== undefined)
        throw new DdncError({ tag: 'BadOption', option: '--path', found: 'given with -O', allowed: 'OUT alone' })
      checkLabel(chosen)
      const { runBatch } = await import('./batch/batch.js')
      return runBatch(decodeWork, args, chosen.out, chosen, terminal)
    }
    checkSingle(args, chosen)
    const begun = performance.now()
    const { signal, stdin, stdout } = terminal
    checkLabel(chosen)
    const [input = '-', chosenOutput] = chosen.bits === undefined ? args : [undefined, outputOf(args)]
    const format = chosen.format ?? (chosenOutput === undefined ? 'png' : formatOf(chosenOutput))
    const output = chosenOutput ?? beside(input, extensionOf(format))
    const force = chosen.force ?? false
    await checkOutput(output, force, stdout)
    const file = chosen.bits === undefined ? await readInput(input, stdin, signal) : await fileOfBits(chosen, terminal)

    const made = await makeWithin(file, { ...chosen, format }, terminal)

    await writeOutput(output, made.bytes, { force, stdout, signal }).finally(() => removeContent(made.bytes))
    sayReport(decodeWork, { input, output }, { ...made.report, seconds: secondsSince(begun) }, chosen, terminal)
  },
}

/** EXIF tells the size of the picture that it lies beside. */
async function sized(
  metadata: Metadata | undefined,
  size: Readonly<{ width: number; height: number }>,
): Promise<Metadata | undefined> {
  if (metadata?.exif === undefined) return metadata
  const { uprightExif } = await import('../node/metadata/exif.js')
  return { ...metadata, exif: uprightExif(metadata.exif, size) }
}

/** Pixels that are decoded in this process: a quarter of a gigabyte, a few seconds, whatever the file holds. */
const SMALL = 2 ** 20

/** A small file's own bounds are the format's, and a process of its own would take longer to start than it needs. */
async function makeWithin(file: Uint8Array, chosen: Chosen, terminal: Terminal): Promise<Made> {
  if (!(await isSmall(file, chosen))) {
    const { makeApart } = await import('./apart.js')
    return makeApart(decodeWork, () => Promise.resolve(file), chosen, terminal)
  }
  const progress = progressOn(terminal.stderr, 'decoding', chosen.quiet ?? false)
  return decodeWork.make(file, chosen, terminal, progress.report).finally(progress.end)
}

async function isSmall(file: Uint8Array, { maxSeconds, maxMemory }: Chosen): Promise<boolean> {
  if (maxSeconds !== undefined || maxMemory !== undefined) return false
  const [{ inspect }] = await codec()
  try {
    const { width, height } = inspect(file)
    return width * height <= SMALL
  } catch {
    return true // decoding it says what is wrong, before it begins
  }
}

/** What the colours mean is no metadata to leave out: a profile stays. */
function stripped(metadata: Metadata | undefined): Metadata | undefined {
  return metadata?.icc && { icc: metadata.icc }
}

/** @throws {DdncError} BadOption: a class for a file, which has its own */
function checkLabel({ label, bits }: Chosen): void {
  if (label === undefined || bits !== undefined) return
  throw new DdncError({ tag: 'BadOption', option: '--label', found: 'given with a file', allowed: 'with --path' })
}

/** Without IN the first argument is OUT. @throws {DdncError} BadOption */
function outputOf([output, ...more]: readonly (string | undefined)[]): string | undefined {
  if (more.every((argument) => argument === undefined)) return output
  throw new DdncError({ tag: 'BadOption', option: '--path', found: 'given with IN', allowed: 'OUT alone' })
}

/** The file that a path of `info --path` stands for. @throws {DdncError} BadOption */
async function fileOfBits({ bits, label, model: name }: Chosen, terminal: Terminal): Promise<Uint8Array> {
  const [{ fileOfPath, pathOfBits }, { chosenModel }] = await codec()
  const model = name === undefined ? null : await chosenModel(name, terminal)
  if (model?.kind !== 'whole') {
    const found = model === null ? 'not given, and a path does not name it' : model.name
    throw new DdncError({ tag: 'BadOption', option: '--model', found, allowed: 'a whole-image model' })
  }
  return fileOfPath(pathOfBits(bits!, model.K), model, label)
}
