/**
 * How evenly candidates are used: `node scripts/usage.js --data DIR [TITLE=]FILE …`, after `npm run build`. FILE is a
 * checkpoint of `ddnc train` or a .ddnm, all of the same layers.
 *
 *   --count 24   pictures, evenly spread over the folder
 *   --side 256   of the crops that are looked at
 *   --step S     of λ; by default the highest at which every layer is coded
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { engineParts } from '../dist/codec/engineParts.js'
import { loadEngine } from '../dist/engine/loadEngine.js'
import { loadModel } from '../dist/index.js'
import { picturesOf } from '../dist/lab/bench/pictures.js'
import { choicesOn, layerUsage, usageTable } from '../dist/lab/bench/usage.js'
import { cropOf, spread } from '../dist/lab/quantise/crops.js'
import { floatEngine } from '../dist/lab/quantise/floatEngine.js'
import { isCheckpoint } from '../dist/lab/train/checkpoint.js'
import { floatModelOfCheckpoint } from '../dist/lab/train/run.js'
import { cellGrid } from '../dist/network/model.js'

const text = { type: 'string' }
const options = { data: text, count: { ...text, default: '24' }, side: { ...text, default: '256' }, step: text }
const { values, positionals } = parseArgs({ options, allowPositionals: true })
if (values.data === undefined || positionals.length === 0) {
  console.error('usage: node scripts/usage.js --data DIR [TITLE=]FILE …')
  process.exit(2)
}

/** Checkpoints are walked in floats, without the quantiser's rounding. */
async function load(file) {
  const bytes = await readFile(file)
  if (!file.endsWith('.ddnm') && isCheckpoint(bytes))
    return { model: floatModelOfCheckpoint(bytes).model, engine: floatEngine }
  const model = cellGrid(await loadModel(bytes))
  return { model, engine: await loadEngine('wasm', engineParts(model)) }
}

const colour = []
for await (const { picture } of picturesOf(values.data)) if (picture.components === 3) colour.push(picture)
const pictures = spread(colour, Number(values.count)).map((picture, i) => cropOf(picture, Number(values.side), i))
const step = values.step === undefined ? undefined : Number(values.step)

const rows = []
for (const argument of positionals) {
  const [, title, file] = /^(?:([^=]+)=)?(.+)$/.exec(argument)
  const { model, engine } = await load(file)
  rows.push([title ?? basename(file), choicesOn(model, engine, pictures, step).map(layerUsage)])
}
console.log(`${pictures.length} crops of ${values.side}×${values.side}`)
for (const line of usageTable(rows)) console.log(line)
