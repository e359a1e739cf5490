/** Training of whole-image networks: the same run, checkpoints, teams and log as photographs have. */
import { beforeAll, describe, expect, test } from 'vitest'
import { loadBackend } from '../../../../src/lab/train/backend.js'
import { readCheckpoint } from '../../../../src/lab/train/checkpoint.js'
import { operations, type Operations } from '../../../../src/lab/train/operations.js'
import { beginRun, resumeRun, saveRun, type Run } from '../../../../src/lab/train/run.js'
import { numbersSummed, trainStep } from '../../../../src/lab/train/step.js'
import type { Team } from '../../../../src/lab/train/team.js'
import { validateWhole } from '../../../../src/lab/train/whole/validate.js'
import { blobs, UNET_STAGES, wholeRecipe } from './tiny.js'

const SET = blobs(24)
const STEPS = 8
const SWITCHES = {
  chainDropout: 0.3,
  splitAndPrune: { interval: 1, split: 2, prune: 0.5, until: 0.9 },
  balancing: { step: 0.01, until: 0.9 },
}

let ops: Operations
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})
const begin = (recipe: string): Run => beginRun(ops, recipe, SET, { steps: STEPS, minutes: null })
const trainTo = async (run: Run, end: number): Promise<Run> => {
  while (run.step < end) await trainStep(ops, run, SET)
  return run
}

describe.each([
  ['single shot', { classes: 3, rank: 2 }],
  ['a UNet, over and over', { stages: UNET_STAGES }],
])('%s', (_, whole) => {
  const recipe = wholeRecipe(whole, { ...SWITCHES, prior: 0.01, data: { mirror: true, shift: 1, resize: false, validation: 0 } }) // prettier-ignore

  test('training that goes on from a checkpoint is the same, to the bit', async () => {
    const run = await trainTo(begin(recipe), 3)
    const halfway = await saveRun(run, 0)
    const end = await saveRun(await trainTo(run, STEPS), 0)
    expect(await saveRun(await trainTo(resumeRun(ops, halfway), STEPS), 0)).toEqual(end)
    const { constants } = readCheckpoint(end)
    expect([...constants.keys()].filter((name) => name.endsWith('.counts')).length).toBe('stages' in whole ? 1 : 4)
  })

  test('a row of the log has every choice: its error and its use; bits where there is a prior', async () => {
    const row = await trainStep(ops, begin(recipe), SET)
    const count = 'stages' in whole ? 3 : 4
    expect([row.step, row.loss.length, row.bits.length, row.usage.length]).toEqual([1, count, count, count])
    for (const loss of row.loss) expect(loss).toBeGreaterThan(100)
    for (const bits of row.bits) {
      if ('rank' in whole) expect(bits).toBeGreaterThan(0.1)
      else expect(bits).toBeNull()
    }
  })
})

test('the counts of a recurrent layer are those of all its steps; Chain Dropout does not touch them', async () => {
  const off = { splitAndPrune: { ...SWITCHES.splitAndPrune, split: 1000, prune: 0 } }
  const run = await trainTo(begin(wholeRecipe({ stages: UNET_STAGES }, { ...off, chainDropout: 1 })), 2)
  const counts = readCheckpoint(await saveRun(run, 0)).constants.get('stage.0.layer.0.counts')!
  expect(counts.shape).toEqual([1, 3])
  expect(counts.data.reduce((a, b) => a + b, 0)).toBe(2 * 4 * 3)
  // The nearest of the first step are those that training without dropout has.
  const first = async (chainDropout: number) => {
    const run = await trainTo(begin(wholeRecipe({}, { ...off, chainDropout })), 1)
    return readCheckpoint(await saveRun(run, 0)).constants.get('stage.0.layer.0.counts')!.data
  }
  expect(await first(1)).toEqual(await first(0))
})

test('Split-and-Prune revives candidates that nobody chooses', async () => {
  const deadAfter = async (training: object): Promise<number> => {
    const recipe = wholeRecipe({ K: 16, residual: false }, { average: 0, ...training })
    const run = await trainTo(beginRun(ops, recipe, SET, { steps: 60, minutes: null }), 60)
    const { dead } = await validateWhole(ops, run, SET)
    return dead.reduce<number>((sum, share) => sum + share!, 0) / dead.length
  }
  const [without, withIt] = [await deadAfter({}), await deadAfter({ splitAndPrune: SWITCHES.splitAndPrune })]
  expect(without).toBeGreaterThan(0.3)
  expect(withIt).toBeLessThan(without - 0.1)
})

test('a step learns, and segments change nothing but the order of sums', async () => {
  const errorOf = ({ loss }: { loss: readonly (number | null)[] }): number => loss.reduce<number>((a, b) => a + b!, 0)
  const run = begin(wholeRecipe())
  const before = errorOf(await trainStep(ops, run, SET))
  for (let i = 0; i < 40; i++) await trainStep(ops, run, SET)
  expect(errorOf(await trainStep(ops, run, SET))).toBeLessThan(0.7 * before)
  const whole = await trainStep(ops, begin(wholeRecipe()), SET)
  const parts = await trainStep(ops, begin(wholeRecipe({}, { segment: 1 })), SET)
  expect(parts.loss).toEqual(whole.loss)
})

test('members of a team together take the step that one takes alone', async () => {
  // The other member's sums, in the order in which they are asked for: first noted, then given.
  const recipe = wholeRecipe({ rank: 2 }, { prior: 0.01 })
  const alone = begin(recipe)
  const row = await trainStep(ops, alone, SET)
  const wanted = readCheckpoint(await saveRun(alone, 0)).trained
  const heard: { shares: number[][]; sums: Float32Array[][] }[] = []
  for (const index of [1, 0]) {
    const own = { shares: [] as number[][], sums: [] as Float32Array[][] }
    const other = heard[0]
    let [shares, sums] = [0, 0]
    const member: Team = {
      index,
      size: 2,
      share(numbers) {
        own.shares.push([...numbers])
        const theirs = other?.shares[shares++] ?? numbers.map(() => 0)
        return index === 0 ? [[...numbers], theirs] : [[...numbers], [...numbers].map(() => 0)]
      },
      sum(arrays) {
        own.sums.push(arrays.map((array) => array.slice()))
        const theirs = other?.sums[sums++]
        return arrays.map((array, i) => array.map((x, j) => x + (theirs?.[i][j] ?? 0)))
      },
    }
    const run = begin(recipe)
    const seen = await trainStep(ops, run, SET, member)
    heard.push(own)
    if (index === 1) continue
    seen.loss.forEach((loss, c) => expect(loss).toBeCloseTo(row.loss[c]!, 2))
    expect(seen.usage).toEqual(row.usage)
    for (const [name, { weight }] of readCheckpoint(await saveRun(run, 0)).trained) {
      wanted.get(name)!.weight.forEach((x, i) => expect(Math.abs(weight[i] - x), name).toBeLessThan(2e-3))
    }
    expect(numbersSummed(run)).toBeGreaterThanOrEqual(Math.max(...own.sums.map((all) => all.reduce((sum, x) => sum + x.length, 0)))) // prettier-ignore
  }
})

test('data of another kind is a named error', async () => {
  await expect(trainStep(ops, begin(wholeRecipe()), { photographs: [], drawings: [] })).rejects.toThrow('photographs')
})
