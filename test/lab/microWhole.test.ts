/** The micro-models of whole pictures: the same everywhere, every number in use, and alike in floats. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { engineParts } from '../../src/codec/engineParts.js'
import type { Numbers } from '../../src/engine/engine.js'
import { reference } from '../../src/engine/reference.js'
import { floatEngine } from '../../src/lab/quantise/floatEngine.js'
import { microWholeFile, microWholeParts, type MicroWholeName } from '../../src/lab/quantise/microWhole.js'
import { assembleModel } from '../../src/network/assemble.js'
import { nearest, recording, replay } from '../../src/network/guides.js'
import { readModel, writeModel } from '../../src/network/modelFile.js'
import type { Tensor } from '../../src/network/safetensors.js'
import { walk } from '../../src/network/walk.js'
import { stepsOf, type WholeImageModel } from '../../src/network/wholeModel.js'
import { targetOf } from '../../src/network/wholePicture.js'
import { openWholeWalk } from '../../src/network/wholeWalk.js'
import { picture } from '../micro.js'

const NAMES = ['shot', 'recur', 'class'] as const
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const load = async (bytes: Uint8Array): Promise<WholeImageModel> => {
  const model = await readModel(bytes)
  if (model.kind !== 'whole') throw new Error('no whole-image model')
  return model
}

describe.each(NAMES)('%s', (name) => {
  test('is the same bytes on every machine', () => {
    const bytes = microWholeFile(name)
    expect(sha256(bytes)).toMatchSnapshot()
    expect(bytes.length).toBeLessThanOrEqual(16384)
  })

  test('every tensor counts: another number in it gives another walk', async () => {
    const parts = microWholeParts(name)
    const outcome = async (tensors: ReadonlyMap<string, Tensor>): Promise<string> => {
      const model = await load(writeModel(parts.structure, tensors))
      const { width, height, components, classes } = model
      const seen: unknown[] = []
      for (let label = 0; label < Math.max(1, classes); label++) {
        const state = openWholeWalk(reference, model, label, 255)
        const target = targetOf(reference, picture(width, height, components, 'noise'), model.patch)
        const guide = recording(nearest(target), (candidates, { leaves }) => {
          const distance = candidates.distanceTo(target)
          for (let k = 0; k < model.K; k++) seen.push(distance.of(0, k, 0))
          seen.push(leaves[0], model.rank > 0 && [...candidates.frequencies()])
        })
        for (const _ of walk(state, guide));
        seen.push([...state.picture()])
      }
      return JSON.stringify(seen)
    }
    const original = await outcome(parts.tensors)
    const idle: string[] = []
    for (const [tensor, { shape, data }] of parts.tensors) {
      const step = /bias$/i.test(tensor) ? 20000 : 300
      const changed = data.map((x, i) => {
        if (tensor.endsWith('.shift')) return x + 1
        if (tensor.endsWith('.weights')) return -x
        // Logits that all rise alike are the same prior.
        return /prior/.test(tensor) && i > 0 ? x : x + step
      })
      if ((await outcome(new Map([...parts.tensors, [tensor, { shape, data: changed }]]))) === original)
        idle.push(tensor)
    }
    // What the last layer feeds back, nobody reads.
    expect(idle).toEqual(
      name === 'shot' ? ['weights', 'bias', 'shift'].map((of) => `stage.1.layer.2.feedback.${of}`) : [],
    )
  })

  test('in floats, with the same weights, the same path is nearly the same picture', async () => {
    const integers = await load(microWholeFile(name))
    const floats = floatModelOf(name)
    const { width, height, components } = integers
    const target = targetOf(reference, picture(width, height, components, 'noise'), integers.patch)
    const path: number[] = []
    const priors: number[][] = []
    const exact = openWholeWalk(reference, integers, 0, 255)
    const guide = recording(nearest(target), (candidates, { leaves }) => {
      path.push(leaves[0])
      if (integers.rank > 0) priors.push([...candidates.frequencies()])
    })
    for (const _ of walk(exact, guide));
    let read = 0
    const smooth = openWholeWalk(floatEngine, floats, 0, 255)
    const again = recording(replay({ next: (_, { leaves }) => void (leaves[0] = path[read]) }), (candidates) => {
      if (integers.rank > 0) {
        const own = candidates.frequencies()
        priors[read].forEach((f, k) => expect(Math.abs(own[k] - f) / 32768).toBeLessThan(0.02))
      }
      expect(Number.isFinite(candidates.distanceTo(target).of(0, path[read++], 0))).toBe(true)
    })
    for (const _ of walk(smooth, again));
    expect(read).toBe(stepsOf(integers).length)
    const [a, b] = [exact.picture(), smooth.picture()]
    let difference = 0
    for (let i = 0; i < a.length; i++) difference += Math.abs(a[i] - b[i]) / 64 / a.length
    // Grey levels. A picture spans a hundred; the floats are neither rounded nor clipped to 8191 between layers.
    expect(difference).toBeLessThan(8)
    expect(difference).toBeGreaterThan(0)
  })
})

/** The same network without shifts: what the integers stand for. */
function floatModelOf(name: MicroWholeName): WholeImageModel {
  const { structure, tensors } = microWholeParts(name)
  const shifts = inputShifts(assembleModel(structure, (tensor) => tensors.get(tensor)!.data, new Uint8Array(32)))
  const layers = structure.whole.stages.flatMap((stage) => stage.layers)
  return assembleModel(
    structure,
    (tensor): Numbers => {
      const { shape, data } = tensors.get(tensor)!
      const of = tensor.replace(/\.(weights|bias|shift)$/, '')
      if (/prior(Table|Bias)$/.test(tensor)) return Float32Array.from(data, (x) => x / 2 ** layers[0].priorShift)
      const outputShift = tensors.get(`${of}.shift`)?.data
      if (of === tensor || !outputShift) return Float32Array.from(data)
      const each = data.length / shape[0]
      const inputs = shape[3] ?? 1
      const isWeight = tensor.endsWith('.weights')
      return Float32Array.from(data, (x, i) => {
        const input = isWeight ? shifts.get(of)!(i % inputs) : 0
        return x / 2 ** (outputShift[Math.floor(i / each)] + input)
      })
    },
    new Uint8Array(32),
  )
}

/** Of every convolution the shift of its input i. */
function inputShifts({ stages, components }: WholeImageModel): Map<string, (input: number) => number> {
  const shifts = new Map<string, (input: number) => number>()
  const put = (convolution: { name: string } | undefined | null, shift: (input: number) => number): void => {
    if (convolution) shifts.set(convolution.name, shift)
  }
  for (const { entry, recurrence, layers } of stages) {
    put(entry?.up, () => entry!.upShift)
    put(recurrence?.carry, () => recurrence!.carryShift)
    for (const layer of layers) {
      for (const { down, up, next } of layer.levels) {
        for (const block of [...down, ...up]) {
          put(block.hidden, () => block.inputShift)
          put(block.output, () => 0)
        }
        put(next?.to, () => next!.downShift)
        put(next?.from, () => next!.upShift)
      }
      put(layer.candidates, () => layer.headShift)
      put(layer.z, () => layer.headShift + layer.poolShift)
      put(layer.feedback, (input) => (input < components ? layer.pictureShift : 0))
    }
  }
  return shifts
}

test('an engine is made with every convolution of them', async () => {
  for (const name of NAMES) {
    const { convolutions, cellTables } = engineParts(await load(microWholeFile(name)))
    expect(convolutions.length).toBe(
      [...microWholeParts(name).tensors.keys()].filter((of) => of.endsWith('.shift')).length,
    )
    expect(cellTables.length).toBe(
      [...microWholeParts(name).tensors.keys()].filter((of) => of.endsWith('.priorBias')).length,
    )
  }
})
