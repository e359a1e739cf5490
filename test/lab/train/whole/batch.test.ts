import { expect, test } from 'vitest'
import { drawBatch, meanOf, pictureSetFor, samplesOf } from '../../../../src/lab/train/whole/batch.js'
import { randomFrom } from '../../../../src/network/uniform.js'
import { blobs } from './tiny.js'

const SET = { width: 3, height: 2, components: 1, count: 2, data: Uint8Array.of(0, 64, 128, 192, 255, 1, 9, 9, 9, 9, 9, 9), labels: null } as const // prettier-ignore
const STILL = { mirror: false, shift: 0, resize: false, validation: 0 }
const one = (changes: object) => [{ index: 0, mirrored: false, down: 0, across: 0, ...changes }]

test('samples in units of 64 grey levels around 128', () => {
  expect([...samplesOf(SET, one({}))]).toEqual([-2, -1, 0, 1, 127 / 64, -127 / 64])
})

test('mirrored, and moved with edges repeated', () => {
  const pixels = (changes: object): number[] => [...samplesOf(SET, one(changes))].map((x) => 64 * x + 128)
  expect(pixels({ mirrored: true })).toEqual([128, 64, 0, 1, 255, 192])
  expect(pixels({ across: 1 })).toEqual([64, 128, 128, 255, 1, 1])
  expect(pixels({ down: -1 })).toEqual([0, 64, 128, 0, 64, 128])
})

test('Chain Dropout: one draw a choice for the whole batch, then an index for each picture; the right share', () => {
  const draw = (chainDropout: number) =>
    drawBatch({ count: 10 }, { batch: 8, chainDropout, data: STILL }, 4, 1000, randomFrom(1))
  expect(draw(0).dropped.every((x) => x === null)).toBe(true)
  const dropped = draw(0.05).dropped.flatMap((x) => (x ? [x] : []))
  expect(dropped.length).toBeGreaterThan(25)
  expect(dropped.length).toBeLessThan(80)
  expect(dropped.every((x) => x.length === 8)).toBe(true)
  const counts = [0, 0, 0, 0]
  for (const all of draw(1).dropped) for (const k of all!) counts[k]++
  for (const count of counts) expect(Math.abs(count / 2000 - 1)).toBeLessThan(0.1)
})

test('pictures are drawn from all of the set', () => {
  const { pictures } = drawBatch({ count: 5 }, { batch: 200, chainDropout: 0, data: STILL }, 2, 1, randomFrom(2))
  expect(new Set(pictures.map(({ index }) => index)).size).toBe(5)
  const moved = { ...STILL, mirror: true, shift: 2 }
  const others = drawBatch({ count: 5 }, { batch: 200, chainDropout: 0, data: moved }, 2, 1, randomFrom(2)).pictures
  expect(new Set(others.map(({ down }) => down))).toEqual(new Set([-2, -1, 0, 1, 2]))
  expect(others.filter(({ mirrored }) => mirrored).length).toBeGreaterThan(60)
})

test('data that a network cannot take is a named error', () => {
  const size = { width: 8, height: 4, components: 1, classes: 3 } as const
  const set = blobs(3)
  expect(pictureSetFor(set, size)).toBe(set)
  expect(() => pictureSetFor({ photographs: [], drawings: [] }, size)).toThrow('data is photographs')
  expect(() => pictureSetFor(set, { ...size, width: 9 })).toThrow('is 8×4 in grey, allowed is 9×4 in grey')
  expect(() => pictureSetFor({ ...set, labels: null }, size)).toThrow('without labels')
  expect(() => pictureSetFor(set, { ...size, classes: 2 })).toThrow('with the label 2, allowed is labels of 2 classes')
  expect(pictureSetFor({ ...set, labels: null }, { ...size, classes: 0 }).count).toBe(3)
})

test('the mean of the pictures, by component', () => {
  expect(meanOf({ ...SET, components: 1 })[0]).toBeCloseTo((694 / 12 - 128) / 64, 9)
  const colour = {
    width: 1,
    height: 1,
    components: 3,
    count: 2,
    data: Uint8Array.of(0, 128, 192, 0, 128, 255),
  } as const
  expect(meanOf({ ...colour, labels: null })).toEqual([-2, 0, 95.5 / 64])
})
