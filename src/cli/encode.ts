/** `ddnc encode`: a picture becomes a `.ddn` file. */
import { hexOf } from '../errors.js'
import { beside, given, type Command } from './command.js'
import { checkSingle, sayReport, threadsOf, type FileWork } from './fileWork.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import { bitsPerPixel, psnr, secondsSince, secondsText } from './report.js'

export const encodeWork: FileWork = {
  name: 'encode',
  extension: () => '.ddn',
  takes: /\.(png|jpe?g|webp|tiff?|gif|avif)$/i,

  async prepare(chosen, terminal) {
    const [{ DEFAULT_MODEL }, { chosenModel }] = await codec()
    return hexOf((await chosenModel(chosen.model ?? DEFAULT_MODEL, terminal)).hash)
  },

  async make(input, chosen, terminal, onProgress) {
    const [{ compressImageWithReport, compressLargeImage, DEFAULT_MODEL, threads }, { chosenModel }] = await codec()
    const { signal } = terminal
    const model = await chosenModel(chosen.model ?? DEFAULT_MODEL, terminal)
    const { quality, lambda, targetSize, targetPsnr, effort, tune, lossless, profile, search, label } = chosen
    const { resize, background, frame, keepGamut, maxPixels, engine } = chosen
    const strip = chosen.strip ? ('all' as const) : chosen.stripLocation ? ('location' as const) : undefined
    const options = {
      ...given({ quality, lambda, targetSize, targetPsnr, effort, tune, lossless, profile, search, label }),
      ...given({ resize, background, frame, strip, keepGamut, maxPixels, engine }),
      model,
      workers: threads(threadsOf(chosen)),
      signal,
      onProgress,
    }
    const result = (await compressLargeImage(input, options)) ?? (await compressImageWithReport(input, options))
    const { width, height, components } = result.picture
    const sizes = { inputBytes: input.length, bytes: result.file.length }
    return {
      bytes: result.file,
      report: { width, height, components, ...sizes, psnr: result.psnr, notes: result.notes },
    }
  },

  facts: ({ bytes, width, height, psnr: decibel = Infinity, seconds }) => [
    `${bytes} bytes`,
    bitsPerPixel(bytes, width, height),
    psnr(decibel),
    secondsText(seconds),
  ],
}

/** Imported when it is used: `ddnc --help` need not load the codec. */
const codec = () => Promise.all([import('../node.js'), import('./models.js')])

export const encode: Command = {
  name: 'encode',
  summary: 'encode a picture (JPEG, PNG, WebP, TIFF, GIF, AVIF) as a .ddn file',
  arguments: [
    ['<in>', 'picture, or - for standard input; with -O also a folder of pictures'],
    ['[out...]', '.ddn file, or - for standard output; default: IN with the extension .ddn; with -O: more of IN'],
  ],
  options: [
    'quality',
    'lambda',
    'targetSize',
    'targetPsnr',
    'effort',
    'tune',
    'lossless',
    'profile',
    'search',
    'label',
    'resize',
    'model',
    'background',
    'frame',
    'strip',
    'stripLocation',
    'keepGamut',
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
    'ddnc encode photo.jpg',
    'ddnc encode -q 90 photo.png fine.ddn',
    'ddnc encode --target-size 20000 --effort 5 photo.png',
    'cat photo.jpg | ddnc encode - > photo.ddn',
    'ddnc encode *.jpg -O out/ --skip-existing',
  ],

  async run(args, chosen, terminal) {
    if (chosen.out !== undefined) {
      const { runBatch } = await import('./batch/batch.js')
      return runBatch(encodeWork, args, chosen.out, chosen, terminal)
    }
    checkSingle(args, chosen)
    const begun = performance.now()
    const [input = '-', chosenOutput] = args
    const { signal, stdin, stdout } = terminal
    const output = chosenOutput ?? beside(input, '.ddn')
    const force = chosen.force ?? false
    await checkOutput(output, force, stdout)
    const { makeApart } = await import('./apart.js')
    const made = await makeApart(encodeWork, () => readInput(input, stdin, signal), chosen, terminal)

    await writeOutput(output, made.bytes, { force, stdout, signal })
    sayReport(encodeWork, { input, output }, { ...made.report, seconds: secondsSince(begun) }, chosen, terminal)
  },
}
