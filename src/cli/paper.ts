/** `ddnc paper`: experiments of the paper, each a table, a chart and pictures in a folder. */
import { availableParallelism } from 'node:os'
import { DdncError } from '../errors.js'
import { say, type Command } from './command.js'

export const paper: Command = {
  name: 'paper',
  summary: "one of the paper's experiments; docs/paper.md says what they show",
  arguments: [['name', 'toy2d, compression, latents, tree or splitprune']],
  options: ['data', 'out', 'model', 'seed', 'steps', 'count', 'threads', 'backend', 'quiet'],
  examples: [
    'ddnc paper toy2d --out figures',
    'ddnc paper compression --data mnist --model mnist-taiji,mnist --out figures',
    'ddnc paper splitprune --data mnist --steps 1000 --out figures',
  ],

  async run([name = ''], chosen, terminal) {
    // Imported here: no other command needs them.
    const [{ EXPERIMENTS }, { chosenModel }] = await Promise.all([
      import('../lab/paper/experiments.js'),
      import('./models.js'),
    ])
    const experiment = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined
    if (!experiment) throw bad('NAME', `"${name}"`, Object.keys(EXPERIMENTS).join(', '))
    const { data, out, seed = 1, steps, count, threads = availableParallelism() } = chosen
    if (out === undefined) throw bad('--out', 'missing', 'a folder to write to')
    const names = chosen.model?.split(',') ?? []
    const models = await Promise.all(names.map((model) => chosenModel(model, terminal)))
    await experiment.run(
      {
        ...{ data, out, seed, steps, count, models, threads, signal: terminal.signal },
        async make(order) {
          if (data === undefined) throw bad('--data', 'missing', 'a folder of pictures to train on, or --model')
          const { makeModel } = await import('./paperModels.js')
          return makeModel(order, data, out, chosen, terminal)
        },
      },
      (line) => say(line, '', chosen, terminal),
    )
  },
}

const bad = (option: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'BadOption', option, found, allowed })
