import { expect, test } from 'vitest'
import { engineParts } from '../../../src/codec/engineParts.js'
import { loadEngine } from '../../../src/engine/loadEngine.js'
import { choicesOn, layerUsage, usageTable } from '../../../src/lab/bench/usage.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { onlyPlain } from '../../micro.js'

test('the choices of a walk: as many as there are cells, by coefficient and leaf', async () => {
  const engine = await loadEngine('wasm', engineParts(onlyPlain))
  const all = choicesOn(onlyPlain, engine, [drawScreen(1, 128)])
  expect(all.map(({ name }) => name)).toEqual([
    ...['coarse 0-7', 'coarse 0-7', 'coarse 0-7'],
    ...['fine 0-4', 'fine 0-4', 'fine 0-4'],
  ])
  for (const { layer, counts } of all) {
    const positions = (layer.cells === 'all' ? 1 : 0.5) * (onlyPlain.coarse.layers.includes(layer) ? 4 : 256)
    for (const row of counts) expect(row.reduce((a, b) => a + b, 0)).toBe(positions)
    expect(counts[0]).toHaveLength(layer.leaves)
  }
  // At a step above the last layer's `until` it has no choice.
  expect(choicesOn(onlyPlain, engine, [drawScreen(1, 128)], 41)[5].counts[0].every((count) => count === 0)).toBe(true)
})

test('entropy, and candidates that nobody chose', () => {
  const layer = { ...onlyPlain.fine.layers[0], leaves: 4 }
  const usage = layerUsage({ name: 'a', layer, counts: [Float64Array.of(2, 2, 0, 0), Float64Array.of(1, 1, 1, 1)] })
  expect(usage).toEqual({ name: 'a', bits: 2, entropy: 1.5, dead: 2, candidates: 8 })
  expect(usageTable([['neither', [usage]]])).toEqual([
    'layer  bits  neither    used  dead',
    'a      2.00    1.500  75.0 %   2/8',
    'all    2.00    1.500  75.0 %   2/8',
  ])
})
