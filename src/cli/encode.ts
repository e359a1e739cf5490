/** `ddnc encode`: a picture becomes a `.ddn` file. */
import { beside, given, say, type Command } from './command.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import { progressOn } from './progress.js'
import { bitsPerPixel, psnr, seconds, summary } from './report.js'

export const encode: Command = {
  name: 'encode',
  summary: 'encode a picture (JPEG, PNG, WebP, TIFF, GIF, AVIF) as a .ddn file',
  arguments: [
    ['<in>', 'picture, or - for standard input'],
    ['[out]', '.ddn file, or - for standard output; default: IN with the extension .ddn'],
  ],
  options: [
    'quality',
    'lambda',
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
    'force',
    'quiet',
  ],
  examples: [
    'ddnc encode photo.jpg',
    'ddnc encode -q 90 photo.png fine.ddn',
    'cat photo.jpg | ddnc encode - > photo.ddn',
  ],

  async run([input = '-', chosenOutput], chosen, terminal) {
    const begun = performance.now()
    const { signal, stdin, stdout, stderr } = terminal
    const output = chosenOutput ?? beside(input, '.ddn')
    const force = chosen.force ?? false
    await checkOutput(output, force, stdout)
    const bytes = await readInput(input, stdin, signal)

    // Imported here: `ddnc --help` need not load the codec.
    const [{ compressImageWithReport, DEFAULT_MODEL }, { chosenModel }] = await Promise.all([
      import('../node.js'),
      import('./models.js'),
    ])
    const model = await chosenModel(chosen.model ?? DEFAULT_MODEL, terminal)
    const progress = progressOn(stderr, 'encoding', chosen.quiet ?? false)
    const { quality, lambda, profile, search, label, resize, background, frame, keepGamut, engine } = chosen
    const strip = chosen.strip ? ('all' as const) : chosen.stripLocation ? ('location' as const) : undefined
    const result = await compressImageWithReport(bytes, {
      ...given({ quality, lambda, profile, search, label, resize, background, frame, strip, keepGamut, engine }),
      model,
      signal,
      onProgress: progress.report,
    }).finally(progress.end)

    await writeOutput(output, result.file, { force, stdout, signal })
    const { width, height } = result.picture
    const facts = [
      `${result.file.length} bytes`,
      bitsPerPixel(result.file.length, width, height),
      psnr(result.psnr),
      seconds(begun),
    ]
    say(summary(output === '-' ? 'ddnc' : output, facts, result.notes), output, chosen, terminal)
  },
}
