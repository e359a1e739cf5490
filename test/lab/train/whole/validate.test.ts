import { expect, test } from 'vitest'
import { loadBackend } from '../../../../src/lab/train/backend.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { beginRun, saveRun } from '../../../../src/lab/train/run.js'
import { trainStep } from '../../../../src/lab/train/step.js'
import { cutsOf, validateWhole } from '../../../../src/lab/train/whole/validate.js'
import { blobs, wholeRecipe } from './tiny.js'

const ops = operations(await loadBackend('cpu'))
const SET = blobs(24)

test('paths are cut at tenths of their choices', () => {
  expect(cutsOf(3)).toEqual([1, 2, 3])
  expect(cutsOf(12)).toEqual([2, 3, 4, 5, 6, 8, 9, 10, 11, 12])
  expect(cutsOf(120)).toEqual([12, 24, 36, 48, 60, 72, 84, 96, 108, 120])
})

test('validation: errors of cut paths at full size, use of candidates; the run stays as it was', async () => {
  const run = beginRun(ops, wholeRecipe(), SET, { steps: 8, minutes: null })
  for (let i = 0; i < 3; i++) await trainStep(ops, run, SET)
  const before = await saveRun(run, 0)
  const { step, rates, usage, dead } = await validateWhole(ops, run, SET)
  expect(await saveRun(run, 0)).toEqual(before)
  expect([step, rates.map(({ at }) => at)]).toEqual([3, [1, 2, 3, 4]])
  for (const { at, bits, loss, psnr } of rates) {
    expect(bits).toBe(at * Math.log2(3))
    expect(psnr).toBeCloseTo(10 * Math.log10(255 ** 2 / loss), 9)
  }
  expect([usage.length, dead.length]).toEqual([4, 4])
  const aborted = AbortSignal.abort(new Error('enough'))
  await expect(validateWhole(ops, run, SET, aborted)).rejects.toThrow('enough')
})
