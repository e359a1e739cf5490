/**
 * Fuzzing, after `npm run build`. `docs/trust.md` has counts.
 *
 *   node scripts/fuzz.js TARGET [--count 10000] [--seed 1] [--first 0] [--jobs 1] [--minutes 60] [--findings fuzz-findings]
 *   node scripts/fuzz.js TARGET --replay FILE
 *
 * Targets: container, rans, plain, metadata, micro, photo, model (src/lab/fuzz). Execution i of a seed is always the same,
 * so a run goes on with --first, and one that found something can be had again with --first i --count 1.
 * Each job is a process. One that dies, or is silent for --patience seconds, is a finding too: its executions since the
 * last report are named, and another process goes on behind them. Exit code 1 if there are findings.
 */
import { fork } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { columns } from '../dist/columns.js'
import { emptyTally, fuzz, joinTallies } from '../dist/lab/fuzz/run.js'
import { openTarget } from '../dist/lab/fuzz/targets.js'

/** Milliseconds between reports of a job. */
const SLICE = 2000
const SELF = fileURLToPath(import.meta.url)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '1' },
    minutes: { type: 'string', default: 'Infinity' },
    findings: { type: 'string', default: 'fuzz-findings' },
    patience: { type: 'string', default: '120' },
    replay: { type: 'string' },
    /** Of a job: not for people. */
    job: { type: 'boolean', default: false },
  },
})
const name = positionals[0] ?? ''
const seed = Number(values.seed)
const first = Number(values.first)
const count = Number(values.count)

/** A job: reports what it did every few seconds, and every finding at once. */
async function work() {
  Error.stackTraceLimit = 0 // errors are what most executions end with; --replay shows a stack
  const end = Date.now() + 60_000 * Number(values.minutes)
  const target = await openTarget(name)
  let size = 1
  for (let at = first; at < first + count && Date.now() < end;) {
    const span = { seed, first: at, count: Math.min(size, first + count - at) }
    const begun = performance.now()
    const tally = await fuzz(target, span, ({ index, bytes, what }) =>
      process.send({ finding: { index, what, bytes: Buffer.from(bytes).toString('base64') } }),
    )
    at += span.count
    size = Math.max(1, Math.min(4 * size, Math.round((size * SLICE) / (performance.now() - begun))))
    process.send({ done: at, tally, memory: process.resourceUsage().maxRSS * 1024 })
  }
}

const total = { tally: emptyTally(), memory: 0 }

async function report(index, what, bytes) {
  await mkdir(values.findings, { recursive: true })
  const path = join(values.findings, `${name}-${seed}-${index}`)
  if (bytes) await writeFile(path, bytes)
  await writeFile(`${path}.txt`, `${what}\n`)
  console.log(`execution ${index}: ${what.split('\n')[0]}`)
}

/** Runs a part of the executions, in as many processes as it takes. */
async function runPart(from, to) {
  for (let next = from; next < to;) {
    const { end, what } = await runJob(next, to)
    if (what === null) return
    total.tally.findings++
    await report(end, `${what} after execution ${end - 1}`, null)
    next = end + 1
  }
}

function runJob(from, to) {
  const args = [name, '--job', '--seed', values.seed, '--first', String(from), '--count', String(to - from)]
  args.push('--minutes', values.minutes)
  const job = fork(SELF, args)
  let end = from
  let silent
  const wait = () => {
    clearTimeout(silent)
    silent = setTimeout(() => job.kill('SIGKILL'), 1000 * Number(values.patience))
  }
  wait()
  job.on('message', ({ finding, done, tally, memory }) => {
    wait()
    if (finding) return void report(finding.index, finding.what, Buffer.from(finding.bytes, 'base64'))
    end = done
    total.tally = joinTallies(total.tally, tally)
    total.memory = Math.max(total.memory, memory)
  })
  return new Promise((resolve) =>
    job.on('close', (code, signal) => {
      clearTimeout(silent)
      resolve({ end, what: code === 0 ? null : `the process ended (${signal ?? code})` })
    }),
  )
}

function print(seconds) {
  const { executions, outcomes, slowest, longest, findings } = total.tally
  const counts = Object.entries(outcomes).sort(([, a], [, b]) => b - a)
  for (const line of columns([['outcome', 'executions'], ...counts])) console.log(line)
  const megabytes = Math.round(total.memory / 2 ** 20)
  console.log(
    `${name}, seed ${seed}, from ${first} on: ${executions} executions in ${seconds} s, ` +
      `slowest ${slowest.ms.toFixed(1)} ms (${slowest.index}), longest ${longest.bytes} bytes (${longest.index}), ` +
      `${megabytes} MiB at most; ${findings} findings`,
  )
}

async function main() {
  const begun = Date.now()
  const seconds = () => Math.round((Date.now() - begun) / 1000)
  const jobs = Number(values.jobs)
  const part = (i) => first + Math.floor((count * i) / jobs)
  const timer = setInterval(
    () => console.log(`${total.tally.executions} of ${count} in ${seconds()} s, ${total.tally.findings} findings`),
    60_000,
  )
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      print(seconds())
      process.exit(1)
    })
  await Promise.all(Array.from({ length: jobs }, (_, i) => runPart(part(i), part(i + 1))))
  clearInterval(timer)
  print(seconds())
  process.exitCode = total.tally.findings > 0 ? 1 : 0
}

if (values.job) {
  await work()
  process.disconnect()
} else if (values.replay !== undefined) {
  const target = await openTarget(name)
  console.log(await target.run(new Uint8Array(await readFile(values.replay))))
} else await main()
