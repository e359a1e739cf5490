/** `ddnc train`: a recipe and a folder of pictures become weights, which `ddnc export` makes a model. */
import { DdncError } from '../errors.js'
import type { Command } from './command.js'

export const train: Command = {
  name: 'train',
  summary: 'train a model on a folder of pictures',
  arguments: [],
  options: [
    'recipe',
    'data',
    'out',
    'steps',
    'minutes',
    'resume',
    'from',
    'checkpointEvery',
    'backend',
    'threads',
    'force',
    'quiet',
  ],
  examples: [
    'ddnc train --recipe photo --data photos --out run --minutes 60',
    'ddnc train --data photos --out run --resume',
    'ddnc train --recipe mnist --data mnist --out run --minutes 60',
    'ddnc train --recipe photo-taiji --from photo.safetensors --data photos --out run --steps 2000',
  ],

  async run(_args, chosen, terminal) {
    const folder = required(chosen.data, '--data', 'a folder of pictures')
    const out = required(chosen.out, '--out', 'a folder to write to')
    if (!chosen.resume && (chosen.steps === undefined) === (chosen.minutes === undefined)) {
      throw new DdncError({
        tag: 'BadOption',
        option: '--steps and --minutes',
        found: 'both or none',
        allowed: 'one of them',
      })
    }
    // Imported here: no other command needs the trainer.
    const { trainIn } = await import('./trainRun.js')
    await trainIn(folder, out, chosen, terminal)
  },
}

function required(value: string | undefined, option: string, allowed: string): string {
  if (value === undefined) throw new DdncError({ tag: 'BadOption', option, found: 'missing', allowed })
  return value
}
