import { expect, test } from 'vitest'
import { kernelTimes, kindOf, stepsPerSecond } from '../../../src/lab/bench/stepProfile.js'
import type { Tensorflow } from '../../../src/lab/train/backend.js'

test('kernels by kind', () => {
  expect(kindOf('Conv2DBackpropInput')).toBe('convolutions 3×3')
  expect(kindOf('BatchMatMulV2')).toMatch(/^matrix products/)
  expect(kindOf('GatherV2')).toMatch(/^moving/)
  expect(kindOf('Maximum')).toMatch(/^passes/)
  expect(kindOf('Max')).toMatch(/^sums/)
})

test('kernels are counted while something runs, and the backend is as before', async () => {
  const binding = { executeOp: (name: string) => `${name} done`, other: 1 }
  const backend = { binding }
  const tf = { backend: () => backend } as unknown as Tensorflow
  const seen: string[] = []
  const times = await kernelTimes(tf, async () => {
    for (const name of ['MatMul', 'Conv2D', 'MatMul']) seen.push(backend.binding.executeOp(name))
    expect(backend.binding.other).toBe(1)
    await Promise.resolve()
  })
  expect(seen).toEqual(['MatMul done', 'Conv2D done', 'MatMul done'])
  expect(Object.fromEntries(times.map(({ kind, calls }) => [kind.slice(0, 6), calls]))).toEqual({
    matrix: 2,
    convol: 1,
  })
  expect(backend.binding).toBe(binding)
  await expect(kernelTimes(tf, () => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped')
  expect(backend.binding).toBe(binding)
})

test('speed between the first and the last line of a log', () => {
  expect(stepsPerSecond('2.8 M parameters; 3 photographs\n200 42 s log loss 1.7 gradient 1\n')).toBeNull()
  expect(stepsPerSecond('200 42 s log loss 1.7\n400 82 s log loss 1.1\n600 92 s log loss 1.0\n')).toBe(8)
})
