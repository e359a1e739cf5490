/**
 * Writes models/micro.ddnm and models/micro-pl.ddnm (src/lab/quantise/micro.ts), proving their bounds.
 * `npm run make:micro`; works on dist/.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { microFile } from '../dist/lab/quantise/micro.js'
import { loadModel } from '../dist/index.js'

for (const name of ['micro', 'micro-pl']) {
  const bytes = microFile(name)
  const { hash } = await loadModel(bytes)
  const path = fileURLToPath(new URL(`../models/${name}.ddnm`, import.meta.url))
  writeFileSync(path, bytes)
  console.log(`${path}: ${bytes.length} bytes, SHA-256 ${Buffer.from(hash).toString('hex')}`)
}
