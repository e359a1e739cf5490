/** conv1x1 and conv3x3 of both engines. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Convolution, OutputMode } from '../../src/engine/engine.js'
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
