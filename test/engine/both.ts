/** Both engines run a kernel on the same numbers; their arrays must be equal byte for byte. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Convolution, Engine, Kind, Numbers } from '../../src/engine/engine.js'
import { loadEngine, type EngineParts } from '../../src/engine/loadEngine.js'
import { reference } from '../../src/engine/reference.js'

/** Integers in low…high from a seed (mulberry32); one in eight is an end of the range. */
export function integers(seed: number, length: number, low: number, high: number): number[] {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return Array.from({ length }, () => {
    const kind = next()
    if (kind < 1 / 16) return low
    if (kind < 1 / 8) return high
    return low + Math.floor(next() * (high - low + 1))
  })
}

/** Arrays of the workspace and what they hold at first. */
export type Input = Readonly<Record<string, readonly [Kind, readonly number[]]>>

type Kernel = (engine: Engine, arrays: Record<string, Numbers>) => void

/** Room behind every array that no kernel may touch. */
const FENCE = 24
const SENTINEL = 12345

/** Runs a kernel in an engine on arrays with fences; returns all arrays afterwards, fences included. */
function run(engine: Engine, input: Input, kernel: Kernel): Record<string, Numbers> {
  const sizes: Record<string, readonly [Kind, number]> = {}
  for (const name in input) sizes[name] = [input[name][0], input[name][1].length + FENCE]
  const whole = engine.workspace(sizes)
  const arrays: Record<string, Numbers> = {}
  for (const name in input) {
    const { length } = input[name][1]
    whole[name].set(input[name][1])
    whole[name].fill(SENTINEL, length)
    arrays[name] = whole[name].subarray(0, length)
  }
  kernel(engine, arrays)
  return Object.fromEntries(Object.keys(input).map((name) => [name, whole[name].slice()]))
}

/** Runs a kernel in both engines on the same arrays of the workspace and compares all of them, with their fences. */
export async function bothEqual(parts: Partial<EngineParts>, input: Input, kernel: Kernel): Promise<void> {
  const wasm = await loadEngine('wasm', { convolutions: [], cellTables: [], ...parts })
  expect(wasm.name).toBe('wasm')
  const fast = run(wasm, input, kernel)
  const plain = run(reference, input, kernel)
  for (const name in input) {
    // toEqual looks at every number, slowly: only for its message.
    if (plain[name].some((x: number, i: number) => x !== fast[name][i])) expect(fast[name]).toEqual(plain[name])
  }
}

export const seeds = fc.integer()
/** Width and height of a small grid. */
export const sizes = fc.record({ width: fc.integer({ min: 1, max: 19 }), height: fc.integer({ min: 1, max: 13 }) })
export const zeros = (length: number): number[] => new Array<number>(length).fill(0)

/** Small enough to be followed by hand. */
export const pair: Convolution = {
  name: 'pair',
  side: 1,
  inputs: 2,
  outputs: 2,
  weights: Int8Array.of(1, 2, -3, 4),
  bias: Int32Array.of(10, -20),
  shift: Uint8Array.of(0, 1),
}
