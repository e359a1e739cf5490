import fc from 'fast-check'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { packAlpha, unpackAlpha } from '../../src/format/alpha.js'
import { faultOf } from './samples.js'

/** Rows of one byte filter, then the samples, as a chunk. */
const chunkOf = (...rows: number[]) => Uint8Array.of(0, ...deflateRawSync(Uint8Array.from(rows)))

describe('the five filters', () => {
  // The first row is plain; the second has the filter: 3×2 pixels.
  test.each<[string, number, number[], number[]]>([
    ['none', 0, [1, 2, 3], [1, 2, 3]],
    ['sub: the pixel to the left', 1, [1, 2, 3], [1, 3, 6]],
    ['up: the pixel above', 2, [1, 2, 3], [11, 22, 33]],
    ['average of both, rounded down', 3, [1, 2, 3], [6, 15, 25]],
    ['paeth: the nearest to left + above − corner', 4, [1, 2, 250], [11, 22, 24]],
  ])('%s', (_, filter, row, expected) => {
    const alpha = unpackAlpha(chunkOf(0, 10, 20, 30, filter, ...row), 3, 2)
    expect([...alpha]).toEqual([10, 20, 30, ...expected])
  })

  test('sums are taken modulo 256', () => {
    expect([...unpackAlpha(chunkOf(1, 200, 100), 2, 1)]).toEqual([200, 44])
  })
})

const anyPlane = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.constantFrom(2, 16, 256))
  .chain(([width, height, values]) => {
    const size = { minLength: width * height, maxLength: width * height }
    const step = Math.floor(255 / (values - 1))
    return fc.record({
      width: fc.constant(width),
      alpha: fc.array(fc.nat(values - 1), size).map((samples) => Uint8Array.from(samples, (value) => value * step)),
    })
  })

test('any plane of any size returns', () => {
  fc.assert(
    fc.property(anyPlane, ({ width, alpha }) => {
      expect(unpackAlpha(packAlpha(alpha, width), width, alpha.length / width)).toEqual(alpha)
    }),
  )
})

test('a slope takes next to nothing, a disc little', () => {
  const side = 256
  const slope = Uint8Array.from({ length: side * side }, (_, at) => (at % side) ^ (at >> 15))
  expect(packAlpha(slope, side).length).toBeLessThan(400)
  const inside = (at: number) => ((at % side) - 128) ** 2 + (Math.floor(at / side) - 128) ** 2 < 100 ** 2
  const disc = Uint8Array.from({ length: side * side }, (_, at) => (inside(at) ? 255 : 0))
  expect(packAlpha(disc, side).length).toBeLessThan(1000)
})

describe('a chunk that is none', () => {
  const whole = packAlpha(Uint8Array.of(1, 2, 3, 4, 5, 6), 3)
  const cases: [string, Uint8Array, object][] = [
    ['without data', new Uint8Array(0), { tag: 'Truncated' }],
    ['of another method', Uint8Array.of(1, ...whole.subarray(1)), { tag: 'UnsupportedVersion', version: 1 }],
    ['that is cut', whole.subarray(0, -1), { tag: 'Corrupt' }],
    ['with a sixth filter', chunkOf(0, 1, 2, 3, 5, 4, 5, 6), { tag: 'Corrupt', found: '5', allowed: '0…4' }],
    ['of a smaller picture', chunkOf(0, 1, 2, 3), { tag: 'Corrupt', found: 'a shorter one' }],
    ['of a larger picture', chunkOf(...new Uint8Array(12)), { tag: 'Corrupt', found: 'a longer one' }],
  ]
  test.each(cases)('%s', (_, data, fault) => {
    expect(faultOf(() => unpackAlpha(data, 3, 2))).toMatchObject(fault)
  })

  test('for a plane that it cannot be: nothing is allocated', () => {
    const fault = faultOf(() => unpackAlpha(whole, 2 ** 20, 2 ** 6))
    expect(fault).toMatchObject({ tag: 'Corrupt', found: 'a shorter one' })
  })
})
