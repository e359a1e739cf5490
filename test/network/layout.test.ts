import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutOf } from '../../src/network/layout.js'

test('one pixel is one fine and one coarse position', () => {
  expect(layoutOf(1, 1, 0)).toEqual({
    width: 1,
    height: 1,
    fine: { width: 1, height: 1 },
    coarse: { width: 1, height: 1 },
    tiles: [{ x: 0, y: 0, width: 1, height: 1 }],
  })
})

test('768 × 512 in one tile', () => {
  expect(layoutOf(768, 512, 0)).toMatchObject({
    fine: { width: 96, height: 64 },
    coarse: { width: 12, height: 8 },
    tiles: [{ x: 0, y: 0, width: 96, height: 64 }],
  })
})

test('97 × 65 in tiles of 64: the last ones are what remains', () => {
  expect(layoutOf(97, 65, 64)).toMatchObject({
    fine: { width: 13, height: 9 },
    coarse: { width: 2, height: 2 },
    tiles: [
      { x: 0, y: 0, width: 8, height: 8 },
      { x: 8, y: 0, width: 5, height: 8 },
      { x: 0, y: 8, width: 8, height: 1 },
      { x: 8, y: 8, width: 5, height: 1 },
    ],
  })
})

test('tiles cover every fine position once', () => {
  const side = fc.integer({ min: 1, max: 700 })
  fc.assert(
    fc.property(side, side, fc.constantFrom(0, 64, 128, 640), (width, height, tileSide) => {
      const { fine, tiles } = layoutOf(width, height, tileSide)
      const covered = new Uint8Array(fine.width * fine.height)
      for (const tile of tiles) {
        for (let y = tile.y; y < tile.y + tile.height; y++) {
          for (let x = tile.x; x < tile.x + tile.width; x++) covered[y * fine.width + x]++
        }
      }
      expect(covered.every((times) => times === 1)).toBe(true)
      if (tileSide > 0) expect(tiles.length).toBe(Math.ceil(width / tileSide) * Math.ceil(height / tileSide))
    }),
  )
})
