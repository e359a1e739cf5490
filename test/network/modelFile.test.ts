import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compress, DdncError, decompress, loadModel } from '../../src/index.js'
import { microFile, microParts } from '../../src/lab/quantise/micro.js'
import { cellGrid } from '../../src/network/model.js'
import { readModel, writeModel } from '../../src/network/modelFile.js'
import { readSafetensors, writeSafetensors } from '../../src/network/safetensors.js'
import { altered, micro } from '../micro.js'

const file = microFile('micro')

test('a model is what its parts are, and its hash is that of the file', async () => {
  const { structure, tensors } = microParts('micro')
  const model = cellGrid(await readModel(file))
  expect(Buffer.from(model.hash).toString('hex')).toBe(createHash('sha256').update(file).digest('hex'))
  expect(model).toMatchObject({ name: 'micro', profiles: ['entropy'] })
  expect(model.fine.layers[2]).toMatchObject({ name: 'fine.2', K: 2, n: 3, leaves: 8, rows: 14, until: 60 })
  expect(model.coarse.layers[0].u).toEqual(tensors.get('coarse.0.u')!.data)
  expect(model.cleanUp!.output.weights).toEqual(tensors.get('cleanUp.output.weights')!.data)
  expect(structure.fine.layers.length).toBe(model.fine.layers.length)
  expect(model.coarse.limit).toBe(64 * 25600)
  expect(model.fine.limit).toBe(64 * 2400)
})

test('equal models are equal bytes, whatever the order of fields and tensors', () => {
  const { structure, tensors } = microParts('micro')
  const reversed = new Map([...tensors].reverse())
  const fields = Object.fromEntries(Object.entries(structure).reverse()) as typeof structure
  expect(writeModel(fields, reversed)).toEqual(writeModel(structure, tensors))
})

test('a tensor that is missing, of another shape or type is named', async () => {
  const refuse = async (change: Parameters<typeof altered>[0]) =>
    loadModel(altered(change)).then(
      () => 'loaded',
      (error: DdncError) => error.message,
    )
  const name = 'fine.1.meanScale.bias'
  expect(await refuse({ tensors: { [name]: () => undefined } })).toBe(
    `damaged: the model's tensor ${name} is missing, allowed is shape 8`,
  )
  const reshaped = await refuse({ tensors: { [name]: ({ data }) => ({ shape: [4, 2], data }) } })
  expect(reshaped).toMatch(/shape 4×2, allowed is 8/)
  const narrow = await refuse({ tensors: { [name]: ({ shape, data }) => ({ shape, data: Int16Array.from(data) }) } })
  expect(narrow).toMatch(/Int16Array, allowed is I32/)
  const floats = await refuse({
    tensors: { 'fine.1.u': ({ shape, data }) => ({ shape, data: Float32Array.from(data) }) },
  })
  expect(floats).toMatch(/Float32Array, allowed is I16/)
})

test('a tensor that nobody asks for is ignored, but its type is one of the format', async () => {
  const { structure, tensors } = microParts('micro')
  const withFloats = new Map([...tensors, ['extra', { shape: [2], data: Float32Array.of(1, NaN) }]])
  expect(await readModel(writeModel(structure, withFloats))).toMatchObject({ name: 'micro' })
  const bytes = writeModel(structure, withFloats)
  const at = Buffer.from(bytes).indexOf('"F32"')
  bytes.set(Buffer.from('"F16"'), at)
  await expect(loadModel(bytes)).rejects.toThrow('tensor extra is type F16, allowed is I8, U8, I16, U16, I32, F32')
})

test('a structure nested deeper than the stack is refused by the name of the field', async () => {
  const text = '['.repeat(100_000) + ']'.repeat(100_000)
  const refusal = async (structure: string): Promise<string> => {
    try {
      await loadModel(writeSafetensors({ ddnm: '0', structure }, new Map()))
      return 'loaded'
    } catch (error) {
      return (error as DdncError).message
    }
  }
  expect(await refusal(text)).toBe("damaged: the model's structure is a list, allowed is an object")
  expect(await refusal(`{"name":${text}}`)).toMatch("the model's name is a list")
  expect(await refusal(`{"name":"x","profiles":["plain"],"whole":${text}}`)).toMatch("the model's whole is a list")
})

test('a model with one other bit, be it of its card, is another model to files', async () => {
  const { structure, tensors } = microParts('micro')
  const [one, other] = await Promise.all(['a', 'c'].map((card) => loadModel(writeModel(structure, tensors, { card }))))
  const written = await compress({ width: 1, height: 1, components: 1, data: Uint8Array.of(200) }, { model: one })
  expect((await decompress(written, { model: one })).data.length).toBe(1)
  await expect(decompress(written, { model: other })).rejects.toThrow('the file needs model micro')
})

test('other files are refused by name', async () => {
  const tagOf = (bytes: Uint8Array) =>
    loadModel(bytes).then(
      () => 'loaded',
      (error: DdncError) => error.fault.tag,
    )
  expect(await tagOf(new Uint8Array(0))).toBe('Truncated')
  expect(await tagOf(new TextEncoder().encode('no model at all'))).toBe('BadSignature')
  expect(await tagOf(writeSafetensors({}, new Map()))).toBe('BadSignature')
  const versions = ['', '0x0', '-0', '00', '0.0', '0e1', ' 0']
  for (const ddnm of versions) expect(await tagOf(writeSafetensors({ ddnm }, new Map())), ddnm).toBe('BadSignature')
  // A header's length alone, of nothing, and of nothing before a `{`.
  expect(await tagOf(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0))).toBe('Truncated')
  expect(await tagOf(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0x7b))).toBe('BadSignature')
  expect(await tagOf(writeSafetensors({ ddnm: '1' }, new Map()))).toBe('UnsupportedVersion')
  expect(await tagOf(writeSafetensors({ ddnm: '0' }, new Map()))).toBe('Corrupt')
  expect(await tagOf(writeSafetensors({ ddnm: '0', structure: '{' }, new Map()))).toBe('Corrupt')
  expect(await tagOf(new Uint8Array(2 ** 26 + 1))).toBe('LimitExceeded')
})

test('a cut model is refused, whatever its length', async () => {
  for (let end = 0; end < file.length; end += 97) {
    await expect(loadModel(file.subarray(0, end))).rejects.toThrow(DdncError)
  }
})

test('a damaged model is refused or is another model, within its bounds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const damaged = file.slice()
      damaged[at] ^= flip
      try {
        const { hash } = await loadModel(damaged)
        expect(hash).not.toEqual(micro.hash)
      } catch (error) {
        expect(error).toBeInstanceOf(DdncError)
      }
    }),
    { numRuns: 400 },
  )
})

test('metadata of the card ride along and change the hash alone', async () => {
  const { structure, tensors } = microParts('micro')
  const bytes = writeModel(structure, tensors, { licence: 'Apache-2.0' })
  expect(readSafetensors(bytes).metadata['licence']).toBe('Apache-2.0')
  expect((await loadModel(bytes)).hash).not.toEqual(micro.hash)
})
