import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  compressImage,
  compressImageWithReport,
  decompressImage,
  findModel,
  inspect,
  readPicture,
  shippedModel,
} from '../src/node.js'

const samples = Uint8Array.from({ length: 20 * 12 * 3 }, (_, at) => (at * 5) % 256)
const png = () =>
  sharp(samples, { raw: { width: 20, height: 12, channels: 3 } })
    .png()
    .toBuffer()
const fault = (tag: string) => ({ fault: expect.objectContaining({ tag }) })

describe('encoded pictures', () => {
  test('a PNG goes to .ddn and back, to the pixels the encoder saw', async () => {
    const model = await shippedModel('micro')
    const { file, picture, reconstruction, psnr, notes } = await compressImageWithReport(await png(), { model })
    expect(picture).toEqual({ width: 20, height: 12, components: 3, data: samples })
    expect(notes).toEqual([])
    expect(psnr).toBeGreaterThan(0)
    expect(file).toEqual(await compressImage(await png(), { model }))
    const decoded = await readPicture(await decompressImage(file, 'png'))
    expect(decoded.picture).toEqual(reconstruction)
  })

  test('a PSNR that no file has is said, and one that is reached is not', async () => {
    const model = await shippedModel('micro')
    const notesOf = async (targetPsnr: number) =>
      (await compressImageWithReport(await png(), { model, targetPsnr })).notes
    expect(await notesOf(90)).toEqual(['no file of this model has 90 dB: this is the best'])
    expect(await notesOf(5)).toEqual([])
  })

  test('transparent parts stay, or are laid on a background', async () => {
    const model = await shippedModel('micro')
    const nothing = sharp({ create: { width: 9, height: 9, channels: 4, background: '#00000000' } })
    const clear = await nothing.png().toBuffer()
    const kept = await compressImage(clear, { model })
    const alpha = new Uint8Array(81)
    expect((await readPicture(await decompressImage(kept, 'webp'))).picture).toMatchObject({ width: 9, alpha })
    await expect(decompressImage(kept, 'jpeg')).rejects.toMatchObject(fault('BadOption'))
    const red = await readPicture(await decompressImage(kept, 'png', { background: 'red' }))
    expect([...red.picture.data.subarray(0, 3)]).toEqual([255, 0, 0])
    expect(inspect(await compressImage(clear, { model, background: 'white' }))).toMatchObject({ components: 1 })
  })

  test('an aborted signal stops the work', async () => {
    const model = await shippedModel('micro')
    const options = { model, signal: AbortSignal.abort() }
    await expect(compressImage(await png(), options)).rejects.toThrow()
  })
})

describe('models of the package', () => {
  test('are found by name and by hash, and loaded once', async () => {
    const model = await shippedModel('micro')
    const hash = Buffer.from(model.hash).toString('hex').slice(0, 16)
    expect(await findModel({ name: 'anything', hash })).toBe(model)
  })

  test('a name that is none of theirs is refused, paths too', async () => {
    for (const name of ['nobody', '../models/micro', '']) {
      await expect(shippedModel(name)).rejects.toMatchObject(fault('BadOption'))
    }
  })

  test('an unknown hash is a named error', async () => {
    const wanted = { name: 'other-1', hash: '0123456789abcdef' }
    await expect(findModel(wanted)).rejects.toMatchObject({ fault: { tag: 'UnknownModel', ...wanted } })
  })
})

test('every library function that the README names exists', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const imports = [...readme.matchAll(/import \{ ([^}]+) \} from '(ddnc|ddnc\/node)'/g)]
  expect(imports).toHaveLength(2)
  const library: Record<string, unknown> = { ...(await import('../src/node.js')) }
  for (const [, names] of imports) for (const name of names.split(', ')) expect(library, name).toHaveProperty(name)
})
