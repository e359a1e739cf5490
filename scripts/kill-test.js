/**
 * Kills `ddnc train` again and again and looks at what is left, after `npm run build`. `docs/training.md` has more.
 *
 *   node scripts/kill-test.js [--kills 20] [--steps 400] [--backend NAME] [--keep]
 *
 * Exit code 1 if a checkpoint cannot be read, if it goes back, or if the run that was killed ends with other weights
 * than one that was not.
 */
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import sharp from 'sharp'
import { columns } from '../dist/columns.js'
import { readCheckpoint } from '../dist/lab/train/checkpoint.js'
import { drawScreen } from '../dist/lab/train/drawing.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** Seconds between checkpoints: several in every life of the process. */
const CHECKPOINT_EVERY = 0.1
/** A process is killed after half of the time that it takes to the first checkpoint, or up to this many times that. */
const LIFE = { least: 0.5, most: 2.5 }

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    steps: { type: 'string', default: '400' },
    backend: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})

const folder = await mkdtemp(join(tmpdir(), 'ddnc-kill-'))
const out = { whole: join(folder, 'whole'), killed: join(folder, 'killed') }

/** A network that trains in seconds, on drawings instead of photographs. */
async function makeData() {
  const read = async (path) => JSON.parse(await readFile(join(ROOT, path), 'utf8'))
  const [tiny, { training }] = [await read('test/lab/train/tiny.json'), await read('recipes/photo.json')]
  const changes = { sizes: [{ from: 0, batch: 2, crop: 32 }], data: { ...training.data, drawings: 0 } }
  await writeFile(join(folder, 'tiny.json'), JSON.stringify({ ...tiny, training: { ...training, ...changes } }))
  await mkdir(join(folder, 'photos'))
  for (let seed = 1; seed <= 4; seed++) {
    const { data, width, height } = drawScreen(seed, 64)
    const file = join(folder, 'photos', `a-${seed}.png`)
    await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file)
  }
}

/** Two threads of ours, one of TensorFlow each: sums are always taken in the same order. */
function train(to, more) {
  const backend = values.backend === undefined ? [] : ['--backend', values.backend]
  const args = ['train', '--threads', '2', '--data', join(folder, 'photos'), '--out', to, ...backend, ...more]
  return spawn(process.execPath, [join(ROOT, 'bin/ddnc.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

const begin = ['--recipe', join(folder, 'tiny.json'), '--steps', values.steps]
const often = ['--checkpoint-every', `${CHECKPOINT_EVERY}`]

function ended(child) {
  let errors = ''
  child.stdout.resume()
  child.stderr.on('data', (chunk) => (errors += chunk))
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, errors })))
}

/** @returns the checkpoint, null if there is none; throws if it is damaged */
async function checkpointOf(of) {
  const bytes = await readFile(join(of, 'checkpoint.safetensors')).catch((error) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return bytes && readCheckpoint(bytes)
}

const leftovers = async () => (await readdir(out.killed)).filter((name) => name.endsWith('.tmp'))

/** Calls at the given number of files that begin to be written; returns what ends the watch. */
function atWrite(path, count, call) {
  const watcher = watch(path, (event, name) => {
    if (name?.endsWith('.tmp') && event === 'rename' && --count === 0) call()
  })
  return () => watcher.close()
}

/** @param first milliseconds to the first checkpoint */
function killLater(child, isAtWrite, first) {
  const kill = () => child.kill('SIGKILL')
  // Not the first file, so that the run gets on.
  if (isAtWrite) return atWrite(out.killed, Math.floor(2 + Math.random() * 8), kill)
  const timer = setTimeout(kill, first * (LIFE.least + Math.random() * (LIFE.most - LIFE.least)))
  return () => clearTimeout(timer)
}

async function main() {
  await makeData()
  for (const path of Object.values(out)) await mkdir(path)
  const begun = performance.now()
  let first = 0
  const stop = atWrite(out.whole, 1, () => (first = performance.now() - begun))
  const whole = await ended(train(out.whole, [...begin, ...often]))
  stop()
  if (whole.code !== 0) throw new Error(`training fails: ${whole.errors}`)
  const rows = [['kill', 'aimed at', 'ended by', 'files half written', 'checkpoint', '']]
  let failures = 0
  let step = 0
  for (let i = 1; i <= Number(values.kills); i++) {
    const before = await checkpointOf(out.killed).catch(() => null)
    const child = train(out.killed, [...(before ? ['--resume'] : begin), ...often])
    const stop = killLater(child, i % 2 === 0, first)
    const { code, signal, errors } = await ended(child)
    stop()
    const row = [`${i}`, i % 2 === 0 ? 'a write' : 'any instant', signal ?? `its end, ${code}`]
    if (signal === null && code !== 0) failures++
    row.push(`${(await leftovers()).length}`)
    try {
      const found = await checkpointOf(out.killed)
      const isBack = (found?.step ?? 0) < step
      if (isBack) failures++
      step = found?.step ?? 0
      row.push(found ? `whole, step ${step}` : 'none yet', isBack ? 'GONE BACK' : '')
    } catch (error) {
      failures++
      row.push('DAMAGED', error.message)
    }
    if (signal === null && code !== 0) row[5] = errors.trim()
    rows.push(row)
  }
  for (const line of columns(rows)) console.log(line)

  const before = await checkpointOf(out.killed)
  const end = await ended(train(out.killed, [...(before ? ['--resume'] : begin), ...often]))
  const [a, b] = [await checkpointOf(out.whole), await checkpointOf(out.killed)]
  const isEqual = end.code === 0 && isDeepStrictEqual({ ...a, seconds: 0 }, { ...b, seconds: 0 })
  const left = await leftovers()
  console.log(
    `the run killed ${values.kills} times ${isEqual ? 'equals' : 'DIFFERS FROM'} the whole one at step ${a.step}:`,
  )
  console.log('  weights, optimiser, averages, random state, to the bit')
  console.log(`${left.length} temporary files are left`)
  if (!isEqual || left.length > 0) failures++
  if (end.code !== 0) console.log(end.errors)
  return failures
}

try {
  process.exitCode = (await main()) === 0 ? 0 : 1
} finally {
  if (values.keep) console.log(folder)
  else await rm(folder, { recursive: true, force: true })
}
