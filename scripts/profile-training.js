/**
 * How fast training is, and what a step's time is made of: `node scripts/profile-training.js --data PHOTOS`, after
 * `npm run build`, with native TensorFlow (DDNC_TENSORFLOW).
 *
 *   --recipe photo     of the package
 *   --threads N        default: as TensorFlow decides
 *   --crop 192 --batch 2
 *   --steps 60         that are timed; then as many with kernels timed one by one
 *   --memory N         N steps more; resident memory and tensors ten times on the way
 *   --reference DIR    of the PyTorch reference (prototype/photo), timed before and after on the same crops
 *   --python FILE      that has PyTorch, numpy and Pillow; default: python3
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readData } from '../dist/cli/trainData.js'
import { columns } from '../dist/columns.js'
import { kernelTimes, stepsPerSecond } from '../dist/lab/bench/stepProfile.js'
import { loadBackend } from '../dist/lab/train/backend.js'
import { operations } from '../dist/lab/train/operations.js'
import { readRecipe } from '../dist/lab/train/recipe.js'
import { beginRun } from '../dist/lab/train/run.js'
import { trainStep } from '../dist/lab/train/step.js'
import { membersFor, startTeam } from '../dist/lab/train/teammates.js'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    data: text,
    recipe: { ...text, default: 'photo' },
    threads: text,
    crop: { ...text, default: '192' },
    batch: { ...text, default: '2' },
    steps: { ...text, default: '60' },
    memory: { ...text, default: '0' },
    reference: text,
    python: { ...text, default: 'python3' },
  },
})
if (values.data === undefined) {
  console.error('usage: node scripts/profile-training.js --data PHOTOS [--reference DIR --python FILE] …')
  process.exit(2)
}
const [crop, batch, steps, memory] = [values.crop, values.batch, values.steps, values.memory].map(Number)
const threads = values.threads === undefined ? undefined : Number(values.threads)
const pixels = batch * crop * crop

/** Lines of a long run of the reference until it has said how fast it is, three times. */
async function reference() {
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-reference-'))
  const env = {
    ...process.env,
    STEPS: '100000',
    SIZES: JSON.stringify([[0, batch, crop]]),
    THREADS: String(threads ?? cpus().length),
    TEST_N: '0',
  }
  // A thread pool of its own: ours is for TensorFlow.
  for (const name of ['OMP_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS']) delete env[name]
  const child = spawn(values.python, ['train.py', join(folder, 'out.pt'), '60', values.data], {
    cwd: values.reference,
    env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let log = ''
  for await (const chunk of child.stdout) {
    log += chunk
    if (log.match(/ s log loss/g)?.length === 3) child.kill()
  }
  await rm(folder, { recursive: true })
  const speed = stepsPerSecond(log)
  if (speed === null) throw new Error(`the reference ended early:\n${log}`)
  return speed * pixels
}

const recipe = JSON.parse(await readFile(new URL(`../recipes/${values.recipe}.json`, import.meta.url), 'utf8'))
recipe.training.sizes = [{ from: 0, batch, crop }]
const members = membersFor({ sizes: recipe.training.sizes }, threads ?? cpus().length)
const backend = await loadBackend('tensorflow', { threads, copies: members })
const ops = operations(backend)
const source = { folder: values.data, note: console.log, signal: new AbortController().signal }
const { data } = await readData(source, readRecipe(JSON.stringify(recipe)))
// The middle of a long run: every step is at the full learning rate.
const run = beginRun(ops, JSON.stringify(recipe), data, { steps: 1e6, minutes: null })
const { team, end } = await startTeam(ops, run, data, members)
const take = async (count) => {
  for (let i = 0; i < count; i++) await trainStep(ops, run, data, team)
}
const timed = async (count) => {
  const from = performance.now()
  await take(count)
  return (count * pixels * 1000) / (performance.now() - from)
}
const perSecond = (speed) => `${Math.round(speed / 1000)}k pixels a second`

console.log(`${cpus()[0].model}, ${threads ?? cpus().length} threads; ${values.recipe}, ${batch} crops of ${crop}²`)
await take(10)
const before = values.reference ? await reference() : null
const speed = await timed(steps)
const after = values.reference ? await reference() : null
console.log(`ddnc: ${perSecond(speed)}, ${Math.round((pixels / speed) * 1000)} ms a step`)
if (before !== null) {
  console.log(`reference: ${perSecond(before)} before, ${perSecond(after)} after`)
  console.log(`ddnc is ${Math.round((200 * speed) / (before + after))} % of it`)
}

const from = performance.now()
const kinds = await kernelTimes(ops.tf, () => take(steps))
const all = (performance.now() - from) / 1000
const rest = all - kinds.reduce((sum, { seconds }) => sum + seconds, 0)
const row = (kind, calls, seconds) => [
  kind,
  calls,
  `${((1000 * seconds) / steps).toFixed(1)} ms`,
  `${((100 * seconds) / all).toFixed(1)} %`,
]
const rows = kinds.map(({ kind, calls, seconds }) => row(kind, String(Math.round(calls / steps)), seconds))
rows.push(row('JavaScript: gradients, memory, crops', '', rest), row('a step, with its kernels timed', '', all))
for (const line of columns([['', 'calls', 'time', ''], ...rows])) console.log(line)

for (let i = 0; i <= 10 && memory > 0; i++) {
  if (i > 0) await take(Math.round(memory / 10))
  const { rss } = process.memoryUsage()
  console.log(`step ${run.step}: ${Math.round(rss / 1e6)} MB, ${ops.tf.memory().numTensors} tensors`)
}
await end()
