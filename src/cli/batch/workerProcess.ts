/** The process that `worker.ts` starts: makes one file after the other, as it is told. */
import type { Terminal } from '../command.js'
import { decodeWork } from '../decode.js'
import { encodeWork } from '../encode.js'
import { limitsOf } from '../limits.js'
import { doTask, failureOf, type Context } from './doTask.js'
import type { FromWorker, Setup, ToWorker } from './messages.js'

/** Between reports of progress, ms. */
const INTERVAL = 100
/** Between looks at the memory that is taken, ms. */
const LOOK = 50
/** For what is running to end in good order when nobody waits for it any more, ms. */
const GRACE = 5000

const interrupt = new AbortController()
const { stdin, stdout, stderr } = process
const terminal: Terminal = { stdin, stdout, stderr, signal: interrupt.signal }
let context: Context | null = null

// A terminal sends Ctrl-C to every process: the one that was started says what is to happen.
process.on('SIGINT', () => {})
// It ended, or has no more to do. What is running is dropped; then nothing keeps this process.
process.on('disconnect', () => {
  interrupt.abort()
  setTimeout(() => process.exit(), GRACE).unref()
})
process.on('message', (message: ToWorker) => {
  if (message === 'stop') interrupt.abort()
  else if ('setup' in message) void prepare(message.setup)
  else if (context === null) return
  else if ('task' in message) void doTask(message.task, context, reporter()).then((outcome) => say({ outcome }))
  else void make(message.input, context).then(say)
})

async function prepare(setup: Setup): Promise<void> {
  watchMemory(limitsOf(setup.chosen).memory * 2 ** 20)
  const work = setup.command === 'encode' ? encodeWork : decodeWork
  try {
    context = { ...setup, work, model: await work.prepare(setup.chosen, terminal), terminal }
    say({ refused: null })
  } catch (error) {
    say({ refused: failureOf(error) })
  }
}

async function make(input: Uint8Array, { work, chosen }: Context): Promise<FromWorker> {
  try {
    return { made: await work.make(input, chosen, terminal, reporter()) }
  } catch (error) {
    return { outcome: { status: 'failed', failure: failureOf(error) } }
  }
}

/** Decoders of pictures work in threads, and the walk pauses: this is asked in time. */
function watchMemory(limit: number): void {
  setInterval(() => {
    if (process.memoryUsage.rss() > limit) say({ exceeded: 'memory' })
  }, LOOK).unref()
}

function say(said: FromWorker): void {
  // Nobody listens any more: this process is about to end.
  if (process.connected) process.send!(said, undefined, undefined, () => {})
}

function reporter(): (fraction: number) => void {
  let last = performance.now()
  return (progress) => {
    if (performance.now() - last < INTERVAL) return
    last = performance.now()
    say({ progress })
  }
}
