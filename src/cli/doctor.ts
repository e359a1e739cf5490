/** `ddnc doctor`: what this machine offers, how fast it is, and what would make it faster. */
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { EngineSpeed } from '../lab/speed.js'
import type { BackendName } from '../lab/train/backend.js'
import type { Probed } from '../lab/train/probe.js'
import type { ModelFile } from '../node/models.js'
import type { Command } from './command.js'
import { send } from './io.js'
import { oneLine } from './report.js'
import { version } from './version.js'

type Machine = Readonly<{
  ddnc: string
  node: string
  platform: string
  processor: string
  /** SIMD instruction sets, as far as the system tells. */
  instructions: readonly string[]
  cores: number
  /** Bytes, of which free. */
  memory: number
  freeMemory: number
}>

type Codec = EngineSpeed &
  Readonly<{
    /** Why it does not work, in a sentence; null if it does. */
    fault: string | null
  }>

type Backends = readonly (Probed & Readonly<{ name: BackendName }>)[]

export const doctor: Command = {
  name: 'doctor',
  summary: 'show whether all is well: engine, models, training backends and their speed',
  arguments: [],
  options: ['threads', 'json'],
  examples: ['ddnc doctor'],

  async run(_args, chosen, { stdout, signal }) {
    const [{ engineSpeed }, { shippedFiles }, { adviceOnNative, BACKENDS }, { probeBackend }] = await Promise.all([
      import('../lab/speed.js'),
      import('../node/models.js'),
      import('../lab/train/backend.js'),
      import('../lab/train/probe.js'),
    ])
    // Line by line: all of it takes some ten seconds.
    const show = async (rows: readonly Row[]): Promise<void> => {
      if (!chosen.json) await send(stdout, rows.map((row) => `${lineOf(row)}\n`).join(''))
    }
    const machine = await thisMachine()
    await show(machineRows(machine))
    const codec: Codec = { ...(await engineSpeed()), fault: await codecFault() }
    const models = await shippedFiles()
    await show([[], ...codecRows(codec, models), []])
    const backends: Backends[number][] = []
    for (const name of BACKENDS) {
      const backend = { name, ...(await probeBackend(name, { threads: chosen.threads, signal })) }
      backends.push(backend)
      await show([backendRow(backend)])
    }
    const advice = adviceFor(codec, backends, adviceOnNative())
    await show([[], [advice]])
    if (chosen.json) {
      await send(stdout, JSON.stringify({ ...machine, codec, models, training: backends, advice }, null, 2) + '\n')
    }
    if (codec.fault !== null) throw new Error(`the codec does not work: ${codec.fault}`)
  },
}

/** A label and what stands behind it, or a line of its own, or an empty one. */
type Row = readonly [] | readonly [line: string] | readonly [label: string, value: string]

function lineOf([first = '', value]: Row): string {
  return value === undefined ? first : `${first.padEnd(12)}${value}`
}

const INSTRUCTIONS: Readonly<Record<string, string>> = {
  avx2: 'AVX2',
  avx512f: 'AVX-512',
  amx_tile: 'AMX',
  asimd: 'NEON',
}

async function thisMachine(): Promise<Machine> {
  const described = await readFile('/proc/cpuinfo', 'utf8').catch(() => '') // Linux alone has it
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(described)?.[1].trim().split(' '))
  const instructions = Object.entries(INSTRUCTIONS).flatMap(([flag, name]) => (flags.has(flag) ? [name] : []))
  return {
    ddnc: version(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: oneLine(cpus()[0]?.model ?? '') || 'unknown processor', // some ARM systems tell none
    instructions,
    cores: availableParallelism(),
    // A container may have less than the machine; without a limit it is told as 0 or as more.
    memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
    freeMemory: freemem(),
  }
}

/**
 * Encodes a small picture with the engine of this machine and decodes it with both: the pixels must be the same.
 * @returns what is wrong, or null
 */
async function codecFault(): Promise<string | null> {
  try {
    const { compress, decompress, shippedModel } = await import('../node.js')
    const model = await shippedModel('micro')
    const [width, height] = [40, 24]
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * i) % 251)
    const file = await compress({ width, height, components: 3, data }, { model, quality: 75 })
    const [fast, plain] = await Promise.all([
      decompress(file, { model, engine: 'wasm' }),
      decompress(file, { model, engine: 'reference' }),
    ])
    const isSame = fast.data.every((value, i) => value === plain.data[i])
    return isSame ? null : 'the engine and the reference decode a file to different pixels'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function machineRows(machine: Machine): Row[] {
  const { ddnc, node, platform, processor, instructions, cores, memory, freeMemory } = machine
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  return [
    ['ddnc', ddnc],
    ['Node', `${node}, ${platform}`],
    ['processor', [processor, cores === 1 ? '1 core' : `${cores} cores`, ...instructions].join(', ')],
    ['memory', `${gigabytes(memory)}, ${gigabytes(freeMemory)} free`],
  ]
}

/** Figures above each other. */
const speed = (value: number, unit: string): string => `${value.toFixed(value < 10 ? 2 : 1).padStart(7)} ${unit}`

function codecRows({ engine, gigaMacs, fault }: Codec, models: readonly ModelFile[]): Row[] {
  const name = engine === 'wasm' ? 'WebAssembly SIMD' : 'reference, without WebAssembly SIMD'
  const state = fault ?? 'decodes as the reference does'
  return [
    ['codec', `${speed(gigaMacs, 'GMAC/s')}, ${name}, 1 thread, ${state}`],
    ...models.map(({ name, size, hash }): Row => [`  ${name}`, `${`${size}`.padStart(7)} bytes, ${hash.slice(0, 16)}`]),
    ...(models.length === 0 ? ([['  no model', 'the package is incomplete']] as Row[]) : []),
  ]
}

function backendRow({ name, device, gigaFlops, fault }: Backends[number]): Row {
  const words = oneLine(fault ?? device ?? '')
  return [name, gigaFlops === null ? `${'-'.padStart(7)} ${words}` : `${speed(gigaFlops, 'GFLOP/s')}, ${words}`]
}

/** One sentence: the first thing to do, or that there is nothing. */
function adviceFor({ engine }: Codec, backends: Backends, onNative: string): string {
  if (engine === 'reference') return 'The codec is slow: this Node has no WebAssembly SIMD; use one that has.'
  const figure = (name: BackendName): number => backends.find((backend) => backend.name === name)?.gigaFlops ?? 0
  if (figure('tensorflow') === 0) return onNative
  const [best] = [...backends].sort((a, b) => figure(b.name) - figure(a.name))
  return best.name === 'tensorflow'
    ? 'All is well: training runs on native TensorFlow, the fastest here.'
    : `Training is faster with --backend ${best.name} than on native TensorFlow, which it takes by itself.`
}
