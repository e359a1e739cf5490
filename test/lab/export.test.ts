import { expect, test } from 'vitest'
import { exportModel, measureCost, standardError } from '../../src/lab/quantise/export.js'
import { loadBackend } from '../../src/lab/train/backend.js'
import { drawScreen } from '../../src/lab/train/drawing.js'
import { operations } from '../../src/lab/train/operations.js'
import { beginRun, floatModelOfCheckpoint, saveRun } from '../../src/lab/train/run.js'
import { picture } from '../micro.js'
import { tinyRecipe } from './train/tiny.js'

const recipe = await tinyRecipe({ sizes: [{ from: 0, batch: 1, crop: 16 }] })
const data = { photographs: [drawScreen(1, 64)], drawings: [] }
const run = beginRun(operations(await loadBackend('cpu')), recipe, data, { steps: 1, minutes: null })
const float = floatModelOfCheckpoint(await saveRun(run, 0))
const pictures = [picture(40, 32, 3, 'noise')]

test('integers cost little', async () => {
  const { model } = await exportModel(float, pictures, {})
  const [{ floatPsnr, psnr, floatBits, bits }] = await measureCost(float.model, model, pictures, [20])
  expect(Math.abs(psnr - floatPsnr)).toBeLessThan(0.2)
  expect(Math.abs(bits / floatBits - 1)).toBeLessThan(0.05)
})

test('the error of a mean', () => {
  expect(standardError([1, 3])).toBe(1)
  // mean 4, squares 9 + 9 + 9 + 9 = 36, of 3·4 numbers: √3
  expect(standardError([1, 7, 1, 7])).toBe(Math.sqrt(3))
  expect(standardError([2, 2, 2])).toBe(0)
  expect(standardError([2])).toBeNaN()
})

test('the cost comes with the error of its mean over the pictures', async () => {
  const { model } = await exportModel(float, pictures, {})
  const two = [picture(40, 32, 3, 'noise'), picture(32, 24, 3, 'noise')]
  const costOf = async (of: typeof two): Promise<number> => {
    const [{ psnr, floatPsnr }] = await measureCost(float.model, model, of, [20])
    return psnr - floatPsnr
  }
  const [{ error }] = await measureCost(float.model, model, two, [20])
  // of two numbers: half their distance
  expect(error).toBeCloseTo(Math.abs((await costOf([two[0]])) - (await costOf([two[1]]))) / 2, 12)
})

test('a model that is too large has 8 bits where they matter least, and no others fewer', async () => {
  const usual = await exportModel(float, pictures, {})
  const small = await exportModel(float, pictures, {}, { usualBytes: usual.bytes.length - 1 })
  expect(small.bytes.length).toBeLessThan(usual.bytes.length)
  const widthsOf = ({ model: { coarse, fine } }: typeof usual) =>
    [coarse, fine].map(({ layers }) => layers.map(({ feedback }) => feedback.weights.BYTES_PER_ELEMENT))
  expect(widthsOf(usual)).toEqual([[2], [2, 2]])
  expect(widthsOf(small)).toEqual([[1], [2, 2]])
})
