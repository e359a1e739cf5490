/** Both engines run every kernel on the same numbers; their arrays must be equal byte for byte. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import type { CellTables, Convolution, Engine, Heads, Kind, Numbers, OutputMode, Size } from '../../src/engine/engine.js'
import { loadEngine, type EngineParts } from '../../src/engine/loadEngine.js'
import { reference } from '../../src/engine/reference.js'

/** Integers in low…high from a seed (mulberry32); one in eight is an end of the range. */
function integers(seed: number, length: number, low: number, high: number): number[] {
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

type Input = Readonly<Record<string, readonly [Kind, readonly number[]]>>

/** Room behind every array that no kernel may touch. */
const FENCE = 24
const SENTINEL = 12345

/** Runs a kernel in an engine on arrays with fences; returns all arrays afterwards, fences included. */
function run(engine: Engine, input: Input, kernel: (engine: Engine, arrays: Record<string, Numbers>) => void): Record<string, number[]> {
  const sizes: Record<string, readonly [Kind, number]> = {}
  for (const name in input) sizes[name] = [input[name][0], input[name][1].length + FENCE]
  const whole = engine.workspace(sizes)
  const arrays: Record<string, Numbers> = {}
  for (const name in input) {
    const { length } = input[name][1]
    expect(whole[name].every((x) => x === 0)).toBe(true)
    whole[name].set(input[name][1])
    whole[name].fill(SENTINEL, length)
    arrays[name] = whole[name].subarray(0, length)
  }
  kernel(engine, arrays)
  return Object.fromEntries(Object.keys(input).map((name) => [name, [...whole[name]]]))
}

async function bothEqual(parts: Partial<EngineParts>, input: Input, kernel: (engine: Engine, arrays: Record<string, Numbers>) => void): Promise<void> {
  const wasm = await loadEngine('wasm', { convolutions: [], cellTables: [], ...parts })
  expect(wasm.name).toBe('wasm')
  expect(run(wasm, input, kernel)).toEqual(run(reference, input, kernel))
}

const seeds = fc.integer()
const sizes = fc.record({ width: fc.integer({ min: 1, max: 19 }), height: fc.integer({ min: 1, max: 13 }) })
const modes = fc.constantFrom<OutputMode>('activation', 'signed', 'wide', 'accumulate')
const zeros = (length: number): number[] => new Array<number>(length).fill(0)

// Numbers from small formulas, so that a reader can check them.

const pair: Convolution = {
  name: 'pair',
  side: 1,
  inputs: 2,
  outputs: 2,
  weights: Int8Array.of(1, 2, -3, 4),
  bias: Int32Array.of(10, -20),
  shift: Uint8Array.of(0, 1),
}

test.each(['reference', 'wasm'] as const)('%s: two inputs, two outputs, three positions', async (name) => {
  const engine = await loadEngine(name, { convolutions: [pair], cellTables: [] })
  const { x, out } = engine.workspace({ x: ['int16', 6], out: ['int32', 6] })
  x.set([1, 1, 100, -100, -7, 5])
  engine.conv1x1(pair, x, 3, 'wide', out)
  // 1·1 + 2·1 + 10; (−3·1 + 4·1 − 20 + 1) >> 1 = −18 >> 1
  expect([...out]).toEqual([13, -9, -90, -360, 13, 11])
})

test.each(['reference', 'wasm'] as const)('%s: frequencies of two equal candidates, and of one far above the other', async (name) => {
  const layer = cellTables({ r: 1, K: 2, n: 1, rank: 1, priorShift: 0, priorTable: [0, 1], priorBias: [0, 0] })
  const engine = await loadEngine(name, { convolutions: [], cellTables: [layer] })
  const { z, out } = engine.workspace({ z: ['int16', 2], out: ['uint16', 4] })
  z.set([0, 8000])
  engine.frequencies(layer, z, 2, out)
  // 1 + floor(32766 / 2) each; 8000/256 nat below: 1 of 2^15
  expect([...out]).toEqual([16384, 16384, 1, 32767])
})

// Convolutions

type Shape = Readonly<{ side: 1 | 3; inputs: number; outputs: number; seed: number; wide: boolean; shifts: 'equal' | 'any' }>

/** Sums stay below 2^30 for activations up to ±32768. */
function convolutionOf({ side, inputs, outputs, seed, wide, shifts }: Shape): Convolution {
  const length = side * side * inputs
  const most = Math.min(wide ? 32767 : 127, Math.floor(2 ** 30 / 32768 / length) - 1)
  const shift = shifts === 'equal' ? zeros(outputs).map(() => 7) : integers(seed + 2, outputs, 0, 30)
  return {
    name: 'random',
    side,
    inputs,
    outputs,
    weights: (wide ? Int16Array : Int8Array).from(integers(seed, outputs * length, -most, most)),
    bias: Int32Array.from(integers(seed + 1, outputs, -(2 ** 20), 2 ** 20)),
    shift: Uint8Array.from(shift),
  }
}

const channelCounts = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(3, 8, 12, 16, 64))
const shapes = fc.record({
  side: fc.constantFrom<1 | 3>(1, 3),
  inputs: channelCounts,
  outputs: channelCounts,
  seed: seeds,
  wide: fc.boolean(),
  shifts: fc.constantFrom<'equal' | 'any'>('equal', 'any'),
})

test('convolutions agree for any channels, sizes, modes and shifts', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, sizes, modes, async (shape, size, mode) => {
      const convolution = convolutionOf(shape)
      const { side, inputs, outputs, seed } = shape
      const positions = size.width * size.height
      const margin = side - 1
      const input: Input = {
        x: ['int16', integers(seed + 3, (size.width + margin) * (size.height + margin) * inputs, -32768, 32767)],
        out: [mode === 'wide' ? 'int32' : 'int16', integers(seed + 4, positions * outputs, -32512, 32512)],
      }
      await bothEqual({ convolutions: [convolution] }, input, (engine, { x, out }) => {
        if (side === 3) engine.conv3x3(convolution, x, size, mode, out)
        else engine.conv1x1(convolution, x, positions, mode, out)
      })
    }),
    { numRuns: 150 },
  )
})

test('a sum beyond 16 bits saturates the trunk from either side', async () => {
  const steep: Convolution = { ...pair, inputs: 1, weights: Int16Array.of(32767, -32767), bias: Int32Array.of(0, 0), shift: Uint8Array.of(0, 0) }
  const input: Input = { x: ['int16', [32767, -32767, 1, 2, -1]], out: ['int16', [32512, -32512, -32512, 32512, 5, -5, -32512, 32512, 0, 0]] }
  await bothEqual({ convolutions: [steep] }, input, (engine, { x, out }) => engine.conv1x1(steep, x, 5, 'accumulate', out))
})

// Between convolutions

test('rectify and narrow agree, with their borders', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, sizes, fc.integer({ min: 1, max: 21 }), fc.integer({ min: 0, max: 8 }), fc.boolean(), fc.boolean(), async (seed, size, channels, shift, border, biased) => {
      const positions = size.width * size.height
      const framed = (size.width + 2) * (size.height + 2) * channels
      const bias = biased ? Int32Array.from(integers(seed + 1, channels, -32768, 32768)) : null
      const input: Input = {
        h: ['int16', integers(seed, positions * channels, -32768, 32767)],
        rectified: ['int16', integers(seed + 2, border ? framed : positions * channels, -9, 9)],
        narrowed: ['int16', integers(seed + 3, framed, -9, 9)],
      }
      await bothEqual({}, input, (engine, { h, rectified, narrowed }) => {
        engine.rectify(h, bias, shift, channels, size, border, rectified)
        engine.narrow(h, shift, channels, size, narrowed)
      })
    }),
    { numRuns: 100 },
  )
})

// Cells

type LayerShape = Readonly<{ r: number; K: number; n: number; rank: number; priorShift: number; priorTable: readonly number[]; priorBias: readonly number[] }> &
  Partial<Pick<CellTables, 'cells' | 'escape' | 'u' | 'scaleBase' | 'first'>>

function cellTables({ r, K, n, first = 0, ...rest }: LayerShape): CellTables {
  const leaves = K ** n
  const rows = (K * (leaves - 1)) / (K - 1)
  return {
    first,
    end: first + r,
    K,
    n,
    leaves,
    rows,
    cells: 'all',
    escape: false,
    u: Int16Array.from({ length: r * rows }, (_, i) => 256 * ((i % rows) - (rows >> 1))),
    scaleBase: new Int32Array(r),
    ...rest,
    priorTable: Int16Array.from(rest.priorTable),
    priorBias: Int32Array.from(rest.priorBias),
  }
}

const branches = fc.oneof(
  fc.record({ K: fc.integer({ min: 2, max: 33 }), n: fc.constant(1) }),
  fc.record({ K: fc.integer({ min: 2, max: 6 }), n: fc.integer({ min: 2, max: 3 }) }),
  fc.record({ K: fc.constant(2), n: fc.integer({ min: 4, max: 6 }) }),
)
const layers = fc
  .record({
    branch: branches,
    r: fc.integer({ min: 1, max: 7 }),
    first: fc.integer({ min: 0, max: 5 }),
    rank: fc.integer({ min: 1, max: 16 }),
    priorShift: fc.integer({ min: 0, max: 14 }),
    cells: fc.constantFrom<CellTables['cells']>('all', 'even', 'odd'),
    escape: fc.boolean(),
    sharpness: fc.integer({ min: 0, max: 9 }),
    seed: seeds,
  })
  .map(({ branch: { K, n }, r, rank, seed, sharpness, ...rest }) => {
    const rows = (K * (K ** n - 1)) / (K - 1)
    const most = 2 ** (sharpness + 4) // the table's numbers; 16 · 8191 · 2^13 < 2^30
    const layer = cellTables({
      r, K, n, rank, ...rest,
      priorTable: integers(seed, r * rows * rank, -most, most),
      priorBias: integers(seed + 1, r * rows, -(2 ** 20), 2 ** 20),
      u: Int16Array.from(integers(seed + 2, r * rows, -12288, 12288)),
      scaleBase: Int32Array.from(integers(seed + 3, r, -192, 768)),
    })
    return { layer, seed: seed + 4 }
  })

test('heads split alike', async () => {
  await fc.assert(
    fc.asyncProperty(layers, fc.integer({ min: 1, max: 30 }), fc.constantFrom(19200, 204800), async ({ layer, seed }, positions, limit) => {
      const r = layer.end - layer.first
      const scaleBias = Int32Array.from(integers(seed, r, -1000, 1000))
      const high = seed % 2 ? 2 ** 31 - 1 : 500
      const input: Input = {
        heads: ['int32', integers(seed + 1, positions * 2 * r, -high - 1, high)],
        mean: ['int32', zeros(positions * r)],
        sigma: ['int32', zeros(positions * r)],
      }
      await bothEqual({ cellTables: [layer] }, input, (engine, { heads, mean, sigma }) =>
        engine.splitHeads(layer, heads, scaleBias, limit, positions, mean, sigma))
    }),
    { numRuns: 100 },
  )
})

test('frequencies agree and add up to 2^15 at every node', async () => {
  await fc.assert(
    fc.asyncProperty(layers, fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 13 }), async ({ layer, seed }, positions, bits) => {
      const r = layer.end - layer.first
      const most = 2 ** bits - 1 // ±8191 at most
      const input: Input = {
        z: ['int16', integers(seed, positions * r * layer.rank, -most, most)],
        out: ['uint16', zeros(positions * r * layer.rows)],
      }
      await bothEqual({ cellTables: [layer] }, input, (engine, { z, out }) => {
        engine.frequencies(layer, z, positions, out)
        for (let row = 0; row < out.length; row += layer.K) {
          expect(out.subarray(row, row + layer.K).reduce((sum: number, f: number) => sum + f, 0)).toBe(32768)
        }
      })
    }),
    { numRuns: 100 },
  )
})

/** Heads, targets and frequencies of all cells, choices that a stream may hold. */
function cellInput(layer: CellTables, size: Size, seed: number, limit: number): Record<string, readonly [Kind, readonly number[]]> {
  const cells = size.width * size.height * (layer.end - layer.first)
  const spread = 2 ** (seed & 15) * 4
  const leaves = integers(seed + 4, cells, 0, layer.leaves - 1)
  const ends = (leaf: number): boolean => layer.escape && (leaf === 0 || leaf === layer.leaves - 1)
  const counts = integers(seed + 5, cells, 0, 65535)
  return {
    mean: ['int32', integers(seed, cells, -Math.min(limit, spread), Math.min(limit, spread))],
    sigma: ['int32', integers(seed + 1, cells, 0, 1079)],
    frequencies: ['uint16', integers(seed + 2, cells * layer.rows, 1, 32767)],
    target: ['int32', integers(seed + 3, cells, -2 * limit, 2 * limit)],
    leaves: ['uint16', leaves],
    counts: ['uint16', counts.map((count, cell) => (ends(leaves[cell]) ? count : 0))],
  }
}

const headsOf = ({ mean, sigma, frequencies }: Record<string, Numbers>): Heads => ({ mean, sigma, frequencies })
const limits = fc.constantFrom(19200, 204800)

test('the cheapest leaves and counts are the same, whether the target lies inside or outside the memory', async () => {
  await fc.assert(
    fc.asyncProperty(layers, sizes, limits, fc.double({ min: 0, max: 1e6, noNaN: true }), fc.boolean(), async ({ layer, seed }, size, limit, lambda, inside) => {
      const weights = Float64Array.from(integers(seed + 6, layer.end - layer.first, 0, 3))
      const input = cellInput(layer, size, seed, limit)
      const outside = Int32Array.from(input.target[1])
      await bothEqual({ cellTables: [layer] }, { ...input, leaves: ['uint16', zeros(outside.length)], counts: ['uint16', zeros(outside.length)] }, (engine, arrays) => {
        const chosen = { leaves: arrays.leaves, counts: arrays.counts, last: false }
        engine.cheapest(layer, headsOf(arrays), inside ? arrays.target : outside, weights, lambda, limit, size, chosen)
      })
    }),
    { numRuns: 200 },
  )
})

test('ties go to the lowest leaf', async () => {
  const layer = cellTables({ r: 1, K: 7, n: 1, rank: 1, priorShift: 0, priorTable: zeros(7), priorBias: zeros(7), u: new Int16Array(7) })
  const engine = await loadEngine('wasm', { convolutions: [], cellTables: [layer] })
  const { frequencies, mean, sigma, leaves, counts } = engine.workspace({
    frequencies: ['uint16', 7], mean: ['int32', 1], sigma: ['int32', 1], leaves: ['uint16', 1], counts: ['uint16', 1],
  })
  frequencies.set([1, 1, 500, 400, 500, 500, 500])
  engine.cheapest(layer, { mean, sigma, frequencies }, Int32Array.of(3), Float64Array.of(1), 1, 19200, { width: 1, height: 1 }, { leaves, counts, last: false })
  expect(leaves[0]).toBe(2)
})

test('choices are applied alike', async () => {
  await fc.assert(
    fc.asyncProperty(layers, sizes, limits, fc.integer({ min: 0, max: 4 }), async ({ layer, seed }, size, limit, more) => {
      const positions = size.width * size.height
      const stride = layer.end + more
      const input: Input = {
        ...cellInput(layer, size, seed, limit),
        sum: ['int32', integers(seed + 7, positions * stride, -limit, limit)],
        features: ['int16', integers(seed + 8, positions * 3 * (layer.end - layer.first), -9, 9)],
      }
      await bothEqual({ cellTables: [layer] }, input, (engine, arrays) => {
        const chosen = { leaves: arrays.leaves, counts: arrays.counts, last: false }
        engine.apply(layer, headsOf(arrays), chosen, limit, size, stride, arrays.sum, arrays.features)
      })
    }),
    { numRuns: 150 },
  )
})

// Memory

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
  expect(faultOf(() => engine.conv1x1({ ...pair }, x, 3, 'wide', out))).toBe('BadOption')
  expect(faultOf(() => engine.workspace({ all: ['int32', 2 ** 30] }))).toBe('LimitExceeded')
})

test('numbers that do not fit the kernels are refused', async () => {
  const load = (change: Partial<Convolution>): Promise<Engine> => loadEngine('wasm', { convolutions: [{ ...pair, ...change }], cellTables: [] })
  await expect(load({ weights: Int32Array.of(1, 40000, 0, 0) })).rejects.toMatchObject({ fault: { tag: 'Corrupt' } })
  await expect(load({ shift: Uint8Array.of(0, 31) })).rejects.toMatchObject({ fault: { tag: 'Corrupt' } })
})
