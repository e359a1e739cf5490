/** What an engine holds, and what it refuses. */
import { expect, test, vi } from 'vitest'
import type { Convolution, Engine } from '../../src/engine/engine.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { reference } from '../../src/engine/reference.js'
import { DdncError } from '../../src/errors.js'
import { pair } from './both.js'

test('a workspace may grow and shrink; it always starts at zero', async () => {
  const engine = await loadEngine('wasm', { convolutions: [pair], cellTables: [] })
  for (const length of [5, 3_000_000, 17, 4_000_000]) {
    const { a, b } = engine.workspace({ a: ['int16', length], b: ['int32', length] })
    expect(a.every((x) => x === 0) && b.every((x) => x === 0)).toBe(true)
    a.fill(-1)
    b.fill(-1)
  }
  const { x, out } = engine.workspace({ x: ['int16', 2], out: ['int32', 2] })
  x.set([1, 1])
  engine.conv1x1(pair, x, 1, 'wide', out)
  expect([...out]).toEqual([13, -9])
})

const faultOf = (act: () => void): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof DdncError) return error.fault.tag
    throw error
  }
  return 'none'
}

test('arrays from elsewhere, short arrays, unknown parts and impossible sizes are named errors', async () => {
  const engine = await loadEngine('wasm', { convolutions: [pair], cellTables: [] })
  const { x, out } = engine.workspace({ x: ['int16', 6], out: ['int32', 6] })
  expect(faultOf(() => engine.conv1x1(pair, new Int16Array(6), 3, 'wide', out))).toBe('BadOption')
  expect(faultOf(() => engine.conv1x1(pair, x, 4, 'wide', out))).toBe('BadOption')
  // Sums of 4 bytes would be written behind an array of 2, and numbers of 2 bytes read as other numbers.
  expect(faultOf(() => engine.conv1x1(pair, x, 3, 'wide', x))).toBe('BadOption')
  expect(faultOf(() => engine.conv1x1(pair, out, 3, 'wide', out))).toBe('BadOption')
  expect(faultOf(() => engine.conv1x1({ ...pair }, x, 3, 'wide', out))).toBe('BadOption')
  expect(faultOf(() => engine.workspace({ all: ['int32', 2 ** 30] }))).toBe('LimitExceeded')
})

test('numbers that do not fit the kernels are refused', async () => {
  const load = (change: Partial<Convolution>): Promise<Engine> =>
    loadEngine('wasm', { convolutions: [{ ...pair, ...change }], cellTables: [] })
  await expect(load({ weights: Int32Array.of(1, 40000, 0, 0) })).rejects.toMatchObject({ fault: { tag: 'Corrupt' } })
  await expect(load({ shift: Uint8Array.of(0, 31) })).rejects.toMatchObject({ fault: { tag: 'Corrupt' } })
})

test('without WebAssembly the reference takes over', async () => {
  vi.stubGlobal('WebAssembly', undefined)
  try {
    expect(await loadEngine('wasm', { convolutions: [pair], cellTables: [] })).toBe(reference)
  } finally {
    vi.unstubAllGlobals()
  }
})
