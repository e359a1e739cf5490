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
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
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

describe('what is taken when nothing is asked for', () => {
  /** A browser's navigator.gpu with a GPU that gives its name and no more. */
  const withGpu = (info: object | null) =>
    vi.stubGlobal('navigator', { userAgent: '', gpu: { requestAdapter: async () => info && { info } } })
  const taken = async (): Promise<string> => (await (await fresh())(undefined, { tensorflow: null })).name

  test('wasm, where there is no native one and no GPU', async () => {
    expect(await taken()).toBe('wasm')
    withGpu(null)
    expect(await taken()).toBe('wasm')
  })

  test('webgpu before wasm, where there is a GPU', async () => {
    withGpu({ vendor: 'test', architecture: 'made-up', description: '' })
    await expect(taken()).rejects.toThrow('the training backend webgpu is a backend that does not start')
  })

  test('wasm before a GPU of software', async () => {
    withGpu({ vendor: 'mesa', architecture: 'software', description: 'llvmpipe' })
    expect(await taken()).toBe('wasm')
  })

  test('native before all', async () => {
    withGpu({ vendor: 'test', architecture: 'made-up', description: '' })
    const folder = await folderWith('@tensorflow/tfjs-node', 'cpu')
    expect((await (await fresh())(undefined, { tensorflow: folder })).name).toBe('tensorflow')
  })
})

describe('webgpu', () => {
  test('needs navigator.gpu', async () => {
    await expect((await fresh())('webgpu')).rejects.toThrow(/webgpu is without navigator\.gpu.*the package `webgpu`/)
  })

  test('needs a GPU', async () => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } })
    await expect((await fresh())('webgpu')).rejects.toThrow(/without a GPU.*Vulkan, Metal or Direct3D 12/)
  })
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
    const error = await loadBackend('tensorflow', { tensorflow: null }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ fault: { tag: 'BadOption', option: 'the training backend tensorflow' } })
    expect((error as Error).message).toMatch(/is not beside ddnc.*DDNC_TENSORFLOW.*setup:tensorflow/)
  })

  test('one that is there but does not load is told apart from none', async () => {
    const loadBackend = await fresh()
    const folder = await folderWith('@tensorflow/tfjs-node', 'cpu')
    await writeFile(join(folder, 'node_modules/@tensorflow/tfjs-node/index.js'), "require('what-it-wants')")
    await expect(loadBackend('tensorflow', { tensorflow: folder })).rejects.toThrow(
      /but does not load: Cannot find module 'what-it-wants'/,
    )
  })

  test('its threads are set before it is loaded', async () => {
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '')
    vi.stubEnv('OMP_NUM_THREADS', '')
    const loadBackend = await fresh()
    const folder = await folderWith('@tensorflow/tfjs-node', 'cpu')
    const seen = 'tag: process.env.TF_NUM_INTRAOP_THREADS + process.env.OMP_NUM_THREADS'
    const made = `module.exports = { ${seen}, setBackend: async () => true, ready: async () => {} }`
    await writeFile(join(folder, 'node_modules/@tensorflow/tfjs-node/index.js'), made)
    const { tf } = await loadBackend('tensorflow', { tensorflow: folder, threads: 3 })
    expect((tf as unknown as { tag: string }).tag).toBe('33')
  })

  test('a second copy is refused', async () => {
    const loadBackend = await fresh()
    await loadBackend('cpu')
    const folder = await folderWith('@tensorflow/tfjs-node', 'cpu')
    await expect(loadBackend('tensorflow', { tensorflow: folder })).rejects.toThrow(/second copy/)
  })
})
