import { expect, test } from 'vitest'
import { microWholeParts } from '../../src/lab/quantise/microWhole.js'
import { assembleModel, cellTablesOf, convolutionsOf } from '../../src/network/assemble.js'
import { stepsOf } from '../../src/network/wholeModel.js'
import { WHOLE_MODELS } from '../micro.js'

const [shot, recur, conditional] = WHOLE_MODELS

test('every tensor of SPEC 4.7 is asked for by its name and shape, and no other', () => {
  const { structure } = microWholeParts('recur')
  const asked: string[] = []
  assembleModel(
    structure,
    (name, shape) => {
      if (!/\.(bias|shift)$/.test(name)) asked.push(`${name} ${shape.join('×')}`)
      return new Int16Array(shape.reduce((a, b) => a * b, 1))
    },
    new Uint8Array(32),
  )
  const layer = 'stage.0.layer.0'
  expect(asked.sort()).toEqual(
    [
      'stage.0.start 96×6',
      'stage.0.step 7×6',
      'stage.0.carry.weights 6×1×1×6',
      `${layer}.level.0.down.0.hidden.weights 4×3×3×6`,
      `${layer}.level.0.down.0.output.weights 6×1×1×4`,
      `${layer}.level.0.downTo.weights 10×1×1×24`,
      `${layer}.level.1.down.0.hidden.weights 6×3×3×10`,
      `${layer}.level.1.down.0.output.weights 10×1×1×6`,
      `${layer}.level.1.down.1.hidden.weights 4×3×3×10`,
      `${layer}.level.1.down.1.output.weights 10×1×1×4`,
      `${layer}.level.0.upFrom.weights 24×1×1×10`,
      `${layer}.level.0.up.0.hidden.weights 5×3×3×6`,
      `${layer}.level.0.up.0.output.weights 6×1×1×5`,
      `${layer}.candidates.weights 6×1×1×6`,
      `${layer}.feedback.weights 6×1×1×3`,
    ].sort(),
  )
})

test('a convolution is listed once, however often its layer is walked', () => {
  for (const model of WHOLE_MODELS) {
    const names = convolutionsOf(model).map(({ convolution }) => convolution.name)
    expect(new Set(names).size).toBe(names.length)
  }
  const signedOf = convolutionsOf(shot).flatMap(({ convolution, input }) =>
    input === 'signed' ? convolution.name : [],
  )
  expect(signedOf.length).toBe(5)
  for (const name of signedOf) expect(name).toMatch(/\.feedback$/)
})

test('layers with a prior have tables for the engine', () => {
  expect(cellTablesOf(shot).length).toBe(5)
  expect(cellTablesOf(recur)).toEqual([])
  expect(cellTablesOf(conditional).length).toBe(1)
})

test('steps: a layer each, or one layer again and again', () => {
  expect(stepsOf(shot).map(({ name, index }) => [name, index])).toEqual([
    ['stage.0.layer.0', 0],
    ['stage.0.layer.1', 1],
    ['stage.1.layer.0', 0],
    ['stage.1.layer.1', 1],
    ['stage.1.layer.2', 2],
  ])
  const again = stepsOf(recur)
  expect(again.map(({ name }) => name)).toEqual(Array.from({ length: 7 }, (_, t) => `stage.0.step.${t}`))
  expect(new Set(again.map(({ layer }) => layer)).size).toBe(1)
})
