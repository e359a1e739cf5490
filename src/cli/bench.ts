/** `ddnc bench`: ddnc beside other codecs on a folder of pictures. */
import { DdncError } from '../errors.js'
import type { BenchPart } from '../lab/bench/bench.js'
import { say, type Command } from './command.js'
import { liveLineOn } from './progress.js'

/** The lab's, which is loaded only when it is used. */
const PARTS: readonly BenchPart[] = ['rates', 'sheets', 'time']

export const benchCommand: Command = {
  name: 'bench',
  summary: 'ddnc beside mozjpeg, WebP, AVIF, JPEG XL and JPEG 2000: tables, charts, pictures at equal bytes',
  arguments: [['[parts...]', 'rates, sheets, time; default: all three']],
  options: ['data', 'out', 'model', 'effort', 'count', 'rate', 'quiet'],
  examples: ['ddnc bench --data pictures --out results', 'ddnc bench sheets --data pictures --out results --rate 0.25'],

  async run(args, chosen, terminal) {
    const { data, out, model = 'photo', effort, count, rate = 0.25 } = chosen
    if (data === undefined) throw bad('--data', 'missing', 'a folder of pictures')
    if (out === undefined) throw bad('--out', 'missing', 'a folder to write to')
    const parts = args.filter((part) => part !== undefined).map(partOf)
    // Imported here: no other command needs them.
    const [{ bench }, { chosenModel }] = await Promise.all([import('../lab/bench/bench.js'), import('./models.js')])
    const names = model.split(',')
    const models = await Promise.all(names.map(async (name) => ({ model: await chosenModel(name, terminal), name })))
    const line = liveLineOn(terminal.stderr, chosen.quiet ?? false)
    const python = process.env['DDNC_PYTHON'] ?? 'python3'
    try {
      await bench(
        {
          ...{ data, out, models, effort, count, rate, python, signal: terminal.signal },
          parts: parts.length === 0 ? PARTS : parts,
          onProgress: (doing) => line.show(() => doing),
        },
        (text) => {
          line.clear()
          say(text, '', chosen, terminal)
        },
      )
    } finally {
      line.clear()
    }
  },
}

function partOf(text: string): BenchPart {
  const part = PARTS.find((name) => name === text)
  if (part === undefined) throw bad('PARTS', `"${text}"`, PARTS.join(', '))
  return part
}

const bad = (option: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'BadOption', option, found, allowed })
