/** `--model NAME|FILE`. */
import { loadModel, shippedModel, type Model } from '../node.js'
import type { Terminal } from './command.js'
import { readInput } from './io.js'

/** A model of the package by its name, or a `.ddnm` file by its path. */
export async function chosenModel(nameOrFile: string, terminal: Terminal): Promise<Model> {
  const isFile = /\.ddnm$|[/\\]/.test(nameOrFile)
  return isFile ? loadModel(await readInput(nameOrFile, terminal.stdin, terminal.signal)) : shippedModel(nameOrFile)
}
