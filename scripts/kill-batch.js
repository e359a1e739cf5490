/**
 * Kills `ddnc encode -O` and `ddnc decode -O` again and again and looks at what is left, after `npm run build`. Linux.
 * `docs/trust.md` has a result.
 *
 *   node scripts/kill-batch.js [--kills 100] [--files 6] [--model micro] [--seed 1] [--keep]
 *
 * Kills are SIGKILLs at random instants and at writes, of the whole group of processes, of the first process alone, or
 * of one that works for it. Ctrl-C ends it early, with the table of what it did. Exit code 1 if ever a file is there that is not byte for byte that of a run that nobody
 * disturbed, if an input changed, or if the next run does not go on from there.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, watch } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { columns } from '../dist/columns.js'
import { drawScreen } from '../dist/lab/train/drawing.js'
import { uniformFrom } from '../dist/network/uniform.js'

const BIN = fileURLToPath(new URL('../bin/ddnc.js', import.meta.url))
const JOURNAL = '.ddnc-done.jsonl'
const VICTIMS = ['all processes', 'the first process', 'a worker']

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    files: { type: 'string', default: '6' },
    model: { type: 'string', default: 'micro' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
})
const random = uniformFrom(Number(values.seed))
const folder = await mkdtemp(join(tmpdir(), 'ddnc-kill-batch-'))

/** Pictures of several sizes, as old as 2001. */
async function makePictures(into) {
  await mkdir(into)
  for (let i = 1; i <= Number(values.files); i++) {
    const { data, width, height } = drawScreen(i, 32 + 24 * (i % 5))
    const file = join(into, `p${i}.png`)
    await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file)
    await utimes(file, 1e9, 1e9 + i)
  }
}

/** One kind of run: what goes in, what comes out if nobody disturbs it. */
function kindOf(command, from) {
  const name = (out) => join(folder, `${command}-${out}`)
  return { command, from, whole: name('whole'), killed: name('killed'), expected: new Map(), ms: 0 }
}

function start({ command, from }, out) {
  const args = [command, from, '-O', out, '--json', '--skip-existing', '-j', '2']
  const model = command === 'encode' ? ['--model', values.model] : []
  // A group of its own, so that all of it can be killed.
  const child = spawn(process.execPath, [BIN, ...args, ...model], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { lines: '', errors: '' }
  child.stdout.on('data', (chunk) => (said.lines += chunk))
  child.stderr.on('data', (chunk) => (said.errors += chunk))
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...said })))
  return { child, ended }
}

/** Resolves when no process of the group runs any more: those that lost the first one end by themselves. */
async function groupEnds(group) {
  while (readdirSync('/proc').some((id) => runsIn(id, group))) await sleep(20)
}

/** One that has ended may still be listed, as a zombie, until somebody asks for its exit code. */
function runsIn(id, group) {
  try {
    const [state, , of] = readFileSync(`/proc/${id}/stat`, 'latin1').split(') ').at(-1).split(' ')
    return Number(of) === group && state !== 'Z'
  } catch {
    return false // no process, or it has just ended
  }
}

const childrenOf = (id) => {
  try {
    return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function kill(child, victim) {
  const workers = childrenOf(child.pid)
  const id = victim === 0 ? -child.pid : victim === 1 ? child.pid : workers[Math.floor(random() * workers.length)]
  if (id === undefined) return false
  try {
    return process.kill(id, 'SIGKILL')
  } catch {
    return false
  }
}

/** At a random instant of the run, or at a file that begins to be written. Returns whether it killed, when all is over. */
function killLater({ child, ended }, kind, victim, isAtWrite) {
  let killed = false
  const strike = () => (killed ||= kill(child, victim))
  let stop
  if (isAtWrite) {
    let count = 1 + Math.floor(random() * 4)
    const watcher = watch(kind.killed, (event, name) => {
      if (name?.endsWith('.tmp') && --count === 0) strike()
    })
    stop = () => watcher.close()
  } else {
    const timer = setTimeout(strike, random() * kind.ms)
    stop = () => clearTimeout(timer)
  }
  return ended.finally(stop).then(() => killed)
}

/** What stands in a folder of outputs. */
async function look({ killed, expected }) {
  const found = { whole: 0, partial: [], temporary: 0 }
  for (const name of await readdir(killed)) {
    if (name === JOURNAL) continue
    if (/^\.ddnc-.*\.tmp$/.test(name)) found.temporary++
    else if (await isAsExpected(join(killed, name), expected.get(name))) found.whole++
    else found.partial.push(name)
  }
  return found
}

async function isAsExpected(path, expected) {
  return (
    expected !== undefined &&
    (await stat(path)).mtimeMs === expected.mtimeMs &&
    expected.bytes.equals(await readFile(path))
  )
}

const statuses = (lines) =>
  lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).status)
const count = (list, status) => list.filter((each) => each === status).length

async function contents(of) {
  const names = (await readdir(of)).filter((name) => name !== JOURNAL).sort()
  return new Map(
    await Promise.all(
      names.map(async (name) => {
        const { mtimeMs } = await stat(join(of, name))
        return [name, { bytes: await readFile(join(of, name)), mtimeMs }]
      }),
    ),
  )
}

/** A run that nobody disturbs, and what it makes. */
async function measure(kind) {
  const begun = performance.now()
  const { code, errors } = await start(kind, kind.whole).ended
  if (code !== 0) throw new Error(`${kind.command} fails: ${errors}`)
  kind.ms = performance.now() - begun
  kind.expected = await contents(kind.whole)
  await mkdir(kind.killed)
}

/** The next run goes on from there: skips what is whole, makes the rest, leaves nothing else; and then has nothing to do. */
async function goOn(kind) {
  const before = await look(kind)
  const { code, lines, errors } = await start(kind, kind.killed).ended
  const after = await look(kind)
  const again = await start(kind, kind.killed).ended
  const all = kind.expected.size
  const isFine =
    code === 0 &&
    count(statuses(lines), 'skipped') === before.whole &&
    count(statuses(lines), 'done') === all - before.whole &&
    after.whole === all &&
    after.temporary === 0 &&
    again.code === 0 &&
    count(statuses(again.lines), 'skipped') === all
  return isFine ? '' : `DOES NOT GO ON: ${code}, ${JSON.stringify({ before, after })} ${errors}${lines}${again.lines}`
}

async function main() {
  const pictures = join(folder, 'pictures')
  await makePictures(pictures)
  const inputs = await contents(pictures)
  const kinds = [kindOf('encode', pictures), kindOf('decode', join(folder, 'encode-whole'))]
  for (const kind of kinds) await measure(kind)

  const faults = []
  const rows = VICTIMS.map((victim) => ({
    victim,
    kills: 0,
    atWrite: 0,
    whole: 0,
    absent: 0,
    partial: 0,
    temporary: 0,
  }))
  let tries = 0
  let resumed = 0
  let isStopped = false
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (isStopped = true))
  for (let kills = 0; kills < Number(values.kills) && !isStopped; tries++) {
    const kind = kinds[tries % 2]
    const victim = random() < 0.6 ? 0 : random() < 0.5 ? 1 : 2
    const isAtWrite = random() < 0.5
    const begun = performance.now()
    const run = start(kind, kind.killed)
    const killed = await killLater(run, kind, victim, isAtWrite)
    // The machine may be faster now than it was: kills are to come while there is something to kill.
    if (!killed) kind.ms = Math.min(kind.ms, performance.now() - begun)
    await groupEnds(run.child.pid)
    const { whole, partial, temporary } = await look(kind)
    if (killed) {
      kills++
      const row = rows[victim]
      row.kills++
      row.atWrite += isAtWrite ? 1 : 0
      row.whole += whole
      row.absent += kind.expected.size - whole - partial.length
      row.partial += partial.length
      row.temporary += temporary
      if (kills % 10 === 0) console.error(`${kills} kills in ${tries + 1} runs, ${faults.length} faults so far`)
    }
    for (const name of partial) faults.push(`${kind.command} after kill ${kills}: ${name} is not whole`)
    // It did all that there was to do, or it is time to see that the next run would.
    if (whole === kind.expected.size || random() < 0.1) {
      const fault = await goOn(kind)
      resumed++
      if (fault !== '') faults.push(`${kind.command} after kill ${kills}: ${fault}`)
      await rm(kind.killed, { recursive: true })
      await mkdir(kind.killed)
    }
  }
  for (const kind of kinds) {
    const fault = await goOn(kind)
    resumed++
    if (fault !== '') faults.push(`${kind.command} at the end: ${fault}`)
  }
  for (const [name, { bytes, mtimeMs }] of await contents(pictures)) {
    const before = inputs.get(name)
    if (!before?.bytes.equals(bytes) || before.mtimeMs !== mtimeMs) faults.push(`the input ${name} changed`)
  }

  const head = ['killed', 'kills', 'of these at a write', 'files whole', 'files absent', 'partial', 'temporary files']
  const cells = rows.map((row) => Object.values(row))
  const sums = head.slice(1).map((_, i) => cells.reduce((sum, row) => sum + row[i + 1], 0))
  for (const line of columns([head, ...cells, ['all', ...sums]])) console.log(line)
  console.log(`${tries} runs; ${resumed} times a run was let go on to the end; ${faults.length} faults`)
  for (const fault of faults) console.log(fault)
  return faults.length
}

try {
  process.exitCode = (await main()) === 0 ? 0 : 1
} finally {
  if (values.keep) console.log(folder)
  else await rm(folder, { recursive: true, force: true })
}
