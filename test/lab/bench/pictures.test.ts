import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFigures, picturesOf } from '../../../src/lab/bench/pictures.js'
import { writePicture } from '../../../src/node/picture.js'

const HEADING = 'picture\tlog_lambda\tbpp\tpsnr_rgb'
const fault = (tag: string, more: object) => ({ fault: expect.objectContaining({ tag, ...more }) })
const corrupt = (found: string) => expect.objectContaining(fault('Corrupt', { found }))

describe('float figures', () => {
  test('by picture and step; ln λ 1.0, 3.2, 7.5 are s = 0, 22, 65', () => {
    const figures = parseFigures(`${HEADING}\nb.png\t3.2\t0.5\t42.1\na.png\t1.0\t1.67\t47.4\nb.png\t7.5\t0.05\t32\n`)
    expect(figures.steps).toEqual([0, 22, 65])
    expect(figures.at('b.png', 22)).toEqual({ bpp: 0.5, psnr: 42.1 })
    expect(figures.at('a.png', 0)).toEqual({ bpp: 1.67, psnr: 47.4 })
    expect(figures.at('a.png', 22)).toBeUndefined()
  })

  test('another heading, and what is no number, are named', () => {
    expect(() => parseFigures('picture\tbpp\na.png\t1')).toThrow(corrupt('picture, bpp'))
    expect(() => parseFigures(`${HEADING}\na.png\t1.0\tmuch\t40`)).toThrow(corrupt('a.png 1.0 much 40'))
    expect(() => parseFigures(`${HEADING}\na.png\t1.0`)).toThrow(corrupt('a.png 1.0'))
  })
})

describe('the pictures of a folder', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ddnc-pictures-'))
    const picture = { width: 2, height: 1, components: 1, data: Uint8Array.of(3, 200) } as const
    const png = await writePicture(picture, 'png')
    for (const name of ['c.png', 'a.png', 'B.PNG']) await writeFile(join(folder, name), png)
    await writeFile(join(folder, 'README.md'), 'not a picture')
  })
  afterAll(() => rm(folder, { recursive: true }))

  const names = async (limit?: number): Promise<string[]> => {
    const found: string[] = []
    for await (const { name, picture } of picturesOf(folder, limit)) {
      expect([...picture.data]).toEqual([3, 200])
      found.push(name)
    }
    return found
  }

  test('come in the order of their names, without other files, up to the limit', async () => {
    expect(await names()).toEqual(['B.PNG', 'a.png', 'c.png'])
    expect(await names(2)).toEqual(['B.PNG', 'a.png'])
  })

  test('a folder without any is a named error', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'ddnc-empty-'))
    const expected = fault('BadOption', { option: '--data', found: empty })
    await expect(picturesOf(empty).next()).rejects.toMatchObject(expected)
    await rm(empty, { recursive: true })
  })
})
