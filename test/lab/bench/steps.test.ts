import { expect, test } from 'vitest'
import { stepsOf } from '../../../src/lab/bench/steps.js'
import { microPlain, onlyPlain } from '../../micro.js'

test('entropy: the steps of the float original', () => {
  expect(stepsOf(microPlain, 'entropy')).toEqual([0, 5, 22, 35, 45, 55, 65])
})

test('plain: one step for each number of fine layers, the middle of those that have it', () => {
  // `until` is 73, 73 and 40: three layers from 0 to 40, two from 41 to 73.
  expect(stepsOf(onlyPlain, 'plain')).toEqual([20, 57])
})
