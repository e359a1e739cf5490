/** conv1x1 and conv3x3 of both engines. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Convolution, OutputMode } from '../../src/engine/engine.js'
import { ACTIVATION_MAX } from '../../src/engine/limits.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { bothEqual, integers, pair, seeds, sizes, zeros, type Input } from './both.js'

const modes = fc.constantFrom<OutputMode>('activation', 'signed', 'wide', 'accumulate')

test.each(['reference', 'wasm'] as const)('%s: two inputs, two outputs, three positions', async (name) => {
  const engine = await loadEngine(name, { convolutions: [pair], cellTables: [] })
  const { x, out } = engine.workspace({ x: ['int16', 6], out: ['int32', 6] })
  x.set([1, 1, 100, -100, -7, 5])
  engine.conv1x1(pair, x, 3, 'wide', out)
  // 1·1 + 2·1 + 10; (−3·1 + 4·1 − 20 + 1) >> 1 = −18 >> 1
  expect([...out]).toEqual([13, -9, -90, -360, 13, 11])
})

type Shape = Pick<Convolution, 'side' | 'inputs' | 'outputs'> &
  Readonly<{ seed: number; wide: boolean; shifts: 'equal' | 'any' }>

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

/** What enters a 3×3 convolution is clipped (SPEC 5.1), on which its sums rely. */
const rangeOf = (side: 1 | 3): [low: number, high: number] =>
  side === 3 ? [-ACTIVATION_MAX, ACTIVATION_MAX] : [-32768, 32767]

test('convolutions agree for any channels, sizes, modes and shifts', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, sizes, modes, async (shape, size, mode) => {
      const convolution = convolutionOf(shape)
      const { side, inputs, outputs, seed } = shape
      const positions = size.width * size.height
      const margin = side - 1
      const input: Input = {
        x: ['int16', integers(seed + 3, (size.width + margin) * (size.height + margin) * inputs, ...rangeOf(side))],
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

/** Grids on which a Winograd kernel pays, and lines of one position: its tiles are 2 × 2, four at a time. */
const largerSizes = fc.oneof(
  fc.record({ width: fc.integer({ min: 1, max: 41 }), height: fc.integer({ min: 1, max: 23 }) }),
  fc.record({ width: fc.integer({ min: 40, max: 90 }), height: fc.constantFrom(1, 2, 3) }),
  fc.record({ width: fc.constantFrom(1, 2, 3), height: fc.integer({ min: 40, max: 90 }) }),
)

test('3×3 convolutions are exact where inputs, weights and sums are as large as may be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(4, 8, 12, 16, 20, 128),
      fc.integer({ min: 1, max: 20 }),
      largerSizes,
      modes,
      seeds,
      async (inputs, outputs, size, mode, seed) => {
        // 8191 · Σ|w| + |bias| + half: just below 2^29. Signs alike, and unlike, and drawn.
        const most = Math.min(127, Math.floor((2 ** 29 - 2 ** 21) / ACTIVATION_MAX / (9 * inputs)))
        const sign = (i: number): number =>
          seed % 3 === 0 ? 1 : seed % 3 === 1 ? (-1) ** i : (seed >> (i % 31)) & 1 || -1
        const convolution: Convolution = {
          name: 'steep',
          side: 3,
          inputs,
          outputs,
          weights: Int8Array.from({ length: 9 * inputs * outputs }, (_, i) => most * sign(i)),
          bias: Int32Array.from(integers(seed, outputs, -(2 ** 20), 2 ** 20)),
          shift: Uint8Array.from(integers(seed + 1, outputs, 0, 20)),
        }
        const length = (size.width + 2) * (size.height + 2) * inputs
        const input: Input = {
          x: ['int16', integers(seed + 2, length, -1, 1).map((x) => x * ACTIVATION_MAX)],
          out: [
            mode === 'wide' ? 'int32' : 'int16',
            integers(seed + 3, size.width * size.height * outputs, -32512, 32512),
          ],
        }
        await bothEqual({ convolutions: [convolution] }, input, (engine, { x, out }) =>
          engine.conv3x3(convolution, x, size, mode, out),
        )
      },
    ),
    { numRuns: 100 },
  )
})

test('a sum beyond 16 bits saturates the trunk from either side', async () => {
  const weights = Int16Array.of(32767, -32767)
  const steep: Convolution = { ...pair, inputs: 1, weights, bias: new Int32Array(2), shift: new Uint8Array(2) }
  const input: Input = {
    x: ['int16', [32767, -32767, 1, 2, -1]],
    out: ['int16', [32512, -32512, -32512, 32512, 5, -5, -32512, 32512, 0, 0]],
  }
  await bothEqual({ convolutions: [steep] }, input, (engine, { x, out }) => {
    engine.conv1x1(steep, x, 5, 'accumulate', out)
  })
})

test('some outputs alone are those of the whole convolution', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 30 }), fc.nat(), fc.nat(), async (shape, positions, a, b) => {
      const convolution = convolutionOf({ ...shape, side: 1 })
      const { inputs, outputs, seed } = shape
      const [first, last] = [a % outputs, b % outputs].sort((x, y) => x - y)
      const each = last + 1 - first
      const input: Input = {
        x: ['int16', integers(seed + 3, positions * inputs, -32768, 32767)],
        all: ['int32', zeros(positions * outputs)],
        some: ['int32', zeros(positions * each)],
      }
      await bothEqual({ convolutions: [convolution] }, input, (engine, { x, all, some }) => {
        engine.conv1x1(convolution, x, positions, 'wide', all)
        engine.conv1x1Outputs(convolution, x, positions, first, last + 1, some)
        const expected = Array.from(some, (_, i) => all[Math.floor(i / each) * outputs + first + (i % each)])
        expect([...some]).toEqual(expected)
      })
    }),
    { numRuns: 100 },
  )
})
