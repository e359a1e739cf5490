/** rectify, narrow and splitHeads of both engines. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { reference } from '../../src/engine/reference.js'
import { bothEqual, integers, seeds, sizes, zeros, type Input } from './both.js'
import { layers, limits } from './layers.js'

const channelCounts = fc.integer({ min: 1, max: 21 })
const shifts = fc.integer({ min: 0, max: 8 })

test.each(['reference', 'wasm'] as const)('%s: one position of two channels, rectified and narrowed', async (name) => {
  const engine = await loadEngine(name, { convolutions: [], cellTables: [] })
  const { h, plain, framed } = engine.workspace({ h: ['int16', 2], plain: ['int16', 2], framed: ['int16', 18] })
  h.set([-7, 32000])
  engine.rectify(h, Int32Array.of(10, 760), 1, 2, { width: 1, height: 1 }, false, plain)
  // (−7 + 10 + 1) >> 1; 32760 / 2 is clipped
  expect([...plain]).toEqual([2, 8191])
  engine.narrow(h, 2, 2, { width: 1, height: 1 }, framed)
  // (−7 + 2) >> 2 in the middle of nine positions
  expect([...framed]).toEqual([...zeros(8), -2, 8000, ...zeros(8)])
})

test('a number alone is narrowed as an array is', () => {
  for (const [x, shift] of [
    [-7, 2],
    [32000, 2],
    [2 ** 29 - 1, 30],
    [40000, 0],
    [-40000, 1],
  ]) {
    const out = new Int16Array(9)
    reference.narrow(Int32Array.of(x), shift, 1, { width: 1, height: 1 }, out)
    expect(reference.narrowed(x, shift)).toBe(out[4])
  }
  expect(reference.narrowed(-7, 2)).toBe(-2)
})

test('rectify and narrow agree, with their borders', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, sizes, channelCounts, shifts, fc.boolean(), fc.boolean(), async (...drawn) => {
      const [seed, size, channels, shift, border, biased] = drawn
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

test('heads split alike', async () => {
  await fc.assert(
    fc.asyncProperty(layers, fc.integer({ min: 1, max: 30 }), limits, async ({ layer, seed }, positions, limit) => {
      const r = layer.end - layer.first
      const scaleBias = Int32Array.from(integers(seed, r, -1000, 1000))
      const high = seed % 2 ? 2 ** 31 - 1 : 500
      const input: Input = {
        heads: ['int32', integers(seed + 1, positions * 2 * r, -high - 1, high)],
        mean: ['int32', zeros(positions * r)],
        sigma: ['int32', zeros(positions * r)],
      }
      await bothEqual({ cellTables: [layer] }, input, (engine, { heads, mean, sigma }) => {
        engine.splitHeads(layer, heads, scaleBias, limit, positions, mean, sigma)
      })
    }),
    { numRuns: 100 },
  )
})
