import { expect, test } from 'vitest'
import { saturated } from '../../src/network/block.js'

test('a trunk holds ±127 in 1/256, what is beyond saturates', () => {
  expect([saturated(-40000), saturated(5)]).toEqual([-32512, 5])
  expect([saturated(-32512), saturated(32512), saturated(32513)]).toEqual([-32512, 32512, 32512])
})
