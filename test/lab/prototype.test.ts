import { expect, test } from 'vitest'
import { readPrototype } from '../../src/lab/quantise/prototype.js'
import { quantise } from '../../src/lab/quantise/quantise.js'
import { readSafetensors, writeSafetensors, type Tensor } from '../../src/network/safetensors.js'

/** The prototype's names and sizes for 2 channels, 192 coarse coefficients in one band and 1 fine one; all 0.5. */
function weights(change: (tensors: Map<string, Tensor>) => void = () => {}): Uint8Array {
  const config = {
    ...{ c0: 2, c1: 2, dc: [192], dc_k: [2, 2, 2], dc_q: 1, ac: [[1, 2, 0, 0, 1, 1, 'all']], refine: [], until: [9] },
    post: 0,
  }
  const tensors = new Map<string, Tensor>()
  const put = (name: string, length: number): unknown =>
    tensors.set(name, { shape: [length], data: new Float32Array(length).fill(0.5) })
  const linear = (name: string, inputs: number, outputs: number): void => {
    put(`${name}.weight`, inputs * outputs)
    put(`${name}.bias`, outputs)
  }
  const layer = (name: string, r: number, rank: number): void => {
    linear(`${name}.rate`, 2, 4)
    linear(`${name}.block.a`, 18, 1)
    linear(`${name}.block.b`, 1, 2)
    linear(`${name}.z`, 2, r * rank)
    linear(`${name}.mean_scale`, 2, 2 * r)
    for (const tensor of ['scale', 'power']) put(`${name}.${tensor}`, r)
    for (const tensor of ['nodes', 'bias']) put(`${name}.${tensor}`, 2 * r)
    put(`${name}.table`, 2 * r * rank)
    put(`${name}.feedback.weight`, 6 * r)
  }
  tensors.set('dc_ids', { shape: [192], data: Uint8Array.from({ length: 192 }, (_, i) => i) })
  tensors.set('ac_ids', { shape: [1], data: Uint8Array.of(1) })
  layer('dc.0', 192, 8)
  layer('dc.1', 192, 1)
  layer('dc.2', 192, 1)
  layer('ac.0', 1, 1)
  linear('rate0', 2, 2)
  linear('rate1', 2, 2)
  linear('low', 27, 2)
  linear('up', 2, 64 * 16)
  linear('mix', 16, 2)
  linear('closing', 2, 192)
  change(tensors)
  return writeSafetensors({ config: JSON.stringify(config) }, tensors)
}

test('reads what has the names and sizes of the prototype', () => {
  expect(readSafetensors(weights()).tensors.size).toBeGreaterThan(60)
  const { model } = readPrototype(weights(), 'small', true)
  expect([model.coarse.layers.length, model.fine.layers.length, model.fine.layers[0].u[0]]).toEqual([3, 1, 128])
})

test.each([
  ['x', 'the config is no JSON object'],
  ['null', 'the config is no JSON object'],
  ['{}', "the config's dc is missing"],
  ['{"dc":[1],"dc_k":[3,3,3],"until":[9],"ac":[4],"refine":[]}', "the config's ac is no such list"],
])('a config of %s is refused by name', (config, message) => {
  expect(() => readPrototype(writeSafetensors({ config }, new Map()), 'small', true)).toThrow(message)
})

test.each([
  ['ac.0.block.a.weight', NaN, 'fine.0.block.hidden.weights is NaN'],
  ['closing.bias', Infinity, 'closing.bias is Infinity'],
  ['dc.1.scale', 0, 'coarse.1.scaleBase is -Infinity'],
])('%s with %d is refused: no shift would fit', (name, value, message) => {
  const file = weights((tensors) => (tensors.get(name)!.data[0] = value))
  expect(() => readPrototype(file, 'small', true)).toThrow(message)
})

test.each([
  ['rate0.bias', 200, 'tensor coarse.start is 51200'],
  ['ac.0.nodes', -150, 'tensor fine.0.u is -38400'],
])('%s of %d is refused by the quantiser: it would wrap', (name, value, message) => {
  const file = weights((tensors) => (tensors.get(name)!.data[0] = value))
  const float = readPrototype(file, 'small', true)
  // Any ranges do: nothing of the picture matters here.
  const output = { get: () => new Float64Array(4096).fill(8000) } as unknown as Map<string, Float64Array>
  expect(() => quantise(float, { input: new Map(), output })).toThrow(message)
})
