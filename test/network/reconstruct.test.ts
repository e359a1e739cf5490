/** What reaches how far: tiles, strips, targets. */
import { describe, expect, test } from 'vitest'
import { engineParts } from '../../src/codec/engineParts.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { cleanUpPlanes } from '../../src/network/cleanUp.js'
import { random } from '../../src/network/guides.js'
import { layoutOf } from '../../src/network/layout.js'
import { reconstruct } from '../../src/network/reconstruct.js'
import { targetsOf } from '../../src/network/target.js'
import { uniformFrom } from '../../src/network/uniform.js'
import { micro } from '../micro.js'

test('a tile changes nothing farther than 16 pixels from it, and its own streams do not depend on others', async () => {
  const engine = await loadEngine('wasm', engineParts(micro))
  const layout = layoutOf(192, 128, 64)
  const planesWith = (seedOf: (tile: number | null) => number) => {
    const work = reconstruct(engine, micro, { layout, s: 0, fineLayers: 4 }, (tile) => random(seedOf(tile)))
    for (;;) {
      const step = work.next()
      if (step.done) return step.value.planes
    }
  }
  const before = planesWith((tile) => tile ?? 100)
  const after = planesWith((tile) => (tile === 4 ? 77 : (tile ?? 100))) // the second of the second row: from (64, 64)
  let [inside, outside] = [0, 0]
  for (let y = 0; y < 128; y++) {
    for (let x = 0; x < 192; x++) {
      const near = x >= 64 - 16 && x < 128 + 16 && y >= 64 - 16
      const differs = [0, 1, 2].some((plane) => before[plane][y * 192 + x] !== after[plane][y * 192 + x])
      if (differs && near) inside++
      if (differs && !near) outside++
    }
  }
  expect(outside).toBe(0)
  expect(inside).toBeGreaterThan(64 * 64 * 0.9)
})

test('without guides a picture is still closed and cleaned up', async () => {
  const layout = layoutOf(16, 16, 0)
  const planes = await Promise.all(
    (['wasm', 'reference'] as const).map(async (name) => {
      const engine = await loadEngine(name, engineParts(micro))
      const work = reconstruct(engine, micro, { layout, s: 40, fineLayers: 4 }, () => null)
      const [closed, synthesised] = [work.next(), work.next()] // the tile's closing, the planes: the only steps
      expect(closed.value).toBeGreaterThan(0)
      expect(synthesised.value).toBeGreaterThan(closed.value as number)
      const end = work.next()
      if (!end.done) throw new Error('another step')
      return end.value.planes.map((plane) => [...plane])
    }),
  )
  expect(planes[0]).toEqual(planes[1])
  expect(planes[0][0].some((x) => x !== 0)).toBe(true)
})

describe('clean-up', () => {
  test('strips leave no seam: the lower part of a tall picture is what it is alone', async () => {
    const engine = await loadEngine('wasm', engineParts(micro))
    const next = uniformFrom(3)
    // 160 half-resolution pixels across: a strip has at most 819 rows, the picture 840, and the cut lies in its middle.
    const fine = { width: 40, height: 210 }
    const noise = (length: number, most: number) =>
      Int16Array.from({ length }, () => Math.floor(next() * 2 * most) - most)
    const plane = () => noise(fine.width * fine.height * 64, 2000)
    const linear = [plane(), plane(), plane()] as const
    const channels = micro.cleanUp!.fromTrunk.inputs
    const trunk = noise(fine.width * fine.height * channels, 1000).map(Math.abs)
    const shares: number[] = []
    const finished = (...[planes, of, size]: [typeof linear, typeof trunk, typeof fine]) => {
      const strips = cleanUpPlanes(engine, micro.cleanUp!, planes, of, size)
      for (let step = strips.next(); ; step = strips.next()) {
        if (step.done) return step.value
        shares.push(step.value)
      }
    }
    const whole = finished(linear, trunk, fine)
    expect(shares).toEqual([420 / 840])
    const from = 100 // fine rows; half-resolution row 400
    const below = { width: 40, height: 110 }
    const part = linear.map((all) => all.slice(from * 8 * 320)) as unknown as typeof linear
    const alone = finished(part, trunk.slice(from * fine.width * channels), below)
    for (const index of [0, 1, 2] as const) {
      // Three 3×3 convolutions at half resolution reach 6 pixels.
      expect(whole[index].slice((from * 8 + 8) * 320)).toEqual(alone[index].slice(8 * 320))
      expect(whole[index].some((x, i) => x !== linear[index][i])).toBe(true)
    }
  })
})

test('targets: a flat picture is one coarse coefficient, 64 times its plane, in 1/64', async () => {
  const engine = await loadEngine('reference', engineParts(micro))
  const data = new Uint8Array(3 * 20 * 12).fill(129)
  const layout = layoutOf(20, 12, 0)
  const targetOf = targetsOf(engine, { width: 20, height: 12, components: 3, data }, micro, layout)
  // o0 = 3·(129 − 128)/√3 = √3; 64·64·√3 = 7094.48
  expect([...targetOf(null)]).toEqual([7094, ...new Array(15).fill(0)])
  expect([...targetOf(0)]).toEqual(new Array(3 * 2 * 12).fill(0))
})
