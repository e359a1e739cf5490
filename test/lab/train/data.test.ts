import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cropsOf, turned, usable } from '../../../src/lab/train/data.js'
import type { Picture } from '../../../src/network/picture.js'
import { randomFrom } from '../../../src/network/uniform.js'

const NOTHING = { drawings: 0, shrink: 0, smallest: 0.5, tone: 0, validation: 0 }

/** Every pixel tells its place: red is x, green is y. */
const places = (width: number, height: number, blue = 0): Picture => ({
  width,
  height,
  components: 3,
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3)
    return [pixel % width, Math.floor(pixel / width), blue][at % 3]
  }),
})

describe('pictures that can be used', () => {
  test('grey ones get colours, small ones are named', () => {
    const grey: Picture = { width: 2, height: 2, components: 1, data: Uint8Array.of(1, 2, 3, 4) }
    const files = [
      { name: 'grey', picture: grey },
      { name: 'small', picture: places(9, 1) },
    ]
    const { pictures, tooSmall } = usable(files, 2)
    expect(pictures).toEqual([{ ...grey, components: 3, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4) }])
    expect(tooSmall).toEqual(['small'])
  })

  test('none is an error', () => {
    const fault = { tag: 'BadOption', option: 'the training data', found: 'empty', allowed: 'pictures of 8 or more' }
    expect(() => usable([], 8)).toThrow(expect.objectContaining({ fault }))
    const small = [{ name: 'small', picture: places(9, 1) }]
    expect(() => usable(small, 8)).toThrow('1 pictures, all smaller')
  })
})

test('mirrored, transposed, both', () => {
  const crop = Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)
  const first = (out: Uint8Array) => [...out].filter((_, at) => at % 3 === 0)
  expect(first(turned(crop, 2, false, false))).toEqual([1, 2, 3, 4])
  expect(first(turned(crop, 2, true, false))).toEqual([2, 1, 4, 3])
  expect(first(turned(crop, 2, false, true))).toEqual([1, 3, 2, 4])
  expect(first(turned(crop, 2, true, true))).toEqual([2, 4, 1, 3])
})

describe('crops', () => {
  test('show a square of the picture, in one of four ways', () => {
    const data = { photographs: [places(40, 30)], drawings: [] }
    const random = randomFrom(1)
    const seen = new Set<string>()
    for (let i = 0; i < 64; i++) {
      const crop = cropsOf(data, NOTHING, random, 1, 16)
      const at = (x: number, y: number) => [crop[(y * 16 + x) * 3], crop[(y * 16 + x) * 3 + 1]]
      const [origin, right, down] = [at(0, 0), at(1, 0), at(0, 1)]
      const across = [right[0] - origin[0], right[1] - origin[1]]
      const along = [down[0] - origin[0], down[1] - origin[1]]
      seen.add(`${across} ${along}`)
      // every pixel follows from the first two steps
      for (const [x, y] of [
        [15, 0],
        [7, 12],
        [15, 15],
      ]) {
        expect(at(x, y)).toEqual([0, 1].map((c) => origin[c] + x * across[c] + y * along[c]))
      }
    }
    expect([...seen].sort()).toEqual(['-1,0 0,1', '0,1 -1,0', '0,1 1,0', '1,0 0,1'])
  })

  test('reach every corner', () => {
    const random = randomFrom(2)
    const data = { photographs: [places(9, 8)], drawings: [] }
    const corners = Array.from({ length: 50 }, () =>
      Math.min(...cropsOf(data, NOTHING, random, 1, 8).filter((_, at) => at % 3 === 0)),
    )
    expect(new Set(corners)).toEqual(new Set([0, 1]))
  })

  test('shares: drawings, downscaled and toned ones', () => {
    const data = { photographs: [places(64, 64, 100)], drawings: [places(64, 64, 200)] }
    const count = 2000
    const share = (settings: object, hit: (crop: Uint8Array) => boolean): number => {
      const random = randomFrom(3)
      let hits = 0
      for (let i = 0; i < count; i++) if (hit(cropsOf(data, { ...NOTHING, ...settings }, random, 1, 8))) hits++
      return hits / count
    }
    // Standard deviations are under 0.012.
    expect(Math.abs(share({ drawings: 0.3 }, (crop) => crop[2] === 200) - 0.3)).toBeLessThan(0.04)
    expect(Math.abs(share({ tone: 0.3 }, (crop) => crop[2] !== 100) - 0.3)).toBeLessThan(0.04)
    // Eight pixels of a crop span 8…16 of the picture: floor(8 / factor) is over 8 for a factor of 8/9 or less.
    const isWider = (crop: Uint8Array) => {
      const reds = crop.filter((_, at) => at % 3 === 0)
      return Math.max(...reds) - Math.min(...reds) > 7
    }
    expect(Math.abs(share({ shrink: 0.9 }, isWider) - (0.9 * (8 / 9 - 0.5)) / 0.5)).toBeLessThan(0.04)
  })

  test('go on from a saved state', () => {
    const data = { photographs: [places(64, 48, 1), places(50, 50, 2)], drawings: [places(32, 32, 3)] }
    const settings = { drawings: 0.3, shrink: 0.3, smallest: 0.5, tone: 0.3, validation: 0 }
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomFrom(seed)
        cropsOf(data, settings, random, 2, 16)
        const later = randomFrom(random.state())
        expect(cropsOf(data, settings, later, 2, 24)).toEqual(cropsOf(data, settings, random, 2, 24))
      }),
      { numRuns: 30 },
    )
  })

  test('of a picture that is too small are a named error', () => {
    const data = { photographs: [places(7, 9)], drawings: [] }
    expect(() => cropsOf(data, NOTHING, randomFrom(1), 1, 8)).toThrow('7×9')
  })
})
