import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { setOf } from '../../../src/lab/data/pictureSet.js'
import { PEER_SETTINGS, peerPoint, peerPoints } from '../../../src/lab/paper/peers.js'
import type { Picture } from '../../../src/network/picture.js'

/** Discs of several sizes, blurred at their edge, on black. */
const disc = (radius: number, components: 1 | 3 = 1): Picture => {
  const samples = 28 * 28 * components
  const data = Uint8Array.from({ length: samples }, (_, at) => {
    const pixel = Math.floor(at / components)
    const distance = Math.hypot((pixel % 28) - 13, Math.floor(pixel / 28) - 14)
    return Math.round(255 * Math.min(1, Math.max(0, (radius - distance) / 2 + 0.5)))
  })
  return { width: 28, height: 28, components, data }
}
const discs = setOf([disc(4), disc(7), disc(9)], null)

test('without loss, PNG and WebP are exact, grey and in colour', async () => {
  for (const codec of ['PNG', 'WebP lossless'] as const) {
    for (const set of [discs, setOf([disc(5, 3)], null)]) {
      const { bits, emptyBits, mse } = await peerPoint({ codec, setting: 256 }, set)
      expect(mse).toBe(0)
      expect(bits).toBeGreaterThan(emptyBits)
    }
  }
})

test('two greys: what is between them is the error', async () => {
  const { mse } = await peerPoint({ codec: 'PNG', setting: 2 }, discs)
  const errors = Array.from(discs.data, (sample) => (sample - (sample < 128 ? 0 : 255)) ** 2)
  expect(mse).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / errors.length, 9)
})

test('with loss, more quality is more bits and less error', async () => {
  for (const codec of ['JPEG', 'WebP'] as const) {
    const [low, high] = [await peerPoint({ codec, setting: 5 }, discs), await peerPoint({ codec, setting: 90 }, discs)]
    expect(high.bits).toBeGreaterThan(low.bits * 1.2)
    expect(high.mse).toBeLessThan(low.mse / 2)
  }
})

test('every codec has several settings', () => {
  for (const codec of ['JPEG', 'WebP', 'WebP lossless', 'PNG']) {
    expect(PEER_SETTINGS.filter((peer) => peer.codec === codec).length).toBeGreaterThan(4)
  }
})

test('results are kept, for these pictures alone', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'ddnc-peers-'))
  try {
    const points = await peerPoints(discs, cache)
    expect(points).toHaveLength(PEER_SETTINGS.length)
    const [name] = await readdir(cache)
    await writeFile(join(cache, name), '[]')
    expect(await peerPoints(discs, cache)).toEqual([])
    expect(await peerPoints(setOf([disc(4), disc(7), disc(9)], null), cache)).toEqual([])
    expect(await peerPoints(setOf([disc(4), disc(7), disc(8)], null), cache)).not.toEqual([])
  } finally {
    await rm(cache, { recursive: true })
  }
})
