/** `ddnc paper`: experiments of the paper, each a table, a chart and pictures in a folder. */
import { DdncError } from '../errors.js'
import type { Command } from './command.js'
import { chosenModel } from './models.js'

export const paper: Command = {
  name: 'paper',
  summary: "one of the paper's experiments: toy2d",
  arguments: [['name', 'which one: toy2d']],
  options: ['data', 'out', 'model', 'seed', 'steps', 'quiet'],
  examples: ['ddnc paper toy2d --out figures'],

  async run([name = ''], chosen, terminal) {
    // Imported here: no other command needs them.
    const { EXPERIMENTS } = await import('../lab/paper/experiments.js')
    const experiment = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined
    if (!experiment) {
      const allowed = Object.keys(EXPERIMENTS).join(', ')
      throw new DdncError({ tag: 'BadOption', option: 'NAME', found: `"${name}"`, allowed })
    }
    if (chosen.out === undefined) {
      throw new DdncError({ tag: 'BadOption', option: '--out', found: 'missing', allowed: 'a folder to write to' })
    }
    const names = chosen.model?.split(',') ?? []
    const models = await Promise.all(names.map((model) => chosenModel(model, terminal)))
    const { data, out, seed = 1, steps } = chosen
    const say = (line: string): void => void (chosen.quiet || terminal.stdout.write(`${line}\n`))
    await experiment.run({ data, out, seed, steps, models, signal: terminal.signal }, say)
  },
}
