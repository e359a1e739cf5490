/** The differentiable network with branching, half-passes and refinement, beside the float engine, which has its own code. */
import { describe, expect, test } from 'vitest'
import { forEachCell } from '../../../src/engine/cells.js'
import type { Choices } from '../../../src/engine/engine.js'
import { floatEngine } from '../../../src/lab/quantise/floatEngine.js'
import { floatModelOf } from '../../../src/lab/quantise/prototype.js'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { lossOf, objective } from '../../../src/lab/train/loss.js'
import { forward, type Forward } from '../../../src/lab/train/network.js'
import { operations } from '../../../src/lab/train/operations.js'
import { parametersOf } from '../../../src/lab/train/parameters.js'
import { firstValues } from '../../../src/lab/train/start.js'
import { rateDistortion, recording } from '../../../src/network/guides.js'
import { layoutOf } from '../../../src/network/layout.js'
import type { Painted } from '../../../src/network/paint.js'
import { reconstruct } from '../../../src/network/reconstruct.js'
import { checkCellGrid } from '../../../src/network/structure.js'
import { targetsOf } from '../../../src/network/target.js'
import { uniformFrom } from '../../../src/network/uniform.js'
import { numbers } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

const LAYER = { n: 1, rank: 2, cells: 'all', escape: false, until: 73, headShift: 0, priorShift: 1 }
const block = (hidden: number) => ({ hidden, inputShift: 0 })
const structure = checkCellGrid({
  name: 'small',
  profiles: ['entropy'],
  coarse: {
    channels: 6,
    coefficients: 7,
    layers: [
      { ...LAYER, first: 0, end: 5, K: 5, rank: 5, block: block(3) },
      { ...LAYER, first: 0, end: 7, K: 3, n: 2, block: block(3) },
    ],
  },
  fine: {
    channels: 4,
    coefficients: 9,
    layers: [
      { ...LAYER, first: 0, end: 4, K: 2, n: 3, cells: 'even', block: block(2) },
      { ...LAYER, first: 0, end: 4, K: 2, n: 3, cells: 'odd', block: block(2) },
      { ...LAYER, first: 4, end: 9, K: 4, block: block(2), until: 60 },
      { ...LAYER, first: 0, end: 9, K: 3, block: block(2), until: 30 },
    ],
  },
  entry: { upChannels: 2, lowShift: 0, upShift: 0 },
  closing: { inputShift: 0 },
  cleanUp: { channels: 4, trunkShift: 0, pictureShift: 0, block: block(5), outputShift: 0 },
})

const start = {
  coarse: [
    { scale: 0.6, power: 0.3 },
    { scale: 0, power: 1 },
  ],
  order: 'frequency' as const,
  fine: [0.3, 0.3, 0.1, 0].map((scale) => ({ scale, power: 0.5 })),
  deviations: new Array<number>(192).fill(120),
  uniform: uniformFrom(5),
}

/** First values with noise, so that nothing is zero, nor a candidate halfway. */
const initial = firstValues(parametersOf(structure), start)
const values = new Map(
  parametersOf(structure).map(({ name, shape, trained }, i) => {
    const noise = numbers(shape, 100 + i)
    const data = initial.get(name)!
    return [name, trained ? data.map((x, j) => x + 0.1 * noise[j]) : data]
  }),
)
const weights = new Map<string, Tensor>(
  parametersOf(structure).map(({ name, shape }) => [name, tf.tensor(values.get(name)!, [...shape])]),
)

const [WIDTH, HEIGHT] = [40, 24]
const uniform = uniformFrom(3)
const picture = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => 60 + (i % 120) + 60 * uniform())
const rgb = (...pictures: Uint8Array[]): Tensor =>
  tf.stack(pictures.map((data) => tf.tensor3d(Float32Array.from(data), [HEIGHT, WIDTH, 3])))

const run = (logLambda: number[], pictures = rgb(picture), paths?: readonly Tensor[]): Forward =>
  forward(ops, structure, (name) => weights.get(name)!, pictures, logLambda, { paths })

/** The same by the float engine: the path and bits of every layer, and the planes. */
function byFloatEngine(s: number, fineLayers: number): { leaves: number[][]; bits: number; result: Painted } {
  const stored = new Map(parametersOf(structure).map(({ name, shape }) => [name, { shape, data: values.get(name)! }]))
  const { model } = floatModelOf(structure, stored)
  const layout = layoutOf(WIDTH, HEIGHT, 0)
  const targetOf = targetsOf(floatEngine, { width: WIDTH, height: HEIGHT, components: 3, data: picture }, model, layout)
  const leaves: number[][] = []
  let bits = 0
  const work = reconstruct(floatEngine, model, { layout, s, fineLayers }, (tile) =>
    recording(
      rateDistortion(targetOf(tile), new Float64Array(192).fill(1), Math.exp(1 + s / 10)),
      ({ layer, size, frequencies }, chosen: Choices) => {
        const prior = frequencies()
        const path: number[] = []
        forEachCell(layer, size, (cell, c, p) => {
          path[c * size.width * size.height + p] = chosen.leaves[cell]
          let row = 0
          for (let depth = 1; depth <= layer.n; depth++) {
            const at = row + Math.floor(chosen.leaves[cell] / layer.K ** (layer.n - depth))
            bits += 15 - Math.log2(prior[cell * layer.rows + at])
            row += layer.K ** depth
          }
        })
        leaves.push(path)
      },
    ),
  )
  for (;;) {
    const step = work.next()
    if (step.done) return { leaves, bits, result: step.value }
  }
}

describe('beside the float engine', () => {
  test.each([
    [10, 4],
    [40, 3],
    [70, 2],
  ])('at s = %d: the same %d fine layers, choices, bits and picture', (s, fineLayers) => {
    const { leaves, bits, result } = byFloatEngine(s, fineLayers)
    const ours = run([1 + s / 10])
    expect(ours.paths.length).toBe(2 + fineLayers)
    ours.paths.forEach((path, i) => {
      const all = path.dataSync()
      // Cells outside a half-pass have no choice.
      leaves[i].forEach((leaf, cell) => expect(all[cell], `layer ${i}, cell ${cell}`).toBe(leaf))
    })
    expect(ours.bits.dataSync()[0]).toBeCloseTo(bits, 1)
    for (const [what, planes] of [
      ['linear', result.linear],
      ['out', result.planes],
    ] as const) {
      const error = ours[what]
        .dataSync<'float32'>()
        .map((x, i) => Math.abs(x - planes[i % 3][Math.floor(i / 3)] / 8))
        .reduce((a, b) => Math.max(a, b))
      expect(error).toBeLessThan(0.01)
    }
  })
})

test('a picture is walked alone or in a batch with the same result', () => {
  const other = picture.map((x) => 255 - x)
  const both = run([2, 3], rgb(picture, other))
  for (const [i, one] of [run([2]), run([3], rgb(other))].entries()) {
    expect(both.bits.dataSync()[i]).toBeCloseTo(one.bits.dataSync()[0], 1)
    const half = [...both.out.dataSync()].slice(i * one.out.size, (i + 1) * one.out.size)
    one.out.dataSync().forEach((x, j) => expect(half[j]).toBeCloseTo(x, 2))
  }
})

test('its gradients are those of finite differences, in every kind of weight', () => {
  // λ of 55: bits weigh as much as errors, and no layer is skipped.
  const { paths } = run([4])
  const trained = parametersOf(structure).filter((parameter) => parameter.trained)
  const cost = (by: (name: string) => Tensor): Tensor =>
    // Without the inner nodes, which pull at their own u alone.
    objective(
      ops,
      lossOf(ops, { ...forward(ops, structure, by, rgb(picture), [4], { paths }), inner: [] }),
      tf.tensor1d([100]),
      0.05,
    )
  const gradients = tf.grads((...all) => {
    const index = new Map(trained.map(({ name }, i) => [name, all[i]]))
    return cost((name) => index.get(name) ?? weights.get(name)!)
  })(trained.map(({ name }) => weights.get(name)!))
  trained.forEach(({ name, shape }, i) => {
    // Along the signs of the gradient: one difference for a whole tensor.
    const slopes = gradients[i].dataSync<'float32'>()
    const expected = slopes.reduce((sum, x) => sum + Math.abs(x), 0)
    /** The objective, added up in doubles. */
    const moved = (step: number): number => {
      const data = values.get(name)!.map((x, j) => x + Math.sign(slopes[j]) * step)
      const by = (wanted: string): Tensor => (wanted === name ? tf.tensor(data, [...shape]) : weights.get(wanted)!)
      const { out, linear, opponent, bits, left } = forward(ops, structure, by, rgb(picture), [4], { paths })
      const target = opponent.dataSync()
      const error = (planes: Tensor): number =>
        planes.dataSync<'float32'>().reduce((sum, x, j) => sum + (x - target[j]) ** 2, 0)
      const aids = left.reduce((sum, x) => sum + x.dataSync()[0], error(linear))
      return (error(out) + Math.exp(4) * bits.dataSync()[0] + 0.05 * aids) / (100 * WIDTH * HEIGHT)
    }
    // Short: corners of ReLU lie close.
    const step = 0.0004 / Math.max(expected, 1)
    const slope = (moved(step) - moved(-step)) / (2 * step)
    expect(Math.abs(slope - expected), `${name}: ${expected} and ${slope}`).toBeLessThan(0.03 * expected + 1e-4)
  })
})

test('inner nodes pull at their own u and at nothing else', () => {
  const { paths } = run([4])
  const names = parametersOf(structure)
    .filter(({ trained }) => trained)
    .map(({ name }) => name)
  const inner = (all: readonly Tensor[]): Tensor => {
    const by = (name: string): Tensor => all[names.indexOf(name)] ?? weights.get(name)!
    const sums = forward(ops, structure, by, rgb(picture), [4], { paths }).inner
    return tf.sum(sums.reduce((a, b) => tf.add(a, b)))
  }
  const all = names.map((name) => weights.get(name)!)
  const trees = names.filter((name) => /^(dc\.1|ac\.[01])\.nodes$/.test(name))
  const slopes = tf.grads((...nodes) => inner(all.map((tensor, i) => nodes[trees.indexOf(names[i])] ?? tensor)))(
    trees.map((name) => weights.get(name)!),
  )
  trees.forEach((name, i) => {
    const data = Array.from(slopes[i].dataSync())
    const rows = slopes[i].shape[1]!
    // Two choices among 3, three between 2: leaves are the last 9 and the last 8 rows.
    const leaves = name === 'dc.1.nodes' ? 9 : 8
    data.forEach((slope, j) => expect(j % rows >= rows - leaves ? slope : 0).toBe(0))
    expect(data.some((slope) => slope !== 0)).toBe(true)
  })
  const others = names.filter((name) => !trees.includes(name))
  const none = (): unknown =>
    tf.grads((...tensors) => inner(all.map((tensor, i) => tensors[others.indexOf(names[i])] ?? tensor)))(
      others.map((name) => weights.get(name)!),
    )
  expect(none).toThrow('Cannot compute gradient')
})
