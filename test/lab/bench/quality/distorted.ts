/** A crop of the raccoon, and three ways to spoil it, all in integers: figures of them are literals in the tests. */
import { readFile } from 'node:fs/promises'
import { readPicture, type Picture } from '../../../../src/node.js'

/** From 200, 100 on. */
export async function raccoon(width: number, height: number): Promise<Picture> {
  const { picture } = await readPicture(await readFile(new URL('../../../../corpus/raccoon.png', import.meta.url)))
  const row = (y: number): Uint8Array => {
    const start = ((100 + y) * picture.width + 200) * 3
    return picture.data.subarray(start, start + 3 * width)
  }
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) data.set(row(y), 3 * width * y)
  return { width, height, components: 3, data }
}

const clamped = (value: number, most: number): number => Math.min(most, Math.max(0, value))

/** Multiples of 24. */
export const posterised = (picture: Picture): Picture => ({
  ...picture,
  data: picture.data.map((value) => clamped(Math.round(value / 24) * 24, 255)),
})

/** Means of three by three. */
export function blurred(picture: Picture): Picture {
  const { width, height, data } = picture
  const mean = (at: number): number => {
    const pixel = Math.floor(at / 3)
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    let sum = 0
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        sum += data[3 * (clamped(y + dy, height - 1) * width + clamped(x + dx, width - 1)) + (at % 3)]
    return Math.round(sum / 9)
  }
  return { ...picture, data: data.map((_, at) => mean(at)) }
}

/** −12…12 by Marsaglia's xorshift32. */
export function noisy(picture: Picture): Picture {
  let state = 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 24) % 25) - 12
  }
  return { ...picture, data: picture.data.map((value) => clamped(value + next(), 255)) }
}
