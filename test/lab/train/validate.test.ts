import { beforeAll, expect, test } from 'vitest'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { beginRun, saveRun, type Run } from '../../../src/lab/train/run.js'
import { trainStep } from '../../../src/lab/train/step.js'
import { centreOf, logLambdasIn, oneOfEach, validate } from '../../../src/lab/train/validate.js'
import type { Picture } from '../../../src/network/picture.js'
import { tinyRecipe } from './tiny.js'

const DATA = { photographs: [drawScreen(1, 192)], drawings: [] }
const CROPS = [2, 3].map((seed) => centreOf(drawScreen(seed, 40))!)

let ops: Operations
let run: Run
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
  const recipe = await tinyRecipe({ sizes: [{ from: 0, batch: 1, crop: 16 }] })
  run = beginRun(ops, recipe, DATA, { steps: 12, minutes: null })
  for (let i = 0; i < 11; i++) await trainStep(ops, run, DATA)
})

test('one view of each photograph, evenly over the list', () => {
  const files = ['a-1d', 'a-1s', 'b-2s', 'b-3s', 'c-4d', 'c-4s'].map((name) => ({ name }))
  const names = (most: number): string[] => oneOfEach(files, most).map(({ name }) => name)
  expect(names(12)).toEqual(['a-1d', 'b-2s', 'b-3s', 'c-4d'])
  expect(names(2)).toEqual(['b-2s', 'c-4d'])
  expect(oneOfEach([])).toEqual([])
})

test('the middle of a picture, in whole blocks, grey as colours', () => {
  const grey: Picture = { width: 10, height: 8, components: 1, data: Uint8Array.from({ length: 80 }, (_, i) => i) }
  const { side, data } = centreOf(grey)!
  expect(side).toBe(8)
  // One column is cut away at either side.
  expect([...data.subarray(0, 6)]).toEqual([1, 1, 1, 2, 2, 2])
  expect([...data.subarray(-3)]).toEqual([78, 78, 78])
  expect(centreOf({ ...grey, width: 80, height: 1 })).toBe(null)
  expect(centreOf({ width: 500, height: 300, components: 3, data: new Uint8Array(450_000) })?.side).toBe(160)
})

test('rates within the range of training', () => {
  expect(logLambdasIn([1, 8.3])).toEqual([1.5, 3.2, 4.5, 5.5, 6.5])
  expect(logLambdasIn([3, 5])).toEqual([3, 3.2, 4.5, 5])
  expect(logLambdasIn([8, 8.3])).toEqual([8])
})

test('says rate, quality, loss and use of candidates', async () => {
  const { step, rates, usage, dead } = await validate(ops, run, CROPS)
  expect([step, usage.length, dead.length]).toEqual([11, 3, 3])
  expect(rates.map(({ at }) => at)).toEqual([1.5, 3.2, 4.5, 5.5, 6.5])
  for (const { at: logLambda, loss, bits, psnr } of rates) {
    expect(bits).toBeGreaterThan(0)
    expect(psnr).toBeGreaterThan(0)
    // (D + λ·bits) / pixels
    expect(loss).toBeGreaterThan(Math.exp(logLambda) * bits)
  }
  for (const share of [...usage, ...dead]) {
    expect(share).toBeGreaterThanOrEqual(0)
    expect(share).toBeLessThanOrEqual(1)
  }
})

test('an exact loss: D is that of the PSNR, up to the rounding of pixels', async () => {
  const [{ at: logLambda, loss, bits, psnr }] = (await validate(ops, run, CROPS.slice(0, 1))).rates
  const squares = 3 * 255 ** 2 * 10 ** (-psnr / 10)
  expect(Math.abs((loss - Math.exp(logLambda) * bits) / squares - 1)).toBeLessThan(0.15)
})

test('nothing of the run changes, and nothing stays in memory', async () => {
  const before = await saveRun(run, 0)
  const tensors = ops.tf.memory().numTensors
  const first = await validate(ops, run, CROPS)
  expect(await saveRun(run, 0)).toEqual(before)
  expect(ops.tf.memory().numTensors).toBe(tensors)
  expect(await validate(ops, run, CROPS)).toEqual(first)
})

test('the averaged weights are what is looked at', async () => {
  const averaged = await validate(ops, run, CROPS)
  run.adam.average(0) // they become those of the last step
  expect((await validate(ops, run, CROPS)).rates[0].loss).not.toBe(averaged.rates[0].loss)
})

test('stops when it is told to, and leaves the run as it was', async () => {
  const before = await saveRun(run, 0)
  const reason = new Error('Ctrl-C')
  await expect(validate(ops, run, CROPS, AbortSignal.abort(reason))).rejects.toBe(reason)
  expect(await saveRun(run, 0)).toEqual(before)
})
