/** frequencies, cheapest and apply of both engines. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { childrenOf, rowOf } from '../../src/engine/cells.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { bothEqual, integers, sizes, zeros, type Input } from './both.js'
import { cellInput, cellTables, headsOf, layers, limits } from './layers.js'

const smallest = { r: 1, n: 1, rank: 1, priorShift: 0 }
const lambdas = fc.double({ min: 0, max: 1e6, noNaN: true })

test.each(['reference', 'wasm'] as const)(
  '%s: frequencies of two equal candidates, and of two far apart',
  async (name) => {
    const layer = cellTables({ ...smallest, K: 2, priorTable: [0, 1], priorBias: [0, 0] })
    const engine = await loadEngine(name, { convolutions: [], cellTables: [layer] })
    const { z, out } = engine.workspace({ z: ['int16', 2], out: ['uint16', 4] })
    z.set([0, 8000])
    engine.frequencies(layer, z, 2, out)
    // 1 + floor(32766 / 2) each; 8000/256 nat below: 1 of 2^15
    expect([...out]).toEqual([16384, 16384, 1, 32767])
  },
)

test('frequencies agree and add up to 2^15 at every node', async () => {
  await fc.assert(
    fc.asyncProperty(layers, fc.integer({ min: 1, max: 70 }), fc.nat(13), async ({ layer, seed }, positions, bits) => {
      const r = layer.end - layer.first
      const most = 2 ** bits - 1 // ±8191 at most
      const input: Input = {
        z: ['int16', integers(seed, positions * r * layer.rank, -most, most)],
        out: ['uint16', zeros(positions * r * layer.rows)],
      }
      await bothEqual({ cellTables: [layer] }, input, (engine, { z, out }) => {
        engine.frequencies(layer, z, positions, out)
        const sums = new Set<number>()
        for (let row = 0; row < out.length; row += layer.K) {
          let sum = 0
          for (let k = 0; k < layer.K; k++) sum += out[row + k]
          sums.add(sum)
        }
        expect([...sums]).toEqual([32768])
      })
    }),
    { numRuns: 100 },
  )
})

test('the cheapest leaves and counts are the same, whether the target lies inside or outside the memory', async () => {
  await fc.assert(
    fc.asyncProperty(layers, sizes, limits, lambdas, fc.boolean(), fc.boolean(), async (...drawn) => {
      const [{ layer, seed }, size, limit, lambda, inside, weighed] = drawn
      const weights = Float64Array.from(integers(seed + 6, layer.end - layer.first, 0, 3))
      const importance = weighed
        ? Float64Array.from(integers(seed + 7, size.width * size.height, 0, 5), (n) => n / 3)
        : null
      const input = cellInput(layer, size, seed, limit)
      const outside = Int32Array.from(input.target[1])
      const none: Input[string] = ['uint16', zeros(outside.length)]
      await bothEqual({ cellTables: [layer] }, { ...input, leaves: none, counts: none }, (engine, arrays) => {
        const chosen = { leaves: arrays.leaves, counts: arrays.counts, last: false }
        const target = inside ? arrays.target : outside
        engine.cheapest(layer, headsOf(arrays), target, weights, importance, lambda, limit, size, chosen)
      })
    }),
    { numRuns: 120 },
  )
})

test.each(['reference', 'wasm'] as const)('%s: ties go to the lowest leaf', async (name) => {
  const layer = cellTables({ ...smallest, K: 7, priorTable: zeros(7), priorBias: zeros(7), u: new Int16Array(7) })
  const engine = await loadEngine(name, { convolutions: [], cellTables: [layer] })
  const { frequencies, mean, sigma, leaves, counts } = engine.workspace({
    frequencies: ['uint16', 7],
    mean: ['int32', 1],
    sigma: ['int32', 1],
    leaves: ['uint16', 1],
    counts: ['uint16', 1],
  })
  frequencies.set([1, 1, 500, 400, 500, 500, 500])
  const chosen = { leaves, counts, last: false }
  const size = { width: 1, height: 1 }
  engine.cheapest(
    layer,
    { mean, sigma, frequencies },
    Int32Array.of(3),
    Float64Array.of(1),
    null,
    1,
    153600,
    size,
    chosen,
  )
  expect(leaves[0]).toBe(2)
})

test('choices are applied alike', async () => {
  await fc.assert(
    fc.asyncProperty(layers, sizes, limits, fc.nat(4), async ({ layer, seed }, size, limit, more) => {
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

test('rows of the tables are the children of every inner node, breadth first', () => {
  const numbers = new Array<number>(12).fill(0)
  const layer = cellTables({ ...smallest, K: 3, n: 2, priorTable: numbers, priorBias: numbers })
  expect([0, 1, 2].map((leaf) => rowOf(layer, leaf * 3, 1))).toEqual([0, 1, 2])
  expect([0, 4, 8].map((leaf) => rowOf(layer, leaf, 2))).toEqual([3, 7, 11])
  expect(childrenOf(layer, 0, 1)).toBe(0)
  expect([0, 1, 2].map((node) => childrenOf(layer, node, 2))).toEqual([3, 6, 9])
})
