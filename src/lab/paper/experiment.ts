/** What an experiment of the paper gets and gives: `ddnc paper NAME` runs one. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePicture, type Model, type Picture } from '../../node.js'
import { csvLine, machineFacts, type Field, type Say } from '../bench/report.js'

export type ExperimentOptions = Readonly<{
  /** Folder of pictures; undefined: none was named. */
  data: string | undefined
  /** Folder to write to, made if missing; what takes long is kept there for the next run. */
  out: string
  seed: number
  /** Instead of the experiment's own length. */
  steps: number | undefined
  /** So many pictures instead of all that are judged. */
  count: number | undefined
  /** Instead of training them. */
  models: readonly Model[]
  /** Trains a model: by the one trainer, with what `data` has. */
  make: (order: Order) => Promise<Model>
  threads: number
  signal: AbortSignal
}>

/** A model that is to be trained. */
export type Order = Readonly<{
  /** JSON. */
  recipe: string
  steps: number
}>

export type Experiment = Readonly<{
  /** What it shows, in a line. */
  summary: string
  run(options: ExperimentOptions, say: Say): Promise<void>
}>

/**
 * Writes NAME.csv: where it was measured, a heading, rows.
 * @param facts lines beside machine and commit, such as the model or the sizes
 * @example await writeCsv('out', 'toy2d', ['K: 10000'], [['density', 'divergence'], ['spiral', 0.09]])
 */
export async function writeCsv(
  folder: string,
  name: string,
  facts: readonly string[],
  rows: readonly (readonly Field[])[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const lines = [...[...machineFacts(), ...facts].map((fact) => `# ${fact}`), ...rows.map(csvLine)]
  await writeFile(join(folder, `${name}.csv`), lines.map((line) => `${line}\n`).join(''))
}

/** Writes NAME.png. */
export async function writePng(folder: string, name: string, picture: Picture): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.png`), await writePicture(picture, 'png'))
}
