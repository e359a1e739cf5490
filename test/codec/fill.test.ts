import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillHidden } from '../../src/codec/fill.js'

const grey = (data: number[], alpha: number[], width = data.length) => ({
  width,
  height: data.length / width,
  components: 1 as const,
  data: Uint8Array.from(data),
  alpha: Uint8Array.from(alpha),
})

test('a hole continues what is beside it', () => {
  expect([...fillHidden(grey([7, 99], [255, 0])).data]).toEqual([7, 7])
  expect([...fillHidden(grey([7, 0, 0, 0, 7], [255, 0, 0, 0, 255])).data]).toEqual([7, 7, 7, 7, 7])
})

test('between two values there is a slope', () => {
  const alpha = Array.from({ length: 34 }, (_, x) => (x === 0 || x === 33 ? 1 : 0))
  const { data } = fillHidden(
    grey(
      Array.from({ length: 34 }, (_, x) => (x < 17 ? 0 : 200)),
      alpha,
    ),
  )
  for (let x = 1; x < 34; x++) {
    expect(data[x]).toBeGreaterThanOrEqual(data[x - 1])
    expect(data[x] - data[x - 1]).toBeLessThan(60)
  }
})

test('where nothing is seen at all it is flat', () => {
  expect([...fillHidden(grey([1, 2, 3, 4], [0, 0, 0, 0], 2)).data]).toEqual([128, 128, 128, 128])
})

test('without a hole the picture is left alone', () => {
  const seen = grey([1, 2], [1, 255])
  expect(fillHidden(seen)).toBe(seen)
  const opaque = { width: 1, height: 1, components: 1 as const, data: Uint8Array.of(3) }
  expect(fillHidden(opaque)).toBe(opaque)
})

const side = fc.integer({ min: 1, max: 20 })
const anyHoled = fc.tuple(side, side, fc.constantFrom(1 as const, 3 as const)).chain(([width, height, components]) => {
  const bytes = (length: number, arbitrary = fc.nat(255)) =>
    fc.array(arbitrary, { minLength: length, maxLength: length }).map((values) => Uint8Array.from(values))
  return fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    components: fc.constant(components),
    data: bytes(width * height * components),
    alpha: bytes(width * height, fc.constantFrom(0, 1, 255)),
  })
})

test('what is seen stays, what is not depends on nothing that was there, and lies between what is seen', () => {
  fc.assert(
    fc.property(anyHoled, (picture) => {
      const { components, data, alpha } = picture
      const hidden = (at: number) => alpha[Math.floor(at / components)] === 0
      const filled = fillHidden(picture).data
      const other = fillHidden({ ...picture, data: data.map((value, at) => (hidden(at) ? 255 - value : value)) }).data
      expect(other).toEqual(filled)
      for (let c = 0; c < components; c++) {
        const seen = data.filter((_, at) => at % components === c && !hidden(at))
        for (let at = c; at < data.length; at += components) {
          if (!hidden(at)) expect(filled[at]).toBe(data[at])
          else if (seen.length > 0) {
            expect(filled[at]).toBeGreaterThanOrEqual(Math.min(...seen))
            expect(filled[at]).toBeLessThanOrEqual(Math.max(...seen))
          }
        }
      }
    }),
  )
})
