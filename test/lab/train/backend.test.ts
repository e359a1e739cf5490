import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'

/** As at the start of a process: nothing is loaded yet. */
async function fresh() {
  vi.resetModules()
  return (await import('../../../src/lab/train/backend.js')).loadBackend
}

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** A folder with a package of this name in its node_modules, which gives what TensorFlow.js must have here. */
async function folderWith(name: string, tag: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-backend-'))
  folders.push(folder)
  const home = join(folder, 'node_modules', name)
  await mkdir(home, { recursive: true })
  await writeFile(
    join(home, 'index.js'),
    `module.exports = { tag: '${tag}', setBackend: async (name) => name === 'tensorflow', ready: async () => {} }`,
  )
  return folder
}

test('both portable backends compute, share one copy, and say how to get a faster one', async () => {
  const loadBackend = await fresh()
  const cpu = await loadBackend('cpu')
  const wasm = await loadBackend('wasm', { threads: 1 })
  expect(wasm.tf).toBe(cpu.tf)
  expect(wasm.tf.getBackend()).toBe('wasm')
  expect([...wasm.tf.add(wasm.tf.tensor1d([1]), 2).dataSync()]).toEqual([3])
  expect(wasm.advice).toContain('npm run setup:tensorflow')
})

test('wasm is what there is without a native one', async () => {
  const loadBackend = await fresh()
  expect((await loadBackend(undefined, { tensorflow: null })).name).toBe('wasm')
})

describe('native', () => {
  test('the GPU’s is preferred; there is nothing faster to advise', async () => {
    const loadBackend = await fresh()
    const folder = await folderWith('@tensorflow/tfjs-node-gpu', 'gpu')
    const { name, tf, advice } = await loadBackend(undefined, { tensorflow: folder })
    expect([name, (tf as unknown as { tag: string }).tag, advice]).toEqual(['tensorflow', 'gpu', null])
  })

  test('else the CPU’s', async () => {
    const loadBackend = await fresh()
    const folder = await folderWith('@tensorflow/tfjs-node', 'cpu')
    expect(((await loadBackend('tensorflow', { tensorflow: folder })).tf as unknown as { tag: string }).tag).toBe('cpu')
  })

  test('a folder without it is an error that says what to do', async () => {
    const loadBackend = await fresh()
    const folder = await folderWith('something-else', '')
    await expect(loadBackend('tensorflow', { tensorflow: folder })).rejects.toThrow(/setup:tensorflow/)
    await expect(loadBackend('tensorflow', { tensorflow: null })).rejects.toThrow(/DDNC_TENSORFLOW/)
  })

  test('a second copy is refused', async () => {
    const loadBackend = await fresh()
    await loadBackend('cpu')
    const folder = await folderWith('@tensorflow/tfjs-node', 'cpu')
    await expect(loadBackend('tensorflow', { tensorflow: folder })).rejects.toThrow(/second copy/)
  })
})
