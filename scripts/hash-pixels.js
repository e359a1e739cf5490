/**
 * Decodes files and prints the SHA-256 of their pixels, one a line: `node hash-pixels.js ENGINE MODEL FILE…`.
 * The first line names Node, V8 and the engine asked for. Part of `measure agree`: imports no sharp.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { decompress, loadModel } from '../dist/index.js'

const [engine, modelFile, ...files] = process.argv.slice(2)
const model = await loadModel(await readFile(modelFile))
console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}, ${engine}`)
for (const file of files) {
  const { data } = await decompress(await readFile(file), { model, engine })
  console.log(createHash('sha256').update(data).digest('hex'))
}
