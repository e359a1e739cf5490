import { afterEach, expect, test, vi } from 'vitest'
import { findAdapter, findGpu } from '../../../src/lab/train/webgpu.js'

afterEach(() => vi.unstubAllGlobals())

const found = async (adapter: object | null) => {
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => adapter } })
  return findAdapter()
}

test('a GPU is called as its driver calls it, else by vendor and architecture', async () => {
  const info = { vendor: 'nvidia', architecture: 'hopper', description: 'H100' }
  expect(await found({ info })).toEqual({ description: 'H100', isSoftware: false })
  expect((await found({ info: { ...info, description: '' } }))?.description).toBe('nvidia hopper')
  expect((await found({}))?.description).toBe('a GPU without a name')
})

test.each([
  { vendor: 'mesa', architecture: 'software', description: 'llvmpipe: Mesa 25.0.7 (LLVM 19.1.7)' },
  { vendor: 'google', architecture: 'swiftshader', description: 'SwiftShader Device' },
  { vendor: 'microsoft', architecture: '', description: 'Basic Render Driver', isFallbackAdapter: true },
])('$description runs on the CPU', async (info) => {
  expect((await found({ info }))?.isSoftware).toBe(true)
})

test('no GPU is null, and so is one that refuses', async () => {
  expect(await found(null)).toBe(null)
  vi.stubGlobal('navigator', { gpu: { requestAdapter: () => Promise.reject(new Error('lost')) } })
  expect(await findAdapter()).toBe(null)
})

test('the navigator’s own WebGPU is taken', async () => {
  const gpu = { requestAdapter: async () => null }
  vi.stubGlobal('navigator', { gpu })
  expect(await findGpu()).toBe(gpu)
})
