import { expect, test } from 'vitest'
import { reference } from '../../src/engine/reference.js'

test('an array that no machine has is a limit, not an error of the machine', () => {
  expect(reference.allocate('int32', 3)).toEqual(Int32Array.of(0, 0, 0))
  expect(() => reference.allocate('uint16', 2 ** 40)).toThrow('the size of an array in bytes is 2199023255552')
  expect(() => reference.workspace({ huge: ['int16', 2 ** 50] })).toThrow('over the limit')
})
