import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainSink, plainSource } from '../../src/codec/plain.js'
import { choicesOf } from '../../src/codec/streams.js'
import { forEachCell } from '../../src/engine/cells.js'
import type { Choices, Size } from '../../src/engine/engine.js'
import { packPath } from '../../src/format/plain.js'
import type { CandidateSet } from '../../src/network/candidates.js'
import type { Layer } from '../../src/network/model.js'
import { microPlain } from '../micro.js'

const layerOf = (fields: Pick<Layer, 'K' | 'n' | 'end' | 'cells'>): Layer => ({
  ...microPlain.fine.layers[0],
  first: 0,
  ...fields,
})

type Part = Pick<CandidateSet, 'layer' | 'from' | 'size'>

/** A sink and a source look at no more of a candidate set than that. */
const candidatesOf = (part: Part): CandidateSet => part as Partial<CandidateSet> as CandidateSet

/** A layer in parts of two rows, as a walk offers a large one. */
const partsOf = (layer: Layer, { width, height }: Size): Part[] =>
  Array.from({ length: Math.ceil(height / 2) }, (_, i) => ({
    layer,
    from: 2 * i * width,
    size: { width, height: Math.min(2, height - 2 * i) },
  }))

/** The choices of a part: a view. */
const within = ({ leaves, counts }: Choices, { layer, from, size }: Part): Choices => {
  const cells = [from * layer.end, (from + size.width * size.height) * layer.end] as const
  return { leaves: leaves.subarray(...cells), counts: counts.subarray(...cells), last: false }
}

/** Every position's leaves, those of cells that do not choose 0. */
const choicesFrom = (layer: Layer, { width, height }: Size, leafOf: (cell: number) => number): Choices => {
  const leaves = new Uint16Array(width * height * layer.end)
  forEachCell(layer, { width, height }, (cell) => (leaves[cell] = leafOf(cell)))
  return { leaves, counts: new Uint16Array(leaves.length), last: false }
}

function pack(layers: readonly Layer[], size: Size, chosen: readonly Choices[]): Uint8Array {
  const sink = plainSink(layers, size)
  layers.forEach((layer, i) => {
    for (const part of partsOf(layer, size)) sink.listen(candidatesOf(part), within(chosen[i], part))
  })
  return sink.finish().data
}

/** Choices of all layers up to the last that the stream says to run. */
function unpack(data: Uint8Array, layers: readonly Layer[], size: Size, complete = true): Choices[] {
  const source = plainSource({ data, complete, layers, size, where: 'a stream' })
  const run: Choices[] = []
  for (const layer of source.empty ? [] : layers) {
    const chosen = choicesFrom(layer, size, () => 0)
    for (const part of partsOf(layer, size)) {
      const own = within(chosen, part)
      source.next(candidatesOf(part), own)
      chosen.last = own.last
    }
    run.push(chosen)
    if (chosen.last) break
  }
  return run
}

const four = layerOf({ K: 4, n: 1, end: 3, cells: 'all' })
const one: Size = { width: 1, height: 1 }

test('packs choices among four, first choice first', () => {
  const data = pack([four], one, [choicesFrom(four, one, (cell) => [1, 0, 3][cell])])
  expect(data).toEqual(Uint8Array.of(0b01001100))
  expect(unpack(data, [four], one)[0].leaves).toEqual(Uint16Array.of(1, 0, 3))
})

const anyLayer = fc
  .record({
    bits: fc.integer({ min: 1, max: 9 }),
    n: fc.integer({ min: 1, max: 3 }),
    end: fc.integer({ min: 1, max: 4 }),
    cells: fc.constantFrom('all' as const, 'even' as const, 'odd' as const),
  })
  .filter(({ bits, n }) => bits * n <= 10)
  .map(({ bits, n, end, cells }) => layerOf({ K: 2 ** bits, n, end, cells: cells }))

const anyTask = fc
  .record({
    layers: fc.array(anyLayer, { minLength: 1, maxLength: 4 }),
    size: fc.record({ width: fc.integer({ min: 1, max: 5 }), height: fc.integer({ min: 1, max: 5 }) }),
    seed: fc.nat(),
  })
  .map(({ layers, size, seed }) => {
    const leafOf = (layer: Layer) => (cell: number) => (Math.imul(cell + 1, 40503 + seed) >>> 8) % layer.K ** layer.n
    return { layers, size, chosen: layers.map((layer) => choicesFrom(layer, size, leafOf(layer))) }
  })

/** Bits of a layer on a grid. */
const bitsOf = (layer: Layer, size: Size): number => choicesOf(layer, size) * Math.log2(layer.K)

test('any choices return, in exactly their bits', () => {
  fc.assert(
    fc.property(anyTask, ({ layers, size, chosen }) => {
      const data = pack(layers, size, chosen)
      const bits = layers.reduce((sum, layer) => sum + bitsOf(layer, size), 0)
      expect(plainSink(layers, size).finish().bits).toBe(bits)
      expect(data.length).toBe(Math.ceil(bits / 8))
      expect(unpack(data, layers, size)).toEqual(chosen)
    }),
  )
})

test('choices of one layer are the mixed-radix number of their path', () => {
  fc.assert(
    fc.property(anyTask, ({ layers: [layer], size, chosen }) => {
      const path: number[] = []
      forEachCell(layer, size, (cell) => path.push(chosen[0].leaves[cell]))
      expect(pack([layer], size, chosen)).toEqual(packPath(path, layer.K ** layer.n))
    }),
  )
})

test('of a cut stream the cells that are there whole are taken, the rest of their layer is 0', () => {
  fc.assert(
    fc.property(anyTask, fc.nat(), ({ layers, size, chosen }, end) => {
      const data = pack(layers, size, chosen)
      const part = data.subarray(0, end % (data.length + 1))
      let there = 8 * part.length
      const expected: number[][] = []
      for (const [i, layer] of layers.entries()) {
        const bits = layer.n * Math.log2(layer.K)
        const leaves = new Uint16Array(chosen[i].leaves.length)
        forEachCell(layer, size, (cell) => {
          if (there >= bits) leaves[cell] = chosen[i].leaves[cell]
          there = there >= bits ? there - bits : 0
        })
        expected.push([...leaves])
      }
      const run = unpack(part, layers, size, part.length === data.length).map(({ leaves }) => [...leaves])
      expect(run).toEqual(expected.slice(0, run.length))
      // What is not run holds no choice that is there.
      for (const leaves of expected.slice(run.length)) expect(Math.max(...leaves)).toBe(0)
      if (part.length === data.length) expect(run.length).toBe(layers.length)
    }),
  )
})

test('a complete stream of another length, or not padded with zeros, is damaged', () => {
  for (const bytes of [[0b01001101], [], [0, 0]]) {
    expect(() => unpack(Uint8Array.from(bytes), [four], one), String(bytes)).toThrow('damaged: a stream is')
  }
})
