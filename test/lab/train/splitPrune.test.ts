import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Slots } from '../../../src/lab/train/checkpoint.js'
import { tableRows } from '../../../src/lab/train/paths.js'
import { splitAndPrune, splitAndPruneLayer } from '../../../src/lab/train/splitPrune.js'

const PAPER = { split: 2, prune: 0.5 }
const FLAT3 = { K: 3, n: 1 }

/** u as it is after a change. */
const newU = (u: readonly number[], result: ReturnType<typeof splitAndPrune>): number[] =>
  Array.from(result!.from, (row, i) => u[row] + result!.shift[i])

describe('a flat layer', () => {
  test('the most used is split, in the place of the least used, and rows stay sorted', () => {
    const u = [-1, 0, 4]
    const result = splitAndPrune(FLAT3, [90, 60, 0], u, PAPER)
    expect([...result!.from]).toEqual([0, 0, 1])
    // An eighth of the distance of 1 to the nearest neighbour, each way.
    expect(newU(u, result)).toEqual([-1.125, -0.875, 0])
  })

  test('the two are as probable together as the one was', () => {
    const { bias } = splitAndPrune(FLAT3, [90, 60, 0], [-1, 0, 4], PAPER)!
    expect(Math.exp(bias[0]) + Math.exp(bias[1])).toBeCloseTo(1, 6)
    expect(bias[2]).toBe(0)
  })

  test('nothing happens between the thresholds, at them, and on too few choices', () => {
    expect(splitAndPrune(FLAT3, [80, 60, 40], [-1, 0, 4], PAPER)).toBeNull()
    // 0.5 / 3 of 180 is 30, 2 / 3 of it is 120.
    expect(splitAndPrune(FLAT3, [120, 30, 30], [-1, 0, 4], PAPER)).toBeNull()
    expect(splitAndPrune(FLAT3, [121, 30, 29], [-1, 0, 4], PAPER)).not.toBeNull()
    expect(splitAndPrune(FLAT3, [71, 0, 0], [-1, 0, 4], PAPER)).toBeNull()
  })

  test('of two, both lie where the one was; equal u still part', () => {
    expect(newU([0, 8], splitAndPrune({ K: 2, n: 1 }, [90, 10], [0, 8], PAPER))).toEqual([-1, 1])
    expect(newU([2, 2], splitAndPrune({ K: 2, n: 1 }, [90, 10], [2, 2], PAPER))).toEqual([2 - 1 / 256, 2 + 1 / 256])
  })
})

describe('a branching layer, K = 2, n = 2', () => {
  // Inner nodes -3 and 3, leaves -4, -2, 2, 4.
  const u = [-3, 3, -4, -2, 2, 4]

  test('nodes further up stay, however they are used: copies of one would cover the same range', () => {
    expect(splitAndPrune({ K: 2, n: 2 }, [100, 80, 10, 10], u, PAPER)).toBeNull()
    const result = splitAndPrune({ K: 2, n: 2 }, [100, 0, 10, 50], u, PAPER)
    expect([...result!.from]).toEqual([0, 1, 2, 2, 5, 5])
  })

  test('an inner node decides among its own children', () => {
    const result = splitAndPrune({ K: 2, n: 2 }, [100, 0, 50, 50], u, PAPER)
    expect([...result!.from]).toEqual([0, 1, 2, 2, 4, 5])
    expect(newU(u, result)).toEqual([-3, 3, -4.25, -3.75, 2, 4])
  })
})

test('any counts: rows of their own depth, sorted among siblings, and one candidate fewer at most in a flat layer', () => {
  const anyLayer = fc
    .constantFrom({ K: 2, n: 1 }, { K: 5, n: 1 }, { K: 3, n: 2 }, { K: 2, n: 4 })
    .chain((layer) =>
      fc.tuple(
        fc.constant(layer),
        fc.array(fc.nat(500), { minLength: layer.K ** layer.n, maxLength: layer.K ** layer.n }),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 30, maxLength: 30 }),
      ),
    )
  fc.assert(
    fc.property(anyLayer, ([{ K, n }, counts, numbers]) => {
      // Sorted among siblings, as training begins.
      const u: number[] = []
      for (let row = 0; row < tableRows(K, n); row += K) {
        u.push(...numbers.slice(row, row + K).sort((a, b) => a - b))
      }
      const result = splitAndPrune({ K, n }, counts, u, PAPER)
      if (!result) return
      const after = newU(u, result)
      for (let depth = 1; depth <= n; depth++) {
        const [from, to] = [tableRows(K, depth - 1), tableRows(K, depth)]
        for (let row = from; row < to; row++) {
          expect(result.from[row]).toBeGreaterThanOrEqual(from)
          expect(result.from[row]).toBeLessThan(to)
        }
      }
      if (n === 1) {
        expect(new Set(result.from).size).toBe(K - 1)
        expect(after.toSorted((a, b) => a - b)).toEqual(after)
      }
    }),
  )
})

test('in the slots: rows of u, prior and Adam move together, and the running mean with them', () => {
  const slotsOf = (shape: number[], at: number): Slots => {
    const data = (from: number): Float32Array =>
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => from + i)
    return {
      shape,
      updates: 3,
      weight: data(at),
      first: data(at + 100),
      second: data(at + 200),
      average: data(at + 300),
    }
  }
  const layer = {
    ...{ first: 4, end: 6, K: 3, n: 1, rank: 2, cells: 'all' as const, escape: false, until: 73 },
    ...{ block: { hidden: 1, inputShift: 0 }, headShift: 0, priorShift: 1 },
  }
  const slots = new Map([
    ['ac.1.nodes', slotsOf([2, 3], 0)],
    ['ac.1.table', slotsOf([2, 3, 2], 1000)],
    ['ac.1.bias', slotsOf([2, 3], 2000)],
  ])
  const balance = Float32Array.of(1, 2, 3, 4, 5, 6)
  // The second coefficient alone fires: its first candidate takes the last one's place.
  const counts = Float32Array.of(50, 50, 50, 90, 60, 0)
  expect(splitAndPruneLayer('ac.1', layer, counts, slots, balance, PAPER)).toBe(1)
  const { nodes, table, bias } = {
    nodes: slots.get('ac.1.nodes')!,
    table: slots.get('ac.1.table')!,
    bias: slots.get('ac.1.bias')!,
  }
  expect([...nodes.weight]).toEqual([0, 1, 2, 2.875, 3.125, 4])
  expect([...nodes.average]).toEqual([300, 301, 302, 302.875, 303.125, 304])
  expect([...nodes.first]).toEqual([100, 101, 102, 103, 103, 104])
  expect([...nodes.second]).toEqual([200, 201, 202, 203, 203, 204])
  expect([...table.weight]).toEqual([1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1006, 1007, 1008, 1009])
  expect([...table.second.subarray(6)]).toEqual([1206, 1207, 1206, 1207, 1208, 1209])
  const halved = [2003, 2003].map((x) => Math.fround(x - Math.LN2))
  expect([...bias.weight]).toEqual([2000, 2001, 2002, ...halved, 2004])
  expect([...bias.first]).toEqual([2100, 2101, 2102, 2103, 2103, 2104])
  expect([...balance]).toEqual([1, 2, 3, 4, 4, 5])
})
