import { expect, test } from 'vitest'
import { hasClass } from '../../src/network/wholeModel.js'

test('classes are 0 up to their number; a model without any has 0 alone', () => {
  const labels = [-1, 0, 1, 2, 3, 0.5, NaN]
  expect(labels.filter((label) => hasClass({ classes: 3 }, label))).toEqual([0, 1, 2])
  expect(labels.filter((label) => hasClass({ classes: 0 }, label))).toEqual([0])
})
