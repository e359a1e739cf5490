import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { compressWithReport } from '../../src/index.js'
import { microFile, microParts } from '../../src/lab/quantise/micro.js'
import { readModel, writeModel } from '../../src/network/modelFile.js'
import type { Tensor } from '../../src/network/safetensors.js'
import { lambda, micro, microPlain, MODELS, picture } from '../micro.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe.each(['micro', 'micro-pl'] as const)('%s', (name) => {
  test('is the same bytes on every machine, and those of models/', async () => {
    const bytes = microFile(name)
    expect(sha256(bytes)).toMatchSnapshot()
    expect(bytes.length).toBeLessThanOrEqual(32768)
    const committed = await readFile(new URL(`../../models/${name}.ddnm`, import.meta.url))
    expect(sha256(committed), 'run npm run make:micro').toBe(sha256(bytes))
  })

  test('every tensor counts: another number in it gives another picture or another file', async () => {
    const parts = microParts(name)
    const source = picture(97, 65, 3, 'noise')
    // Step 10: all layers are run.
    const outcome = async (tensors: ReadonlyMap<string, Tensor>): Promise<string> => {
      const model = await readModel(writeModel(parts.structure, tensors))
      const { reconstruction, bits } = await compressWithReport(source, { model, lambda: lambda(10) })
      return `${sha256(reconstruction.data)} ${bits}`
    }
    const original = await outcome(parts.tensors)
    const idle: string[] = []
    for (const [tensor, { shape, data }] of parts.tensors) {
      if (tensor.endsWith('.order')) continue
      // A shift one larger, a weight of the other sign, a bias or λ coefficient further away.
      const step = tensor.endsWith('.bias') || tensor.endsWith('Bias') || shape[0] === 3 ? 20000 : 3
      const changed = data.map((x) => (tensor.endsWith('.shift') ? x + 1 : tensor.endsWith('.weights') ? -x : x + step))
      if ((await outcome(new Map([...parts.tensors, [tensor, { shape, data: changed }]]))) === original)
        idle.push(tensor)
    }
    expect(idle).toEqual([])
  })
})

test('micro has every tool of the format in it', () => {
  const layers = [...micro.coarse.layers, ...micro.fine.layers]
  const has = (condition: (layer: (typeof layers)[number]) => boolean) => expect(layers.some(condition)).toBe(true)
  has(({ n }) => n === 1)
  has(({ K, n }) => K === 2 && n === 3)
  has(({ K, n }) => K === 3 && n === 2)
  has(({ escape }) => escape)
  has(({ escape }) => !escape)
  has(({ until }) => until < 73)
  expect(micro.fine.layers.map(({ cells }) => cells).slice(0, 2)).toEqual(['even', 'odd'])
  expect(new Set(layers.map(({ rank }) => rank))).toEqual(new Set([1, 2, 3, 4]))
  expect(micro.cleanUp?.channels).toBe(4)
  expect(micro.entry.mix.inputs).toBe(2)
  expect(micro.entry.mix.weights).toBeInstanceOf(Int16Array)
  expect(micro.entry.low.weights).toBeInstanceOf(Int16Array)
  expect(micro.entry.up.weights).toBeInstanceOf(Int8Array)
  expect([micro.coarse.order.length, micro.fine.order.length]).toEqual([16, 12])
  expect(microPlain.profiles).toEqual(['entropy', 'plain'])
})

test.each(MODELS)('$model.name, $profile: a picture survives, in less rate at high s', async ({ model, profile }) => {
  const source = picture(97, 65, 3)
  const at = (s: number) => compressWithReport(source, { model, profile, lambda: lambda(s) })
  const [best, middle, worst] = [await at(0), await at(35), await at(73)]
  expect(best.psnr).toBeGreaterThan(25)
  // The steps of micro-pl hardly depend on λ.
  if (model === micro) {
    expect(best.psnr).toBeGreaterThan(middle.psnr)
    expect(middle.psnr).toBeGreaterThan(worst.psnr)
  }
  expect(worst.psnr).toBeGreaterThan(20)
  expect(best.file.length).toBeGreaterThan(worst.file.length)
})
