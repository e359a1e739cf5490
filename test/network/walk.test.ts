/** One walk by hand: a 1×1 grid, one coefficient, one channel, two choices among two (K = 2, n = 2: Taiji). */
import { describe, expect, test } from 'vitest'
import { entropySink } from '../../src/codec/entropy.js'
import type { Choices, Convolution, Quadratic } from '../../src/engine/engine.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { FINE_LIMIT } from '../../src/engine/limits.js'
import type { CellCandidates } from '../../src/network/candidates.js'
import { openGridWalk } from '../../src/network/gridWalk.js'
import { nearest, rateDistortion, recording } from '../../src/network/guides.js'
import type { Grid, Layer } from '../../src/network/model.js'
import { walk, type Guide } from '../../src/network/walk.js'

/** At s = 40 a quadratic is its constant: here in 1/256 as the trunk. */
const constant = (value: number): Quadratic => ({
  name: 'bias',
  channels: 1,
  coefficients: Int32Array.of(value * 65536, 0, 0),
})

function convolution(side: 1 | 3, inputs: number, weights: number[], bias: number[], shift: number[]): Convolution {
  return {
    name: 'by hand',
    side,
    inputs,
    outputs: bias.length,
    weights: Int8Array.from(weights),
    bias: Int32Array.from(bias),
    shift: Uint8Array.from(shift),
  }
}

const layer: Layer = {
  name: 'fine.0',
  first: 0,
  end: 1,
  K: 2,
  n: 2,
  leaves: 4,
  rows: 6,
  cells: 'all',
  escape: false,
  until: 73,
  block: {
    lambda: constant(-56),
    inputShift: 1,
    hidden: convolution(3, 1, [1, 1, 1, 1, 2, 1, 1, 1, 1], [10], [1]),
    output: convolution(1, 1, [-3], [5], [2]),
  },
  headLambda: constant(21),
  headShift: 0,
  rank: 1,
  z: convolution(1, 1, [1], [0], [1]),
  meanScale: convolution(1, 1, [1, 0], [-120, 0], [2, 0]),
  scaleLambda: constant(0),
  scaleBase: Int16Array.of(0),
  // Two children of the root, then the children of each; the root's second child stands nearer than its leaves' mean.
  u: Int16Array.of(-1024, 256, -768, -256, 256, 768),
  priorTable: Int16Array.of(0, 0, 0, 0, 0, -5),
  priorBias: Int32Array.of(0, 0, 0, 0, 0, -12),
  priorShift: 1,
  feedback: convolution(1, 3, [1, 2, -1], [0], [1]),
}

const grid: Grid = {
  name: 'fine',
  channels: 1,
  order: Uint8Array.of(1),
  layers: [layer],
  start: constant(256),
  limit: FINE_LIMIT,
}
const { block, z, meanScale, feedback } = layer
const parts = { convolutions: [block.hidden, block.output, z, meanScale, feedback], cellTables: [layer] }

describe.each(['reference', 'wasm'] as const)('%s', (name) => {
  async function run(guide: Guide<CellCandidates>) {
    const engine = await loadEngine(name, parts)
    const { state } = openGridWalk(engine, grid, { width: 1, height: 1 }, 40, 1, {})
    const sink = entropySink()
    let values: number[] = []
    let frequencies: number[] = []
    const watching = recording(guide, (candidates, chosen: Choices) => {
      values = Array.from({ length: 6 }, (_, row) => candidates.value(0, row, 0))
      frequencies = [...candidates.frequencies().subarray(0, 6)]
      sink.listen(candidates, chosen)
    })
    const steps = [...walk(state, watching)].length
    return {
      steps,
      values,
      frequencies,
      z: state.z[0],
      mean: state.mean[0],
      sigma: state.sigma[0],
      leaf: state.leaves[0],
      sum: state.sum[0],
      h: state.h[0],
      features: [...state.features.subarray(0, 3)],
      stream: Buffer.from(sink.finish().data).toString('hex'),
    }
  }

  test('a target of 90/64 takes the second child, then its first', async () => {
    expect(await run(nearest(Int32Array.of(90), 'greedy'))).toEqual({
      steps: 1,
      // Block: input (256 − 56 + 1) >> 1 = 100; hidden (2·100 + 10 + 1) >> 1 = 105, the border is 0;
      // output (−3·105 + 5 + 2) >> 2 = −77; h = 256 − 77 = 179. Heads' input: 179 + 21 = 200.
      z: 100, // (200 + 1) >> 1
      mean: 20, // (200 − 120 + 2) >> 2
      sigma: 768, // ln σ = 0: σ is one grey level, 64/64
      // 20 + 64u with u = −4, 1 (inner nodes), −3, −1, 1, 3 (leaves)
      values: [-236, 84, -172, -44, 84, 212],
      // Equal siblings are 1 + floor(32766/2) = 16384. The last is (−5·100 − 12 + 1) >> 1 = −256, 1 nat below:
      // e = 65536 and 24109; 1 + floor(65536·32766/89645) = 23954, 1 + floor(24109·32766/89645) = 8813; the first
      // takes the 1 that rounding leaves.
      frequencies: [16384, 16384, 16384, 16384, 23955, 8813],
      leaf: 2, // |−236 − 90| = 326, |84 − 90| = 6; then |84 − 90| = 6, |212 − 90| = 122
      sum: 84,
      features: [38, 128, 128], // (84 + 4) >> 3 = 11, 1024·ln(1 + 11/288) = 38.4; (256 + 1) >> 1, and its size
      h: 262, // 179 + ((38 + 2·128 − 128 + 1) >> 1 = 83)
      // rANS backwards: (0, 23955): 65536 = 2·23955 + 17626, 2·2^15 + 17626 = 83162;
      // (16384, 16384): 83162 = 5·16384 + 1242, 5·2^15 + 1242 + 16384 = 181466 = 0x2c4da
      stream: '0002c4da',
    })
  })

  test('choice by choice a guide may miss the best leaf; among all leaves it does not', async () => {
    // Target 10: the inner nodes are 246 and 74 away, so the greedy guide goes to 84; the leaf at −44 is 54 away.
    const [target, one] = [Int32Array.of(10), Float64Array.of(1)]
    expect(await run(nearest(target, 'greedy'))).toMatchObject({ leaf: 2, sum: 84 })
    expect(await run(nearest(target, 'leaves'))).toMatchObject({ leaf: 1, sum: -44 })
    expect(await run(rateDistortion(target, one, 0, 'greedy'))).toMatchObject({ leaf: 2, sum: 84 })
    expect(await run(rateDistortion(target, one, 0, 'leaves'))).toMatchObject({ leaf: 1, sum: -44 })
  })

  test('choice by choice each choice pays its own bits', async () => {
    // Target 150: the last two leaves are 66 and 62 away, ΔD = 512/4096 = 0.125; they take 0.45 and 1.89 bits.
    const [target, one] = [Int32Array.of(150), Float64Array.of(1)]
    expect(await run(rateDistortion(target, one, 0.08, 'greedy'))).toMatchObject({ leaf: 3 })
    expect(await run(rateDistortion(target, one, 0.09, 'greedy'))).toMatchObject({ leaf: 2 })
  })

  test('λ weighs bits against distance', async () => {
    // Target 149: leaf 84 is 65/64 away and costs 1 + log2(32768/23955) = 1.452 bits, leaf 212 is 63/64 away and costs
    // 1 + log2(32768/8813) = 2.895. The gain, (65² − 63²)/64² = 1/16, is worth 1.443 bits up to λ = 0.0433.
    const at = (lambda: number) => run(rateDistortion(Int32Array.of(149), Float64Array.of(1), lambda))
    expect(await at(0)).toMatchObject({ leaf: 3 })
    expect(await at(0.043)).toMatchObject({ leaf: 3 })
    expect(await at(0.044)).toMatchObject({ leaf: 2 })
  })

  test('without a guide no layer is run, and h is the start', async () => {
    const engine = await loadEngine(name, parts)
    const { state } = openGridWalk(engine, grid, { width: 1, height: 1 }, 40, 1, {})
    expect([...walk(state, null)]).toEqual([])
    expect([state.h[0], state.sum[0]]).toEqual([256, 0])
  })
})
