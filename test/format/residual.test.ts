import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packResidual, unpackResidual } from '../../src/format/residual.js'

/** A picture, another one near it or not, and alpha. */
const anyPair = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 7 }), grey: fc.boolean() })
  .chain(({ width, height, grey }) => {
    const components = grey ? (1 as const) : (3 as const)
    const samples = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const [pixels, all] = [width * height, width * height * components]
    return fc.tuple(
      fc.constant({ width, height, components }),
      samples(all),
      fc.oneof(samples(all), fc.constant(null)),
      fc.option(
        samples(pixels).map((alpha) => alpha.map((value) => (value < 60 ? 0 : value))),
        { nil: undefined },
      ),
    )
  })

test('samples survive, those that alpha hides excepted', () => {
  fc.assert(
    fc.property(anyPair, ([size, exact, other, alpha]) => {
      const lossy = other ?? exact.map((value, i) => Math.max(0, value - (i % 3)))
      const data = packResidual(exact, lossy, size, alpha)
      const expected = exact.map((value, at) => (alpha?.[Math.floor(at / size.components)] === 0 ? lossy[at] : value))
      expect(unpackResidual(data, lossy, size, alpha)).toEqual(expected)
    }),
  )
})

test('no difference costs next to nothing', () => {
  const samples = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256)
  expect(packResidual(samples, samples, { width: 64, height: 64, components: 3 }).length).toBeLessThan(30)
})

test('rows that are long have a stream each', () => {
  const size = { width: 2 ** 16, height: 2, components: 1 } as const
  const lossy = new Uint8Array(2 ** 17).fill(100)
  const exact = lossy.map((value, i) => value + (i % 100 === 0 ? 1 : 0))
  const data = packResidual(exact, lossy, size)
  const first = data[0] < 128 ? 1 + data[0] : 2 + (data[0] & 127) + 128 * data[1]
  expect(first).toBeLessThan(data.length)
  expect(Buffer.compare(unpackResidual(data, lossy, size), exact)).toBe(0)
})

test('the first sample, by hand', () => {
  // One grey pixel, 100 instead of 98: nothing is known, so expected is 98. Five bits at 1/2: not zero, positive, over 1,
  // not over 2; contexts of their own, and no more than the 4 bytes of the state.
  const size = { width: 1, height: 1, components: 1 } as const
  const data = packResidual(Uint8Array.of(100), Uint8Array.of(98), size)
  // Frequencies 2^14 of 2^15; bits 0, 0, 1, 0 onto the state 2^16, the last first: 2^17, 2^18 + 2^14, 2^19 + 2^15, 2^20 + 2^16
  expect(data).toEqual(Uint8Array.of(4, 0, 0x11, 0, 0))
  expect(unpackResidual(data, Uint8Array.of(98), size)).toEqual(Uint8Array.of(100))
})

test('whatever the bytes, there are samples or an error by name', () => {
  const size = { width: 5, height: 4, components: 3 } as const
  const lossy = new Uint8Array(60).fill(250)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const data = Uint8Array.of(bytes.length, ...bytes)
      try {
        expect(unpackResidual(data, lossy, size).length).toBe(60)
      } catch (error) {
        expect(error).toMatchObject({ fault: { tag: 'Corrupt' } })
      }
    }),
  )
  expect(() => unpackResidual(Uint8Array.of(9, 1), lossy, size)).toThrow(/cut short: the residual needs 9 bytes/)
})
