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
    expect(counts).toHaveLength((layer.end - layer.first) * layer.leaves)
    for (let from = 0; from < counts.length; from += layer.leaves) {
      expect(counts.subarray(from, from + layer.leaves).reduce((a, b) => a + b, 0)).toBe(positions)
    }
  }
  // At a step above the last layer's `until` it has no choice.
  expect(choicesOn(onlyPlain, engine, [drawScreen(1, 128)], 41)[5].counts.every((count) => count === 0)).toBe(true)
})

test('entropy, and candidates that nobody chose', () => {
  const layer = { ...onlyPlain.fine.layers[0], leaves: 4 }
  const usage = layerUsage({ name: 'a', layer, counts: Uint32Array.of(2, 2, 0, 0, 1, 1, 1, 1) })
  expect(usage).toEqual({ name: 'a', bits: 2, entropy: 1.5, dead: 0.25, candidates: 8 })
  expect(usageTable([['neither', [usage]]])).toEqual([
    'layer  bits  neither    used  dead',
    'a      2.00    1.500  75.0 %   2/8',
    'all    2.00    1.500  75.0 %   2/8',
  ])
})
