/**
 * Files of a whole-image model there and back: `node scripts/round-trip.js --model FILE --data DIR`, after `npm run build`.
 * Every picture of the folder's test part: picture → path → file → path → file → pixels, with both engines.
 *
 *   --engines wasm,reference   that decode
 *   --first 0 --count 10000    pictures of the part
 */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { loadModel } from '../dist/index.js'
import { readFolder } from '../dist/lab/data/folder.js'
import { pictureAt } from '../dist/lab/data/pictureSet.js'
import { labelAt } from '../dist/lab/paper/coding.js'
import { roundTripOfPath } from '../dist/lab/paper/roundTrip.js'
import { wholeImage } from '../dist/network/model.js'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    model: text,
    data: text,
    engines: { ...text, default: 'wasm,reference' },
    first: { ...text, default: '0' },
    count: { ...text, default: '10000' },
  },
})
if (values.model === undefined || values.data === undefined) {
  console.error('usage: node scripts/round-trip.js --model FILE --data DIR')
  process.exit(2)
}

const model = wholeImage(await loadModel(await readFile(values.model)))
const { test } = await readFolder(values.data, {})
const [first, count] = [Number(values.first), Number(values.count)]
const end = Math.min(test.count, first + count)
const sizes = new Set()
for (let i = first; i < end; i++) {
  const { bits, fileBits } = await roundTripOfPath(
    pictureAt(test, i),
    model,
    labelAt(model, test, i),
    values.engines.split(','),
  )
  sizes.add(`${bits} bits in a file of ${fileBits}`)
  if ((i + 1 - first) % 500 === 0) console.log(`${i + 1 - first} of ${end - first}`)
}
console.log(`${end - first} pictures, ${model.name}, ${values.engines}: no difference; ${[...sizes].join(', ')}`)
