/** `ddnc export`: float weights become a `.ddnm`. */
import { DdncError } from '../errors.js'
import { say, type Command } from './command.js'
import { checkOutput, readInput, writeOutput } from './io.js'
import type { Chosen } from './options.js'
import { progressOn } from './progress.js'
import { seconds, summary } from './report.js'

/** What is exported, and on which pictures. */
export type Task = Readonly<{
  weights: Uint8Array
  /** Where they came from. */
  input: string
  /** Of pictures. */
  folder: string
  chosen: Chosen
  signal: AbortSignal
  note: (line: string) => void
  /** Told the share of the calibration that is done. */
  progress: (fraction: number) => void
}>

export type Exported = Readonly<{
  bytes: Uint8Array
  /** SHA-256, in hex. */
  hash: string
  /** Lines on what integers cost, once the model is written. */
  cost: () => Promise<string[]>
}>

export const exportCommand: Command = {
  name: 'export',
  summary: 'quantise float weights to a .ddnm model, and tell what the integers cost',
  arguments: [
    ['<weights>', 'checkpoint of ddnc train, or a safetensors file of the reference (prototype/photo)'],
    ['<out>', '.ddnm file'],
  ],
  options: ['pictures', 'name', 'until', 'withoutEscape', 'force', 'quiet'],
  examples: [
    'ddnc export photo.safetensors models/photo.ddnm --pictures photos-train --name photo-1',
    'ddnc export run/checkpoint.safetensors digits.ddnm --pictures mnist',
  ],

  async run([input = '-', output = '-'], chosen, terminal) {
    const begun = performance.now()
    const { signal, stdin, stdout, stderr } = terminal
    const { pictures: folder, force = false, quiet = false } = chosen
    if (folder === undefined) {
      throw new DdncError({ tag: 'BadOption', option: '--pictures', found: 'missing', allowed: 'a folder of pictures' })
    }
    await checkOutput(output, force, stdout)
    const weights = await readInput(input, stdin, signal)
    const note = (line: string): void => say(line, output, chosen, terminal)
    // Imported here: no other command needs the trainer.
    const [{ recipeOfCheckpoint }, { exportGrid }, { exportWhole }] = await Promise.all([
      import('../lab/train/run.js'),
      import('./exportGrid.js'),
      import('./exportWhole.js'),
    ])
    const recipe = recipeOfCheckpoint(weights)
    const progress = progressOn(stderr, 'calibrating', quiet)
    const task = { weights, input, folder, chosen, signal, note, progress: progress.report }
    const exported = await (recipe !== null && 'whole' in recipe.structure ? exportWhole(task) : exportGrid(task))
    progress.end()
    const { bytes, hash } = exported
    await writeOutput(output, bytes, { force, stdout, signal })
    note(summary(output, [`${bytes.length} bytes`, `SHA-256 ${hash}`, seconds(begun)]))
    for (const line of await exported.cost()) note(line)
  },
}
