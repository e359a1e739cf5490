import { expect, test } from 'vitest'
import { picturesOfIdx, readIdx } from '../../../src/lab/data/idx.js'
import { pictureAt } from '../../../src/lab/data/pictureSet.js'
import { faultOf } from './fault.js'

/** Two pictures of 2 rows and 3 columns. */
const IMAGES = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...Array.from({ length: 12 }, (_, i) => i))
const LABELS = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)

test('pictures and labels, sides big-endian', () => {
  expect(readIdx(LABELS, 'labels')).toEqual({ shape: [2], data: Uint8Array.of(7, 9) })
  const set = picturesOfIdx(readIdx(IMAGES, 'images'), readIdx(LABELS, 'labels'))
  expect(set).toMatchObject({ width: 3, height: 2, components: 1, count: 2, labels: Uint8Array.of(7, 9) })
  expect(pictureAt(set, 1)).toEqual({ width: 3, height: 2, components: 1, data: Uint8Array.of(6, 7, 8, 9, 10, 11) })
})

test('every cut, and every byte too many, is named', () => {
  for (let length = 4; length < IMAGES.length; length++) {
    expect(faultOf(() => readIdx(IMAGES.subarray(0, length), 'f'))).toMatchObject({ tag: 'Truncated', have: length })
  }
  expect(faultOf(() => readIdx(Uint8Array.of(...IMAGES, 0), 'f'))).toMatchObject({ tag: 'Corrupt', where: 'f' })
})

test('another signature, type or number of sides is no IDX of bytes', () => {
  for (const start of [[], [0, 0, 8], [1, 0, 8, 1], [0, 1, 8, 1], [0, 0, 9, 1], [0, 0, 8, 0], [0, 0, 8, 5]]) {
    expect(faultOf(() => readIdx(Uint8Array.from(start), 'f'))).toMatchObject({ tag: 'BadSignature' })
  }
})

test('sides are bounded before anything is read by them', () => {
  const huge = Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255)
  expect(faultOf(() => readIdx(huge, 'f'))).toMatchObject({ tag: 'LimitExceeded', limit: 2 ** 30 })
})

test('shapes that are no pictures, and labels of other pictures', () => {
  const [images, labels] = [readIdx(IMAGES, 'f'), readIdx(LABELS, 'f')]
  expect(faultOf(() => picturesOfIdx(labels, null))).toMatchObject({ tag: 'Corrupt', found: 'of shape 2' })
  const one = readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7), 'f')
  expect(faultOf(() => picturesOfIdx(images, one))).toMatchObject({ tag: 'Corrupt', found: 'of shape 1' })
})
