/**
 * Float weights with layers repeated, for a run that begins with them: `node scripts/copy-layers.js WEIGHTS OUT ac 0,0,1,1,2`,
 * after `npm run build`. Layer i of the grid (dc: coarse, ac: fine) of OUT is the named layer of WEIGHTS, so that a
 * layer over all cells can begin two half-passes, which then learn apart.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { weightsOf } from '../dist/lab/train/from.js'
import { writeSafetensors } from '../dist/network/safetensors.js'

const [file, out, grid, list] = process.argv.slice(2)
if (!list || !/^(dc|ac)$/.test(grid) || !/^\d+(,\d+)*$/.test(list)) {
  console.error('usage: node scripts/copy-layers.js WEIGHTS OUT dc|ac LAYER,LAYER,…')
  process.exit(2)
}
const layers = list.split(',').map(Number)
const { weights } = weightsOf(await readFile(file))
const tensors = new Map()
for (const [name, tensor] of weights) if (!name.startsWith(`${grid}.`)) tensors.set(name, tensor)
layers.forEach((from, to) => {
  const prefix = `${grid}.${from}.`
  const own = [...weights].filter(([name]) => name.startsWith(prefix))
  if (own.length === 0) throw new Error(`${file} has no layer ${grid}.${from}`)
  for (const [name, tensor] of own) tensors.set(`${grid}.${to}.${name.slice(prefix.length)}`, tensor)
})
await writeFile(out, writeSafetensors({}, tensors))
