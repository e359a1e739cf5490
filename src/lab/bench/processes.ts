/** Seconds and memory of encoding and decoding as whole processes, as a user waits for them. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DdncError } from '../../index.js'
import { writePicture } from '../../node.js'
import type { Codec, Command } from './codecs/codec.js'
import type { NamedPicture } from './pictures.js'

export type ProcessRow = Readonly<{
  picture: string
  codec: string
  setting: number
  what: 'encode' | 'decode'
  /** Wall clock of the fastest run. */
  seconds: number
  /** Most memory that was resident, in bytes; null where the system does not say (it is read from /proc). */
  memory: number | null
}>

/** How often /proc is looked at, in ms: the system keeps the most that there was, so the last look counts. */
const LOOK = 5

/**
 * Encodes and decodes one picture in processes of their own.
 * @param runs of each; the fastest counts, and the most memory
 * @throws {DdncError} Corrupt if a process fails
 */
export async function processRowsOf(
  { name, picture }: NamedPicture,
  codec: Codec,
  setting: number,
  runs: number,
): Promise<ProcessRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-bench-'))
  try {
    const [input, file, output] = ['in.png', 'file', 'out.png'].map((each) => join(folder, each))
    await writeFile(input, await writePicture(picture, 'png'))
    const commands = [
      ['encode', codec.encodeCommand(input, file, setting)],
      ['decode', codec.decodeCommand(file, output)],
    ] as const
    const rows: ProcessRow[] = []
    for (const [what, command] of commands) {
      let [seconds, memory]: [number, number | null] = [Infinity, null]
      for (let run = 0; run < runs; run++) {
        const usage = await usageOf(command)
        seconds = Math.min(seconds, usage.seconds)
        if (usage.memory !== null) memory = Math.max(memory ?? 0, usage.memory)
      }
      rows.push({ picture: name, codec: codec.id, setting, what, seconds, memory })
    }
    return rows
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * Runs a process to its end.
 * @throws {DdncError} Corrupt if it ends with anything but 0
 */
export async function usageOf([program, ...args]: Command): Promise<Pick<ProcessRow, 'seconds' | 'memory'>> {
  const begun = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let [memory, complaint]: [number | null, string] = [null, '']
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-500)))
  const look = async (): Promise<void> => {
    // Between fork and exec the process still is a copy of this one: only the last look counts, not the largest.
    memory = (await peakMemoryOf(child.pid)) ?? memory
  }
  const timer = setInterval(() => void look(), LOOK)
  const code = await new Promise<number | string | null>((resolve) =>
    child.on('error', (error) => resolve(error.message)).on('close', resolve),
  )
  clearInterval(timer)
  const seconds = (performance.now() - begun) / 1000
  if (code === 0) return { seconds, memory }
  const found = `${code}: ${complaint.trim().split('\n').pop() ?? ''}`
  throw new DdncError({ tag: 'Corrupt', where: `the end of ${program}`, found, allowed: '0' })
}

/** Most memory of a process that was resident so far, in bytes; null: it has ended, or the system does not say. */
export async function peakMemoryOf(pid: number | string | undefined): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return peak === undefined ? null : 1024 * Number(peak)
}
