import fc from 'fast-check'
import { expect, test } from 'vitest'
import { settingNear } from '../../../src/lab/bench/equalBytes.js'

test('finds the nearest of a hundred qualities with few files', () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 90_000 }), async (wanted) => {
      const size = (quality: number): number => Math.round(200 * 1.06 ** quality)
      let files = 0
      const found = await settingNear([1, 100, 1], new Map(), wanted, async (quality) => {
        files++
        return size(quality)
      })
      const away = (quality: number): number => Math.abs(Math.log(size(quality) / wanted))
      const best = Math.min(...Array.from({ length: 100 }, (_, at) => away(at + 1)))
      expect(away(found)).toBeLessThanOrEqual(Math.max(best, 0.01))
      expect(files).toBeLessThanOrEqual(9)
    }),
  ))

test('a dial may fall, in decimal steps, and what is known is not made again', async () => {
  const known = new Map([
    [1, 40_000],
    [8, 5000],
  ])
  const tried: number[] = []
  const found = await settingNear([25, 0.05, 0.05], known, 20_000, async (distance) => {
    tried.push(distance)
    return 40_000 / distance
  })
  expect(found).toBeCloseTo(2, 1)
  expect(tried).not.toContain(25)
  for (const distance of tried) expect(String(distance).length).toBeLessThanOrEqual(5)
})

test('a size beyond either end gives that end', async () => {
  const size = async (quality: number): Promise<number> => 100 * quality
  expect(await settingNear([1, 9, 1], new Map(), 5, size)).toBe(1)
  expect(await settingNear([1, 9, 1], new Map(), 5000, size)).toBe(9)
})
