import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawings } from '../../../src/lab/bench/drawings.js'
import { MOZJPEG, peerCurve } from '../../../src/lab/bench/peers.js'

let cache = ''
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'ddnc-peers-'))
})
afterAll(() => rm(cache, { recursive: true }))

/** Sixteen pixels a side of a made picture. */
function corner(name: string) {
  const { width, components, data } = drawings[name]()
  const row = (y: number): number[] => [...data.subarray(y * width * components, (y * width + 16) * components)]
  const rows = Array.from({ length: 16 }, (_, y) => row(y))
  return { width: 16, height: 16, components, data: Uint8Array.from(rows.flat()) }
}

test('one file a quality, the best far better than the worst', async () => {
  for (const picture of [corner('gradient'), corner('checkerboard')]) {
    const points = await peerCurve(MOZJPEG, picture, cache)
    expect(points).toHaveLength(100)
    for (const { bytes, psnr } of points) {
      expect(bytes).toBeGreaterThan(30)
      expect(psnr).toBeGreaterThan(0)
    }
  }
  const coloured = await peerCurve(MOZJPEG, corner('gradient'), cache)
  expect(coloured[99].psnr).toBeGreaterThan(coloured[0].psnr + 3)
})

test('a picture that was measured is not encoded again', async () => {
  const picture = corner('noise')
  const before = new Set(await readdir(cache))
  const points = await peerCurve(MOZJPEG, picture, cache)
  const [made] = (await readdir(cache)).filter((name) => !before.has(name))
  expect(JSON.parse(await readFile(join(cache, made), 'utf8'))).toEqual(points)
  await writeFile(join(cache, made), '[{"bytes":1,"psnr":2}]')
  expect(await peerCurve(MOZJPEG, picture, cache)).toEqual([{ bytes: 1, psnr: 2 }])
})
