/**
 * Measures ddnc: `node scripts/measure.js WHAT …`, after `npm run build`. `docs/measuring.md` has every option.
 *
 *   open      --data DIR                    rate, PSNR and time, beside mozjpeg and WebP
 *   series    --data DIR                    rate and PSNR alone; goes on with the CSV of --out
 *   study     --data DIR --out DIR          every --model in its profiles, with both searches: a table and a plot
 *   integers  --data DIR --reference TSV    integer inference against the float original; MODEL with escape off
 *   time      --picture FILE                whole processes
 *   agree     --data DIR                    the same pixels in other processes, engines and versions of Node
 *   quality   --data DIR                    PSNR and bytes over -q 1 to 100
 *   effort    --data DIR                    what --effort of the encoder is worth, and its time
 */
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadModel } from '../dist/index.js'
import { measureAgree } from '../dist/lab/bench/agree.js'
import { measureEffort } from '../dist/lab/bench/effort.js'
import { measureIntegers } from '../dist/lab/bench/integers.js'
import { measureOpen } from '../dist/lab/bench/open.js'
import { measureQuality } from '../dist/lab/bench/quality.js'
import { measureSeries } from '../dist/lab/bench/series.js'
import { measureStudy } from '../dist/lab/bench/study.js'
import { measureTime } from '../dist/lab/bench/time.js'
import { cellGrid } from '../dist/network/model.js'

const text = { type: 'string' }
const texts = { type: 'string', multiple: true }
const options = {
  data: text,
  reference: text,
  picture: text,
  model: texts,
  profile: text,
  search: text,
  out: text,
  limit: text,
  cache: { type: 'string', default: join(tmpdir(), 'ddnc-peers') },
  runs: { type: 'string', default: '5' },
  processor: text,
  lambda: texts,
  node: texts,
  step: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '1' },
  effort: texts,
  crop: text,
}

/** What can be measured, and which options it cannot do without. */
const measurements = {
  open: [measureOpen, ['data']],
  series: [measureSeries, ['data']],
  study: [measureStudy, ['data', 'out']],
  integers: [measureIntegers, ['data', 'reference']],
  time: [measureTime, ['picture']],
  agree: [measureAgree, ['data']],
  quality: [measureQuality, ['data']],
  effort: [measureEffort, ['data']],
}

function refuse(sentence) {
  console.error(`measure: ${sentence}`)
  process.exit(2)
}

const number = (value) => (value === undefined ? undefined : Number(value))
const { values, positionals } = parseArgs({ options, allowPositionals: true })
const [what] = positionals
const [measure, needed] = measurements[what] ?? refuse(`the first argument is one of ${Object.keys(measurements)}`)
for (const name of needed) if (values[name] === undefined) refuse(`${what} needs --${name}`)
for (const name of ['limit', 'runs', 'processor', 'step', 'jobs', 'crop']) {
  if (Number.isNaN(number(values[name]))) refuse(`--${name} is ${values[name]}, allowed is a number`)
}

const allowed = { profile: ['entropy', 'plain'], search: ['leaves', 'greedy'] }
for (const [name, names] of Object.entries(allowed)) {
  const value = values[name]
  if (value !== undefined && !names.includes(value)) refuse(`--${name} is ${value}, allowed is ${names.join(' or ')}`)
}

const files = values.model ?? [fileURLToPath(new URL('../models/photo.ddnm', import.meta.url))]
if (files.length > 1 && what !== 'study') refuse(`${what} takes one --model`)
const models = await Promise.all(
  files.map(async (file) => ({ file, model: cellGrid(await loadModel(await readFile(file))) })),
)

await measure(
  {
    data: values.data,
    reference: values.reference,
    picture: values.picture,
    models,
    model: models[0].model,
    modelFile: models[0].file,
    coding: { profile: values.profile, search: values.search },
    out: values.out,
    limit: number(values.limit),
    cache: values.cache,
    runs: Number(values.runs),
    processor: number(values.processor),
    lambdas: values.lambda?.map(Number) ?? [90],
    nodes: values.node ?? [],
    step: Number(values.step),
    jobs: Math.max(1, Number(values.jobs)),
    efforts: values.effort?.map(Number) ?? [2, 3, 5, 9],
    crop: number(values.crop),
  },
  (line) => console.log(line),
)
