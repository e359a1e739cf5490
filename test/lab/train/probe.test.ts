import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probeBackend } from '../../../src/lab/train/probe.js'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'ddnc-probe-'))))
afterAll(() => rm(folder, { recursive: true }))

/** A process in place of the one that measures. */
async function scriptOf(code: string): Promise<string> {
  const path = join(folder, `${Math.random()}.cjs`)
  await writeFile(path, code)
  return path
}

test('what the process reports is given, and it learns what to try', async () => {
  const script = await scriptOf(
    'process.send({ device: process.argv.slice(2).join(), gigaFlops: 5, fault: null }, () => process.exit())',
  )
  expect(await probeBackend('wasm', { script })).toEqual({ device: 'wasm', gigaFlops: 5, fault: null })
  expect((await probeBackend('tensorflow', { script, threads: 3 })).device).toBe('tensorflow,3')
})

test.each([
  ['process.abort()', 'ended by SIGABRT'],
  ['process.exit(7)', 'ended with code 7'],
  ['process.stderr.write("first\\nno libtensorflow\\n", () => process.exit(1))', 'ended with code 1: no libtensorflow'],
])('%s is told as its fault', async (code, fault) => {
  const script = await scriptOf(code)
  expect(await probeBackend('tensorflow', { script })).toMatchObject({
    gigaFlops: null,
    fault: expect.stringContaining(fault),
  })
})

test('a process that hangs is ended', async () => {
  const script = await scriptOf('for (;;);')
  expect((await probeBackend('webgpu', { script, patience: 0.5 })).fault).toBe('says nothing for 0.5 s')
})

test('a signal ends it', async () => {
  const script = await scriptOf('for (;;);')
  const interrupt = new AbortController()
  const probing = probeBackend('webgpu', { script, signal: interrupt.signal })
  interrupt.abort(new Error('enough'))
  await expect(probing).rejects.toThrow('enough')
})
