/** `ddnc generate`: pictures out of a model and a seed. */
import type { Picture } from '../index.js'
import { given, say, type Command } from './command.js'
import { checkOutput, writeOutput } from './io.js'
import { formatOf } from './pictureFormat.js'
import { progressOn } from './progress.js'
import { seconds, summary } from './report.js'

export const generateCommand: Command = {
  name: 'generate',
  summary: 'make pictures that a model thinks of, by a seed',
  arguments: [['<out>', 'picture, its format by its extension, or - for standard output']],
  options: [
    'model',
    'seed',
    'count',
    'label',
    'prior',
    'temperature',
    'size',
    'quality',
    'format',
    'engine',
    'force',
    'quiet',
  ],
  examples: [
    'ddnc generate --model mnist --seed 7 --count 64 sheet.png',
    'ddnc generate --model photo --prior --temperature 0.7 --size 256x256 dream.png',
  ],

  async run([output = '-'], chosen, terminal) {
    const begun = performance.now()
    const { signal, stdout, stderr } = terminal
    const format = chosen.format ?? formatOf(output)
    const force = chosen.force ?? false
    await checkOutput(output, force, stdout)

    const [{ DEFAULT_MODEL, generate, writePicture }, { chosenModel }, { sheetOf }] = await Promise.all([
      import('../node.js'),
      import('./models.js'),
      import('../lab/draw/sheet.js'),
    ])
    const model = await chosenModel(chosen.model ?? DEFAULT_MODEL, terminal)
    const { seed = 1, count = 1, label, prior, temperature, size, quality, engine } = chosen
    const options = { ...given({ label, prior, temperature, quality, engine }), ...size, model, signal }
    const progress = progressOn(stderr, 'generating', chosen.quiet ?? false)
    const pictures: Picture[] = []
    try {
      for (let i = 0; i < count; i++) {
        const onProgress = (fraction: number): void => progress.report((i + fraction) / count)
        pictures.push(await generate({ ...options, seed: seed + i, onProgress }))
      }
    } finally {
      progress.end()
    }
    const bytes = await writePicture(sheetOf(pictures), format)

    await writeOutput(output, bytes, { force, stdout, signal })
    const [{ width, height }] = pictures
    const facts = [`${bytes.length} bytes`, `${count} of ${width} x ${height}`, seconds(begun)]
    say(summary(output === '-' ? 'ddnc' : output, facts), output, chosen, terminal)
  },
}
