/** Walks by hand: one channel, no blocks, a picture of one or four pixels. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engineParts } from '../../src/codec/engineParts.js'
import type { Choices, Numbers } from '../../src/engine/engine.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { assembleModel } from '../../src/network/assemble.js'
import { nearest, prior, random, recording, replay } from '../../src/network/guides.js'
import { walk, type Guide } from '../../src/network/walk.js'
import type { PictureCandidates } from '../../src/network/wholeCandidates.js'
import { stepsOf, type WholeImageModel } from '../../src/network/wholeModel.js'
import { averaged, pixelsOf, targetOf } from '../../src/network/wholePicture.js'
import type { StageStructure, WholeImageStructure, WholeLayerStructure } from '../../src/network/wholeStructure.js'
import { openWholeWalk } from '../../src/network/wholeWalk.js'
import { picture, WHOLE_MODELS } from '../micro.js'

const ENGINES = ['reference', 'wasm'] as const

const level = { channels: 1, down: [], up: [], downShift: 0, upShift: 0 }
const layer: WholeLayerStructure = { levels: [level], headShift: 0, poolShift: 2, pictureShift: 1, priorShift: 1 }
const stage: StageStructure = {
  scale: 1,
  channels: 1,
  steps: 1,
  recurrent: false,
  upShift: 1,
  carryShift: 1,
  layers: [layer],
}

/** A model of these tensors; those that are not given are zero. */
function modelOf(
  whole: Partial<WholeImageStructure['whole']>,
  tensors: Readonly<Record<string, readonly number[]>>,
): WholeImageModel {
  const structure: WholeImageStructure = {
    name: 'by-hand',
    profiles: ['plain'],
    whole: {
      width: 1,
      height: 1,
      components: 1,
      patch: 1,
      classes: 0,
      K: 2,
      leak: 0,
      residual: false,
      rank: 0,
      stages: [stage],
      ...whole,
    },
  }
  const kinds = { I8: Int8Array, U8: Uint8Array, I16: Int16Array, I32: Int32Array }
  const pull = (name: string, shape: readonly number[], [type]: readonly (keyof typeof kinds)[]): Numbers => {
    const length = shape.reduce((a, b) => a * b, 1)
    expect(tensors[name]?.length ?? length, name).toBe(length)
    return kinds[type].from(tensors[name] ?? new Array<number>(length).fill(0))
  }
  return assembleModel(structure, pull, new Uint8Array(32))
}

const path = (choices: ArrayLike<number>): Guide => {
  let read = 0
  return replay({ next: (_, { leaves }) => void (leaves[0] = choices[read++]) })
}

describe.each(ENGINES)('%s', (name) => {
  const open = async (model: WholeImageModel, label = 0, choices = 255) =>
    openWholeWalk(await loadEngine(name, engineParts(model)), model, label, choices)

  test('from one pixel to four: entry, candidates with a leak, feedback, prior', async () => {
    const model = modelOf(
      { width: 2, height: 2, leak: 1, residual: true, rank: 1, stages: [{ ...stage, scale: 2 }, stage] },
      {
        'stage.0.start': [256],
        'stage.0.layer.0.candidates.weights': [1, -1, -2, 2],
        'stage.0.layer.0.feedback.weights': [1, 2],
        'stage.0.layer.0.feedback.shift': [1],
        'stage.1.up.weights': [1, 2, 3, 4],
        'stage.1.up.bias': [0, 0, 0, -10],
        'stage.1.layer.0.candidates.weights': [1, 0, -1, 0],
        'stage.1.layer.0.candidates.shift': [2, 0, 2, 0],
        'stage.1.layer.0.z.weights': [1],
        'stage.1.layer.0.priorTable': [0, 1],
      },
    )
    const state = await open(model)
    const seen: unknown[] = []
    const watching = recording<PictureCandidates>(path([1, 0]), (candidates) => {
      const { pictureSize, layer: own } = candidates
      seen.push([own.name, pictureSize, ...[0, 1].map((k) => [...candidates.picture(k)])])
      seen.push([0, 1].map((k) => [...candidates.leak(k)]))
      seen.push([...candidates.frequencies().subarray(0, 2)])
    })
    // a = 256; of candidate 1 the feedback is ((−512 + 1) >> 1) + 2·512 = 768, shifted 384.
    const trunks: number[][] = []
    for (const _ of walk(state, watching)) trunks.push([...state.h.slice(0, 4)])
    expect(trunks[0][0]).toBe(640)
    // up: a = (640 + 1) >> 1 = 320. Nothing is fed back behind the last choice.
    expect(trunks[1]).toEqual([320, 640, 960, 1270])
    const e = Math.round(65536 * Math.exp(-399 / 256)) // the pool is (3190 + 2) >> 2 = 798, a logit (798 + 1) >> 1
    const f = 1 + Math.floor((e * 32766) / (e + 65536))
    expect(seen).toEqual([
      ['stage.0.layer.0', { width: 1, height: 1 }, [256], [-512]],
      [[-256], [512]],
      [16384, 16384],
      ['stage.1.layer.0', { width: 2, height: 2 }, [-432, -352, -272, -194], [-592, -672, -752, -829]],
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      [f, 32768 - f],
    ])
    expect([...state.picture()]).toEqual([-432, -352, -272, -194])
  })

  test('the same layer three times: carry, class and step enter each time', async () => {
    const model = modelOf(
      { classes: 2, stages: [{ ...stage, steps: 3, recurrent: true, layers: [{ ...layer, pictureShift: 2 }] }] },
      {
        'stage.0.start': [100],
        'stage.0.class': [0, 7],
        'stage.0.step': [1, 20, 300],
        'stage.0.carry.weights': [2],
        'stage.0.layer.0.candidates.weights': [1, -1],
        'stage.0.layer.0.feedback.weights': [1],
      },
    )
    const state = await open(model, 1)
    const trail: number[][] = []
    for (const _ of walk(state, path([0, 1, 0]))) trail.push([state.picture()[0], state.h[0]])
    expect(trail).toEqual([
      [108, 135], // h = 100 + 7 + 1; the feedback is (108 + 2) >> 2
      [-263, 197], // h = 100 + 2·68 + 7 + 20; (−263 + 2) >> 2 is −66
      [605, 605], // h = 100 + 2·99 + 7 + 300, and no feedback
    ])
  })

  test('two levels: down, and back up', async () => {
    const model = modelOf(
      { width: 2, height: 2, stages: [{ ...stage, layers: [{ ...layer, levels: [level, level] }] }] },
      {
        'stage.0.start': [64, 128, 192, 256],
        'stage.0.layer.0.level.0.downTo.weights': [1, 1, 1, 1],
        'stage.0.layer.0.level.0.downTo.shift': [1],
        'stage.0.layer.0.level.0.upFrom.weights': [1, 2, 0, -1],
        'stage.0.layer.0.candidates.weights': [1, -1],
      },
    )
    const state = await open(model)
    expect([...walk(state, path([0]))].length).toBe(1)
    expect([...state.h.slice(0, 4)]).toEqual([384, 768, 192, -64])
    expect([...state.picture()]).toEqual([384, 768, 192, 0])
  })

  test('trunk and picture saturate', async () => {
    const model = modelOf(
      { classes: 1 },
      {
        'stage.0.start': [-32768],
        'stage.0.class': [32767],
        'stage.0.layer.0.candidates.weights': [127, -128],
        'stage.0.layer.0.candidates.bias': [100000, -100000],
      },
    )
    for (const [k, grey] of [8192, -8192].entries()) {
      const state = await open(model)
      expect([...walk(state, path([k]))].length).toBe(1)
      expect(state.h[0]).toBe(-32512 + 32767)
      expect([...state.picture()]).toEqual([grey])
    }
  })

  test('a walk that ends early is doubled to the full size; one that never begins is grey', async () => {
    const [shot] = WHOLE_MODELS
    const begun = await open(shot, 0, 1)
    expect([...walk(begun, path([2]))].map(({ name: step }) => step)).toEqual(['stage.0.layer.0'])
    expect(begun.picture().length).toBe(256)
    const grey = await open(shot)
    expect([...walk(grey, null)]).toEqual([])
    expect(new Set(pixelsOf(grey.picture()))).toEqual(new Set([128]))
  })

  test.each(WHOLE_MODELS)('$name: nearest takes the least squared error, of equals the first', async (model) => {
    const { inside, K } = model
    const engine = await loadEngine(name, engineParts(model))
    const source = picture(model.width, model.height, model.components, 'noise')
    const target = targetOf(engine, source, model.patch)
    const state = openWholeWalk(engine, model, 0, 255)
    let compared = 0
    const checked = recording<PictureCandidates>(nearest(target), (candidates, { leaves }) => {
      const scale = inside.width / candidates.pictureSize.width
      const wanted = averaged(engine, target, inside, inside.components, scale)
      const errors = Array.from({ length: K }, (_, k) =>
        Array.from(candidates.picture(k)).reduce((sum, x, i) => sum + (x - wanted[i]) ** 2, 0),
      )
      const distance = candidates.distanceTo(target)
      expect(errors).toEqual(errors.map((_, k) => distance.of(0, k, 0)))
      expect(leaves[0]).toBe(errors.indexOf(Math.min(...errors)))
      compared++
    })
    for (const _ of walk(state, checked));
    expect(compared).toBe(stepsOf(model).length)
  })

  test('a model without a prior says so', async () => {
    const state = await open(WHOLE_MODELS[1])
    expect(() => [...walk(state, prior(1))]).toThrow('prior is asked for, allowed is a model that has one')
  })
})

test.each([-1, 3, 0.5])('class %s is refused', async (label) => {
  const conditional = WHOLE_MODELS[2]
  const engine = await loadEngine('reference', engineParts(conditional))
  expect(() => openWholeWalk(engine, conditional, label, 4)).toThrow(`label is ${label}, allowed is 0…2`)
  expect(() => openWholeWalk(engine, WHOLE_MODELS[0], 1, 4)).toThrow('has no classes')
})

test('any path is the same picture on both engines', async () => {
  const anyPath = fc.constantFrom(...WHOLE_MODELS).chain((model) =>
    fc.record({
      model: fc.constant(model),
      label: fc.nat(Math.max(0, model.classes - 1)),
      choices: fc.array(fc.nat(model.K - 1), { maxLength: stepsOf(model).length }),
    }),
  )
  const engines = new Map(
    await Promise.all(
      WHOLE_MODELS.map(async (model) => {
        const both = await Promise.all(ENGINES.map((name) => loadEngine(name, engineParts(model))))
        return [model, both] as const
      }),
    ),
  )
  fc.assert(
    fc.property(anyPath, ({ model, label, choices }) => {
      const [plain, fast] = engines.get(model)!.map((engine) => {
        const state = openWholeWalk(engine, model, label, choices.length)
        const trail: number[] = []
        for (const _ of walk(state, path(choices))) trail.push(...state.h)
        return { trail, picture: [...state.picture()] }
      })
      expect(plain).toEqual(fast)
    }),
    { numRuns: 60 },
  )
})

test('a decoder evaluates the chosen candidate alone', async () => {
  for (const model of WHOLE_MODELS) {
    const engine = await loadEngine('reference', engineParts(model))
    const outputs: number[] = []
    const counting = {
      ...engine,
      conv1x1(...call: Parameters<typeof engine.conv1x1>) {
        expect(call[0].name).not.toMatch(/\.(candidates|z)$/)
        engine.conv1x1(...call)
      },
      conv1x1Outputs(...call: Parameters<typeof engine.conv1x1Outputs>) {
        outputs.push(call[4] - call[3])
        engine.conv1x1Outputs(...call)
      },
    }
    const state = openWholeWalk(counting, model, 0, 255)
    const chosen: number[] = []
    const listening = recording(random(3), (_, { leaves }: Choices) => chosen.push(leaves[0]))
    for (const _ of walk(state, listening));
    const each = model.inside.components + model.leak
    // Picture and leak of one candidate a step; behind the last step no leak.
    expect(outputs.reduce((a, b) => a + b, 0)).toBe(chosen.length * each - model.leak)
  }
})
