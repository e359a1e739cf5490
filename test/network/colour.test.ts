import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromOpponent, toOpponent } from '../../src/network/colour.js'
import type { Picture } from '../../src/network/picture.js'

type Planes<T> = [T, T, T]

/** As the decoder holds them: rounded to 1/8. */
const eighths = (planes: Planes<Float64Array>) =>
  planes.map((plane) => Int16Array.from(plane, (o) => Math.round(o * 8))) as Planes<Int16Array>

const roundTrip = (picture: Picture, width8: number, height8: number) =>
  fromOpponent(eighths(toOpponent(picture, width8, height8)), width8, picture.width, picture.height, picture.components)

const pixel = (...data: number[]): Picture =>
  ({ width: 1, height: 1, components: data.length, data: Uint8Array.from(data) }) as Picture

const anyPicture = fc
  .record({
    width: fc.integer({ min: 1, max: 19 }),
    height: fc.integer({ min: 1, max: 19 }),
    components: fc.constantFrom(1, 3),
  })
  .chain(({ width, height, components }) => {
    const length = width * height * components
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data) => ({ width, height, components, data }) as Picture)
  })

test('one pixel, by hand', () => {
  const [o0, o1, o2] = toOpponent(pixel(131, 128, 128), 8, 8)
  expect(o0[0]).toBeCloseTo(3 / Math.sqrt(3), 14)
  expect(o1[0]).toBeCloseTo(3 / Math.sqrt(2), 14)
  expect(o2[0]).toBeCloseTo(3 / Math.sqrt(6), 14)
  const [g0, g1, g2] = toOpponent(pixel(0), 8, 8)
  expect([g0[0], g1[0], g2[0]]).toEqual([-128 * Math.sqrt(3), 0, 0])
})

test('grey is R = G = B', () => {
  for (let grey = 0; grey < 256; grey++) {
    const [g0, g1, g2] = toOpponent(pixel(grey), 8, 8)
    const [o0, o1, o2] = toOpponent(pixel(grey, grey, grey), 8, 8)
    expect(o0[0]).toBeCloseTo(g0[0], 12)
    expect([o1[0], o2[0]]).toEqual([g1[0], g2[0]])
  }
})

test('the last column and row are repeated', () => {
  const [o0] = toOpponent({ width: 2, height: 2, components: 1, data: Uint8Array.of(128, 129, 130, 131) }, 8, 8)
  const steps = [...o0].map((o) => Math.round(o / Math.sqrt(3)))
  expect(steps.slice(0, 8)).toEqual([0, 1, 1, 1, 1, 1, 1, 1])
  for (let y = 1; y < 8; y++) expect(steps.slice(y * 8, y * 8 + 8)).toEqual([2, 3, 3, 3, 3, 3, 3, 3])
})

test('pixels from planes in 1/8, by hand', () => {
  const planes: Planes<Int16Array> = [Int16Array.of(8), Int16Array.of(80), Int16Array.of(-40)]
  // 1/√3 = 0.577, 10/√2 = 7.071, −5/√6 = −2.041: R 5.607, G 4.660, B −8.535
  expect([...fromOpponent(planes, 1, 1, 1, 3)]).toEqual([134, 133, 119])
  expect([...fromOpponent(planes, 1, 1, 1, 1)]).toEqual([129])
})

test('the extremes of the planes are clamped, as BigInt has it', () => {
  const limits = [-19_200, 0, 19_200]
  for (const o0 of limits)
    for (const o1 of limits)
      for (const o2 of limits) {
        const clamp = (sum: bigint) => Math.min(Math.max(Number(128n + ((sum + (1n << 17n)) >> 18n)), 0), 255)
        const [a, b, c] = [18919n * BigInt(o0), 23170n * BigInt(o1), BigInt(o2)]
        const expected = [clamp(a + b + 13377n * c), clamp(a - 26755n * c), clamp(a - b + 13377n * c)]
        const planes: Planes<Int32Array> = [Int32Array.of(o0), Int32Array.of(o1), Int32Array.of(o2)]
        expect([...fromOpponent(planes, 1, 1, 1, 3)]).toEqual(expected)
        expect([...fromOpponent([planes[0]], 1, 1, 1, 1)]).toEqual([clamp(a)])
      }
})

test('colour alone loses nothing: every grey, and every colour of a grid that includes the ends', () => {
  const greys: Picture = { width: 16, height: 16, components: 1, data: Uint8Array.from({ length: 256 }, (_, i) => i) }
  expect(roundTrip(greys, 16, 16)).toEqual(greys.data)
  const at = (i: number) => Math.round((i * 255) / 63)
  const colours = Uint8Array.from({ length: 3 * 64 ** 3 }, (_, i) => at((Math.floor(i / 3) >> (6 * (i % 3))) & 63))
  const back = roundTrip({ width: 512, height: 512, components: 3, data: colours }, 512, 512)
  expect(Buffer.compare(back, colours)).toBe(0)
})

test('any picture survives, whatever the stride', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(roundTrip(picture, 24, 24)).toEqual(picture.data)
    }),
  )
})

test('planes that are too small are a BadOption', () => {
  const bad = expect.objectContaining({ fault: expect.objectContaining({ tag: 'BadOption' }) })
  const plane = new Int16Array(64)
  expect(() => toOpponent({ width: 9, height: 1, components: 1, data: new Uint8Array(9) }, 8, 8)).toThrow(bad)
  expect(() => fromOpponent([plane], 8, 9, 1, 1)).toThrow(bad)
  expect(() => fromOpponent([plane], 8, 8, 9, 1)).toThrow(bad)
  expect(() => fromOpponent([plane], 8, 8, 8, 3)).toThrow(bad)
})
