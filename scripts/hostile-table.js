/**
 * What becomes of odd and hostile files, after `npm run build`: each is encoded, or decoded if it is a `.ddn`, in a process
 * of its own within limits, as the commands do it; of what becomes a picture the file is decoded, too. A table for
 * `docs/trust.md`. On Linux: the memory is what the kernel says of the process.
 *
 *   node scripts/hostile-table.js FOLDER… [--model micro] [--max-seconds 60] [--max-memory 2048] [--list]
 *
 * The classes are the folders in FOLDER. With --list every file has a line. Exit code 1 if anything is neither a picture nor
 * an error of one line that names the file's fault.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { startWorker } from '../dist/cli/batch/worker.js'
import { peakMemoryOf } from '../dist/lab/bench/processes.js'
import { OF_BYTES } from '../dist/lab/fuzz/target.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'micro' },
    'max-seconds': { type: 'string', default: '60' },
    'max-memory': { type: 'string', default: '2048' },
    list: { type: 'boolean', default: false },
  },
})
const limits = { maxSeconds: Number(values['max-seconds']), maxMemory: Number(values['max-memory']) }

/** Faults of a file, or of what it asks for. Anything else is a fault of ours. */
const CLEAN = new Set([...OF_BYTES, 'BadOption'])

const workers = {}
/** One process for each command, anew when it was lost, with its number. */
async function workerOf(command) {
  if (workers[command] !== undefined && !workers[command].worker.isLost()) return workers[command]
  const chosen = command === 'encode' ? { model: values.model, ...limits } : limits
  const before = await childrenOf(process.pid)
  const worker = await startWorker({ command, chosen, journal: null })
  const [pid] = (await childrenOf(process.pid)).filter((one) => !before.includes(one))
  return (workers[command] = { worker, pid })
}

async function childrenOf(pid) {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean)
}

/** Makes something of bytes: `bytes` or a failure, with seconds, and MiB at most. */
async function make(command, bytes) {
  const { worker, pid } = await workerOf(command)
  await writeFile(`/proc/${pid}/clear_refs`, '5') // the most that it had is from now on
  let peak = 0
  const look = async () => {
    peak = Math.max(peak, ((await peakMemoryOf(pid)) ?? 0) / 2 ** 20)
  }
  const watch = setInterval(look, 50)
  const begun = performance.now()
  const made = await worker.make(bytes, () => {})
  const seconds = (performance.now() - begun) / 1000
  clearInterval(watch)
  await look()
  return { ...made, seconds, peak }
}

const isClean = ({ tag, message, exitCode }) =>
  CLEAN.has(tag) && (exitCode === 1 || tag === 'BadOption') && typeof message === 'string'

async function judge(path) {
  const bytes = await readFile(path)
  if (path.endsWith('.ddn')) return { bytes, results: [await make('decode', bytes)] }
  const encoded = await make('encode', bytes)
  if (encoded.bytes === undefined) return { bytes, results: [encoded] }
  return { bytes, results: [encoded, await make('decode', encoded.bytes)] }
}

const rows = new Map()
const worst = []
for (const folder of positionals) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.replace(/[/\\]+$/, '').length + 1))
    .filter((name) => name.includes(sep))
    .sort()
  for (const name of names) {
    const { results } = await judge(join(folder, name))
    const last = results.at(-1)
    const pictures = results.every(({ bytes }) => bytes !== undefined)
    // A picture that was encoded must decode.
    const clean = !pictures && results.length === 1 && isClean(last)
    const became = pictures ? 'picture' : clean ? 'error' : 'else'
    const row = rows.get(name.split(sep)[0]) ?? { files: 0, picture: 0, error: 0, else: 0, seconds: 0, peak: 0 }
    row.files += 1
    row[became] += 1
    row.seconds = Math.max(row.seconds, ...results.map(({ seconds }) => seconds))
    row.peak = Math.max(row.peak, ...results.map(({ peak }) => peak))
    rows.set(name.split(sep)[0], row)
    worst.push({
      name,
      seconds: Math.max(...results.map((one) => one.seconds)),
      tag: last.tag ?? '',
      message: last.message,
    })
    if (values.list || became === 'else') console.log(`${name}: ${became} ${last.tag ?? ''} ${last.message ?? ''}`)
  }
}
for (const { worker } of Object.values(workers)) worker.kill()

const line = (name, row) =>
  `| ${name} | ${row.files} | ${row.picture} | ${row.error} | ${row.else} | ${row.seconds.toFixed(1)} | ${Math.ceil(row.peak)} |`
console.log('\n| input class | files | picture | clean error | anything else | longest, s | most memory, MiB |')
console.log('|---|---|---|---|---|---|---|')
const all = { files: 0, picture: 0, error: 0, else: 0, seconds: 0, peak: 0 }
for (const [name, row] of rows) {
  for (const key of ['files', 'picture', 'error', 'else']) all[key] += row[key]
  for (const key of ['seconds', 'peak']) all[key] = Math.max(all[key], row[key])
  console.log(line(name, row))
}
console.log(line('all', all))
worst.sort((a, b) => b.seconds - a.seconds)
console.log(
  `\nlongest: ${worst
    .slice(0, 3)
    .map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`)
    .join(', ')}`,
)
const limited = worst.filter(({ tag }) => tag === 'LimitExceeded')
console.log(`over a limit: ${limited.map(({ name, message }) => `${name} (${message})`).join('; ') || 'none'}`)
process.exitCode = all.else > 0 ? 1 : 0
