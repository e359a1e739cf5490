import { expect, test } from 'vitest'
import { loadBackend } from '../../../src/lab/train/backend.js'
import { operations } from '../../../src/lab/train/operations.js'
import { trainingSpeed } from '../../../src/lab/train/trainingSpeed.js'

test('measures, and leaves no tensor behind', async () => {
  const backend = await loadBackend('wasm')
  const before = backend.tf.memory().numTensors
  const speed = await trainingSpeed(operations(backend))
  expect(speed).toBeGreaterThan(0)
  expect(speed).toBeLessThan(Infinity)
  expect(backend.tf.memory().numTensors).toBe(before)
})
