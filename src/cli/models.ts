/** `--model NAME|FILE`. */
import { loadModel, shippedModel, type Model } from '../node.js'
import type { Terminal } from './command.js'
import { readInput } from './io.js'

/** Models by path: loading is costly, and many files are made with one. */
const loaded = new Map<string, Promise<Model>>()

/** A model of the package by its name, or a `.ddnm` file by its path; each is loaded once a process. */
export async function chosenModel(nameOrFile: string, terminal: Terminal): Promise<Model> {
  if (!/\.ddnm$|[/\\]/.test(nameOrFile)) return shippedModel(nameOrFile)
  const model = loaded.get(nameOrFile) ?? readInput(nameOrFile, terminal.stdin, terminal.signal).then(loadModel)
  loaded.set(nameOrFile, model)
  return model
}
