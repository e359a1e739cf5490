import { expect, test } from 'vitest'
import { KERNELS } from '../../../src/engine/wasm/binary.js'
import { fromBase64, hasSimd, instantiate } from '../../../src/engine/wasm/module.js'

test('base64 to bytes', () => {
  expect(fromBase64('AGFzbQEAAAA=')).toEqual(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
})

test('the embedded kernels are one valid module that imports its memory alone', async () => {
  expect(hasSimd()).toBe(true)
  const module = await WebAssembly.compile(fromBase64(KERNELS))
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
})

test('the kernels own the first bytes of their memory', async () => {
  const { freeFrom } = await instantiate(new WebAssembly.Memory({ initial: 16 }))
  expect(freeFrom()).toBeGreaterThan(1024)
  expect(freeFrom()).toBeLessThan(65536)
})
