import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { drawings } from '../../../src/lab/bench/drawings.js'
import { checkPicture } from '../../../src/network/picture.js'
import { readPicture } from '../../../src/node/picture.js'

const corpus = new URL('../../../corpus/', import.meta.url)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe.each(Object.keys(drawings))('%s', (name) => {
  test('is a picture, and the same at every call', () => {
    const picture = drawings[name]()
    checkPicture(picture)
    expect(Math.max(picture.width, picture.height)).toBeLessThanOrEqual(512)
    expect(sha256(drawings[name]().data)).toBe(sha256(picture.data))
  })

  test('is what corpus/ holds', async () => {
    const { picture } = await readPicture(await readFile(new URL(`${name}.png`, corpus)))
    const { width, height, components, data } = drawings[name]()
    expect([picture.width, picture.height, picture.components]).toEqual([width, height, components])
    expect(sha256(picture.data)).toBe(sha256(data))
  })
})

test('the checkerboard has fields of 1, 2, 5 and 8 pixels', () => {
  const { width, data } = drawings.checkerboard()
  const row = (y: number, x: number, count: number) => [...data.subarray(y * width + x, y * width + x + count)]
  expect(row(0, 0, 4)).toEqual([255, 0, 255, 0])
  expect(row(0, 128, 4)).toEqual([255, 255, 0, 0])
  expect(row(130, 0, 6)).toEqual([255, 255, 255, 255, 255, 0])
  expect(row(128, 128, 9)).toEqual([255, 255, 255, 255, 255, 255, 255, 255, 0])
})

test('the noise is even: every byte value about as often as any other', () => {
  const { data } = drawings.noise()
  const counts = new Array<number>(256).fill(0)
  for (const value of data) counts[value]++
  // 768 a value on average, standard deviation 28: seven of them
  expect(Math.min(...counts)).toBeGreaterThan(570)
  expect(Math.max(...counts)).toBeLessThan(970)
})

test('the photographs of corpus/ are within what a sample may weigh', async () => {
  for (const [name, width, height] of [
    ['raccoon', 768, 512],
    ['coffee', 600, 400],
  ] as const) {
    const bytes = await readFile(new URL(`${name}.png`, corpus))
    expect(bytes.length).toBeLessThanOrEqual(700_000)
    expect((await readPicture(bytes)).picture).toMatchObject({ width, height, components: 3 })
  }
})
