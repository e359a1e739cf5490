import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engineParts } from '../../src/codec/engineParts.js'
import { forEachCell, rowOf } from '../../src/engine/cells.js'
import type { Choices } from '../../src/engine/engine.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import type { CellGridModel, Picture } from '../../src/index.js'
import type { CandidateSet, CellCandidates } from '../../src/network/candidates.js'
import { nearest, prior, random, rateDistortion, recording, replay, type LambdaOf } from '../../src/network/guides.js'
import { layoutOf } from '../../src/network/layout.js'
import { reconstruct, type GuideOf } from '../../src/network/reconstruct.js'
import { targetsOf } from '../../src/network/target.js'
import type { Guide } from '../../src/network/walk.js'
import { anyPicture, anyStep, micro, microPlain, picture } from '../micro.js'

function finish<Result>(work: Generator<number, Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** Planes of a walk over a picture's grids with this guide. */
async function planesOf(
  model: CellGridModel,
  size: { width: number; height: number },
  s: number,
  guideOf: GuideOf,
  name: 'wasm' | 'reference' = 'wasm',
) {
  const engine = await loadEngine(name, engineParts(model))
  const layout = layoutOf(size.width, size.height, 0)
  const task = { layout, s, fineLayers: model.fine.layers.filter(({ until }) => until >= s).length }
  return finish(reconstruct(engine, model, task, guideOf)).planes.map((plane) => [...plane])
}

async function targetOf(model: CellGridModel, source: Picture) {
  const engine = await loadEngine('reference', engineParts(model))
  const layout = layoutOf(source.width, source.height, 0)
  return targetsOf(engine, source, model, layout)
}

const choicesOf = ({ leaves, counts }: Choices, length: number): Choices => ({
  leaves: leaves.slice(0, length),
  counts: counts.slice(0, length),
  last: false,
})

const cellsOf = ({ layer, size }: CandidateSet): number => size.width * size.height * (layer.end - layer.first)

test('a layer with a λ of its own chooses by that one', async () => {
  const target = await targetOf(micro, picture(24, 24, 3))
  const weights = new Float64Array(192).fill(1)
  const pathWith = async (lambda: LambdaOf): Promise<string[]> => {
    const path: string[] = []
    await planesOf(micro, { width: 24, height: 24 }, 20, (tile) =>
      recording(rateDistortion(target(tile), weights, lambda), (candidates, chosen) => {
        path.push(choicesOf(chosen, cellsOf(candidates)).leaves.join())
      }),
    )
    return path
  }
  const last = micro.fine.layers.at(-1)
  const [cheap, dear] = [await pathWith(2), await pathWith(2000)]
  const mixed = await pathWith((layer) => (layer === last ? 2000 : 2))
  expect(mixed.slice(0, -1)).toEqual(cheap.slice(0, -1))
  expect(mixed.at(-1)).not.toEqual(cheap.at(-1))
  expect(dear[0]).not.toEqual(cheap[0])
})

test('a recorded path, replayed, is the same picture', async () => {
  await fc.assert(
    fc.asyncProperty(anyPicture, anyStep, async (source, s) => {
      const target = await targetOf(micro, source)
      const path: Choices[] = []
      const weights = new Float64Array(192).fill(1)
      const recorded = await planesOf(micro, source, s, (tile) =>
        recording(rateDistortion(target(tile), weights, 100), (candidates, chosen) => {
          path.push(choicesOf(chosen, cellsOf(candidates)))
        }),
      )
      let index = 0
      const stored = replay({
        next(_, chosen) {
          chosen.leaves.set(path[index].leaves)
          chosen.counts.set(path[index++].counts)
        },
      })
      expect(await planesOf(micro, source, s, () => stored, 'reference')).toEqual(recorded)
      expect(index).toBe(path.length)
    }),
    { numRuns: 30 },
  )
})

test.each(['leaves', 'greedy'] as const)('%s: nearest is the rate-distortion guide with λ = 0', async (search) => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(anyPicture, anyStep, async (source, s) => {
      const target = await targetOf(micro, source)
      const both = (tile: number | null): Guide<CellCandidates> => ({
        choose(candidates, chosen) {
          const { layer, size } = candidates
          const cells = cellsOf(candidates)
          nearest(target(tile), search).choose(candidates, chosen)
          const near = choicesOf(chosen, cells)
          chosen.leaves.fill(0, 0, cells)
          chosen.counts.fill(0, 0, cells)
          rateDistortion(target(tile), new Float64Array(192).fill(1), 0, search).choose(candidates, chosen)
          forEachCell(layer, size, (cell) => {
            const value = ({ leaves, counts }: Choices): number =>
              candidates.value(cell, layer.rows - layer.leaves + leaves[cell], counts[cell])
            expect(value(chosen)).toBe(value(near))
            compared++
          })
        },
      })
      await planesOf(micro, source, s, both)
    }),
    { numRuns: 30 },
  )
  expect(compared).toBeGreaterThan(1000)
})

test("among all leaves no choice costs less than the rate-distortion guide's", async () => {
  const source = picture(24, 16, 3, 'noise')
  const target = await targetOf(micro, source)
  const lambda = 30
  const checked = (tile: number | null): Guide<CellCandidates> => ({
    choose(candidates, chosen) {
      const { layer, size } = candidates
      const left = candidates.residual(target(tile))
      rateDistortion(target(tile), new Float64Array(192).fill(1), lambda).choose(candidates, chosen)
      const f = candidates.frequencies()
      const cost = (cell: number, leaf: number, count: number): number => {
        const error = (candidates.value(cell, layer.rows - layer.leaves + leaf, count) - left[cell]) / 64
        let bits = 0
        for (let depth = 1; depth <= layer.n; depth++) {
          bits += 15 - Math.log2(f[cell * layer.rows + rowOf(layer, leaf, depth)])
        }
        if (layer.escape && (leaf === 0 || leaf === layer.leaves - 1)) bits += 2 * Math.floor(Math.log2(count + 1)) + 1
        return error * error + lambda * bits
      }
      forEachCell(layer, size, (cell) => {
        const chosenCost = cost(cell, chosen.leaves[cell], chosen.counts[cell])
        for (let leaf = 0; leaf < layer.leaves; leaf++) {
          expect(chosenCost).toBeLessThanOrEqual(cost(cell, leaf, 0) + 1e-6)
        }
      })
    },
  })
  await planesOf(micro, source, 20, checked)
})

describe.each([
  ['random', (seed: number) => random(seed)],
  ['prior', (seed: number) => prior(seed, 1.5)],
] as const)('%s', (_, guide) => {
  const pathOf = async (seed: number): Promise<number[][]> => {
    const path: number[][] = []
    const listening = recording(guide(seed), ({ layer, size }, chosen) => {
      const leaves: number[] = []
      forEachCell(layer, size, (cell) => leaves.push(chosen.leaves[cell]))
      for (const leaf of leaves) expect(leaf).toBeLessThan(layer.leaves)
      path.push(leaves)
    })
    await planesOf(micro, { width: 40, height: 40 }, 10, () => listening)
    return path
  }

  test('the same seed, the same path; another seed, another', async () => {
    const first = await pathOf(7)
    expect(await pathOf(7)).toEqual(first)
    expect(await pathOf(8)).not.toEqual(first)
    // Every leaf of the finest branching layer occurs.
    expect(new Set(first.at(-1)).size).toBeGreaterThan(5)
  })
})

test('at a low temperature the prior takes the most probable children', async () => {
  const cold = recording(prior(3, 0.002), (candidates, chosen) => {
    const { layer, size } = candidates
    const f = candidates.frequencies()
    forEachCell(layer, size, (cell) => {
      let node = 0
      for (let depth = 1; depth <= layer.n; depth++) {
        const from = cell * layer.rows + rowOf(layer, node * layer.K ** (layer.n - depth + 1), depth)
        const children = [...f.subarray(from, from + layer.K)]
        const child = Math.floor(chosen.leaves[cell] / layer.K ** (layer.n - depth))
        // Siblings that are almost as probable may win.
        expect(children[child - node * layer.K]).toBeGreaterThan(0.95 * Math.max(...children))
        node = child
      }
    })
  })
  await planesOf(microPlain, { width: 40, height: 40 }, 40, () => cold)
})

test('the prior at temperature 1 takes a leaf as often as its probability says', async () => {
  let expected = 0
  let found = 0
  const counting = recording(prior(11), (candidates, chosen) => {
    const { layer, size } = candidates
    if (layer.name !== 'fine.0') return
    const f = candidates.frequencies()
    forEachCell(layer, size, (cell) => {
      expected += f[cell * layer.rows + 2] / 32768
      if (chosen.leaves[cell] === 2) found++
    })
  })
  await planesOf(micro, { width: 400, height: 400 }, 40, () => counting)
  // 5000 draws: a standard deviation is 0.7 %.
  expect(Math.abs(found - expected) / 5000).toBeLessThan(0.03)
})
