import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { checkPicture } from '../../../src/network/picture.js'

const sha256 = ({ data }: { data: Uint8Array }): string => createHash('sha256').update(data).digest('hex')

test('a screen is a picture of its side, the same for the same seed and another for another', () => {
  const screens = Array.from({ length: 8 }, (_, seed) => drawScreen(seed, 64))
  for (const [seed, screen] of screens.entries()) {
    checkPicture(screen)
    expect([screen.width, screen.height, screen.components]).toEqual([64, 64, 3])
    expect(sha256(drawScreen(seed, 64))).toBe(sha256(screen))
  }
  expect(new Set(screens.map(sha256)).size).toBe(8)
})

test('seed 3 is the same everywhere', () => {
  expect(sha256(drawScreen(3, 64)).slice(0, 16)).toBe('8a4481901bc113ab')
})

test('half of the screens are smoothed: they have more colours than a few shapes could give', () => {
  const colours = ({ data }: { data: Uint8Array }): number => {
    const seen = new Set<number>()
    for (let at = 0; at < data.length; at += 3) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2])
    return seen.size
  }
  const counts = Array.from({ length: 40 }, (_, seed) => colours(drawScreen(seed, 128)))
  // Background, 14 shapes with borders, 24 lines of text
  const sharp = counts.filter((count) => count <= 53).length
  expect(sharp).toBeGreaterThan(10)
  expect(sharp).toBeLessThan(30)
  expect(Math.min(...counts)).toBeGreaterThan(4)
})
