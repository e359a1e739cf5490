import { expect, test } from 'vitest'
import { reference } from '../../../src/engine/reference.js'
import { timedEngine } from '../../../src/lab/bench/stages.js'
import { pair } from '../../engine/both.js'

test('kernels are counted, and give what the engine gives', () => {
  const { engine, take } = timedEngine(reference)
  const { x, out } = engine.workspace({ x: ['int16', 6], out: ['int32', 6] })
  x.set([1, 1, 100, -100, -7, 5])
  for (let i = 0; i < 2; i++) engine.conv1x1(pair, x, 3, 'wide', out)
  expect([...out]).toEqual([13, -9, -90, -360, 13, 11])
  engine.conv3x3({ ...pair, side: 3, inputs: 1, outputs: 1 }, new Int16Array(20), { width: 2, height: 3 }, 'wide', out)
  const stages = Object.fromEntries(take().map(({ stage, calls, products }) => [stage, [calls, products]]))
  expect(stages).toEqual({ workspace: [1, 0], '1×1 2→2': [2, 24], '3×3 1→1': [1, 54] })
  expect(take()).toEqual([])
})
