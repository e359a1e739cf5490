import { expect, test } from 'vitest'
import { anyNumber, bytesOf, changed, drawsOf, once, pick } from '../../../src/lab/fuzz/draw.js'

test('draws are those of their seed and index, and 0…most', () => {
  const dice = (seed: number, index: number): number[] => {
    const draw = drawsOf(seed, index)
    return Array.from({ length: 12 }, () => draw(5))
  }
  expect(dice(1, 2)).toEqual(dice(1, 2))
  expect(new Set([dice(1, 2), dice(1, 3), dice(2, 2)].map(String)).size).toBe(3)
  expect(new Set(dice(1, 2).concat(dice(1, 3), dice(1, 4)))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
})

test('what is drawn with the least and with the most', () => {
  const least = (): number => 0
  const most = (end: number): number => end
  expect([pick(least, ['a', 'b']), pick(most, ['a', 'b'])]).toEqual(['a', 'b'])
  expect([once(least, 3), once(most, 3)]).toEqual([true, false])
  expect([bytesOf(least, 3), bytesOf(most, 3)]).toEqual([new Uint8Array(0), Uint8Array.of(255, 255, 255)])
  expect([anyNumber(least), anyNumber(most)]).toEqual([0, 300])
})

test('changed bytes are other bytes in another array, at most 64 longer', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => i)
  const lengths = new Set<number>()
  for (let index = 0; index < 300; index++) {
    const out = changed(drawsOf(1, index), bytes)
    expect(out.length).toBeLessThanOrEqual(20 + 64)
    lengths.add(out.length)
  }
  expect(bytes).toEqual(Uint8Array.from({ length: 20 }, (_, i) => i))
  expect(lengths.size).toBeGreaterThan(20)
  expect(changed(drawsOf(1, 1), new Uint8Array(0)).length).toBeGreaterThanOrEqual(0)
})
