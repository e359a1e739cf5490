/** Runs `node bin/ddnc.js` as a user does, from dist/. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const MICRO = `${ROOT}models/micro.ddnm`

export type Ran = Readonly<{ code: number | null; stdout: Buffer; stderr: string }>

export type RunOptions = Readonly<{
  cwd: string
  input?: Uint8Array
  env?: Record<string, string>
  script?: string
  /** In a group of processes of its own, which a signal can be sent to. */
  detached?: boolean
}>

export function ddnc(args: readonly string[], options: RunOptions): Promise<Ran> {
  const child = start(args, options)
  child.stdin.on('error', () => {}) // it may end without reading all
  child.stdin.end(options.input ?? '')
  return ended(child)
}

export function start(
  args: readonly string[],
  { cwd, env, script = `${ROOT}bin/ddnc.js`, detached = false }: RunOptions,
) {
  return spawn(process.execPath, [script, ...args], { cwd, detached, env: { ...process.env, DDNC_DEBUG: '', ...env } })
}

export function ended(child: ReturnType<typeof start>): Promise<Ran> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }))
  })
}
