import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { ddnc, MICRO, type Ran } from './run.js'

// Without the native backend: what this machine has of it must not change what is tested.
const run = (...args: string[]) => ddnc(['doctor', ...args], { cwd: tmpdir(), env: { DDNC_TENSORFLOW: '' } })
const micro = await readFile(MICRO)
const hash = createHash('sha256').update(micro).digest('hex')

describe('as text', () => {
  let ran: Ran
  let lines: string[]
  beforeAll(async () => {
    ran = await run()
    lines = ran.stdout.toString().split('\n')
  })
  const line = (label: string): string => lines.find((text) => text.startsWith(label)) ?? ''

  test('ends well, with nothing on standard error', () => {
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    expect(ran.stdout.toString()).not.toMatch(/undefined|NaN|null|\[object/)
  })

  test('tells versions and the machine', () => {
    expect(line('ddnc')).toMatch(/^ddnc {2,}\d+\.\d+\.\d+$/)
    expect(line('Node')).toBe(`Node        ${process.version}, ${process.platform} ${process.arch}`)
    expect(line('processor')).toMatch(/\S, \d+ cores?/)
    expect(line('memory')).toMatch(/^memory +\d+\.\d GB, \d+\.\d GB free$/)
  })

  test('tells the engine and the models', () => {
    expect(line('codec')).toMatch(/ \d+\.\d+ GMAC\/s, WebAssembly SIMD, 1 thread, decodes as the reference does$/)
    expect(line('  micro ')).toMatch(new RegExp(` ${micro.length} bytes, ${hash.slice(0, 16)}$`))
    expect(line('  photo ')).toMatch(/ \d{7} bytes, [0-9a-f]{16}$/)
  })

  test('tells every backend: its speed, or why there is none', () => {
    expect(line('tensorflow')).toMatch(/ - \S/)
    expect(line('webgpu')).toMatch(/ - \S| GFLOP\/s, \S/)
    expect(line('wasm')).toMatch(/ \d+\.\d+ GFLOP\/s, CPU, 1 thread, SIMD$/)
    expect(line('cpu')).toMatch(/ \d+\.\d+ GFLOP\/s, CPU, 1 thread, plain JavaScript$/)
  })

  test('ends with what to do', () => {
    expect(lines.at(-2)).toMatch(/^Training is much faster on native TensorFlow: run `npm .*\.$/)
  })
})

test('as JSON, the same in full', async () => {
  const { code, stdout } = await run('--json', '--threads', '1')
  const report = JSON.parse(stdout.toString()) as Record<string, unknown>
  const speed = expect.any(Number)
  expect(code).toBe(0)
  expect(report).toMatchObject({
    node: process.version,
    cores: expect.any(Number),
    codec: { engine: 'wasm', gigaMacs: speed, fault: null },
    models: expect.arrayContaining([{ name: 'micro', size: micro.length, hash }]),
    training: [
      { name: 'tensorflow', gigaFlops: null, fault: 'not beside ddnc' },
      { name: 'webgpu' },
      { name: 'wasm', gigaFlops: speed, fault: null },
      { name: 'cpu', gigaFlops: speed, fault: null },
    ],
  })
})
