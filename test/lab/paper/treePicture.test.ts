import { expect, test } from 'vitest'
import { treePicture } from '../../../src/lab/paper/treePicture.js'
import type { Picture } from '../../../src/network/picture.js'

/** 4×4 pixels of one grey: 10 for the root, then 11 + the number that the path is. */
const pictureOf = (path: readonly number[]): Picture => {
  const grey = path.length === 0 ? 10 : 11 + path.reduce((number, k) => number * 8 + k, 0)
  return { width: 4, height: 4, components: 1, data: new Uint8Array(16).fill(grey) }
}
const greyAt = ({ width, data }: Picture, x: number, y: number): number => data[(y * width + x) * 3]
/** Pixels of every grey that a picture in the tree has; borders and white have other colours or greys. */
const areas = ({ data }: Picture): Map<number, number> => {
  const found = new Map<number, number>()
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = data.subarray(at, at + 3)
    if (red === green && green === blue) found.set(red, (found.get(red) ?? 0) + 1)
  }
  return found
}

test('eight children lie around their parent, which is larger', () => {
  const drawn = treePicture({ depth: 1, K: 8, pictureOf })
  // Three parts of 4 + 2 pixels, and two pixels around.
  expect([drawn.width, drawn.height]).toEqual([22, 22])
  expect([0, 1, 2].map((column) => greyAt(drawn, 5 + column * 6, 5))).toEqual([11, 12, 13])
  expect([0, 1, 2].map((column) => greyAt(drawn, 5 + column * 6, 11))).toEqual([14, 10, 15])
  expect([0, 1, 2].map((column) => greyAt(drawn, 5 + column * 6, 17))).toEqual([16, 17, 18])
})

test('of three layers every picture is there, the root largest', () => {
  const found = areas(
    treePicture({ depth: 2, K: 8, pictureOf: (path) => pictureOf(path.length === 2 ? path : [path.length + 20]) }),
  )
  for (let leaf = 0; leaf < 64; leaf++)
    if (leaf < 20 || leaf > 21) expect(found.get(11 + leaf), `${leaf}`).toBeGreaterThanOrEqual(16)
  const root = areas(treePicture({ depth: 2, K: 8, pictureOf })).get(10)!
  expect(root).toBe((4 * 5) ** 2) // a part is 22 pixels wide: five times four, and borders
})

test('two children lie in rows', () => {
  const drawn = treePicture({ depth: 1, K: 2, pictureOf })
  expect([drawn.width, drawn.height]).toEqual([20, 42])
  const found = areas(drawn)
  expect([10, 11, 12].map((grey) => found.get(grey))).toEqual([16, 16, 16])
})

test('too many leaves are refused', () => {
  expect(() => treePicture({ depth: 13, K: 2, pictureOf })).toThrow('the number of leaves is 8192')
})
