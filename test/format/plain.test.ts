import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { packPath, pathBits, unpackPath } from '../../src/format/plain.js'

test('packs five choices among three into one byte', () => {
  // (((2·3 + 0)·3 + 1)·3 + 2)·3 + 1 = 178 < 3^5 = 243: 8 bits
  expect(packPath([2, 0, 1, 2, 1], 3)).toEqual(Uint8Array.of(0xb2))
})

test('pads the last byte with zeros', () => {
  // 5·9 + 8 = 53 of 81: 7 bits, 0110101 and one zero
  expect(packPath([1, 2, 2, 2], 3)).toEqual(Uint8Array.of(0b01101010))
  expect(packPath([], 3)).toEqual(new Uint8Array(0))
  expect(packPath([511, 0], 512)).toEqual(Uint8Array.of(0xff, 0x80, 0))
})

test.each([
  [2, 0, 0],
  [2, 1, 1],
  [3, 1, 2],
  [3, 5, 8],
  [512, 20, 180],
  [65536, 3, 48],
  [65535, 3, 48],
  [3, 2 ** 17, 207745],
  [2, 2 ** 20, 2 ** 20],
])('%i^%i takes %i bits', (K, length, bits) => {
  expect(pathBits(K, length)).toBe(bits)
})

const anyPath = fc
  .integer({ min: 2, max: 512 })
  .chain((K) => fc.tuple(fc.constant(K), fc.array(fc.nat(K - 1), { maxLength: 300 })))

test('a path survives, in ceil(L·log2 K) bits', () => {
  fc.assert(
    fc.property(anyPath, ([K, path]) => {
      const states = BigInt(K) ** BigInt(path.length)
      const bits = states === 1n ? 0 : (states - 1n).toString(2).length // another route
      expect(pathBits(K, path.length)).toBe(bits)
      const packed = packPath(path, K)
      expect(packed.length).toBe(Math.ceil(bits / 8))
      expect([...unpackPath(packed, K, path.length)]).toEqual(path)
    }),
  )
})

test('the number is that of the definition', () => {
  fc.assert(
    fc.property(
      anyPath.filter(([, path]) => path.length > 0),
      ([K, path]) => {
        const value = path.reduce((sum, choice) => sum * BigInt(K) + BigInt(choice), 0n)
        const packed = packPath(path, K)
        const padding = BigInt(8 * packed.length - pathBits(K, path.length))
        expect(BigInt(`0x${Buffer.from(packed).toString('hex')}`)).toBe(value << padding)
      },
    ),
  )
})

test('a path at the limit of 2^20 bits survives', () => {
  const K = 509
  const length = Math.floor(2 ** 20 / Math.log2(K))
  const path = Uint16Array.from({ length }, (_, i) => (i * 7919) % K)
  expect(unpackPath(packPath(path, K), K, length)).toEqual(path)
})

test('over 2^20 bits is LimitExceeded, before anything is computed', () => {
  expect(() => pathBits(2, 2 ** 20 + 1)).toThrow('over the limit of 1048576')
  expect(() => pathBits(512, 2 ** 40)).toThrow('over the limit of 1048576')
  expect(() => unpackPath(new Uint8Array(0), 512, 2 ** 40)).toThrow('over the limit of 1048576')
})

test('what is no path is refused', () => {
  expect(() => unpackPath(Uint8Array.of(243), 3, 5)).toThrow('damaged: a plain path is K^L or more')
  expect(() => unpackPath(Uint8Array.of(0b01101011), 3, 4)).toThrow('damaged: padding')
  expect(() => unpackPath(new Uint8Array(0), 3, 5)).toThrow('cut short: a plain path needs 1 bytes, 0 are there')
  expect(() => unpackPath(Uint8Array.of(1, 2), 3, 5)).toThrow('damaged: a plain path is 2 bytes')
  expect(() => packPath([3], 3)).toThrow('choice is 3')
  expect(() => packPath([0], 1)).toThrow('K is 1')
})

test('arbitrary bytes are a path that packs to them, or a tagged error', () => {
  const anyK = fc.integer({ min: 2, max: 512 })
  fc.assert(
    fc.property(anyK, fc.nat(20), fc.uint8Array({ maxLength: 24 }), (K, length, bytes) => {
      try {
        expect(packPath(unpackPath(bytes, K, length), K)).toEqual(bytes)
      } catch (error) {
        if (!(error instanceof DdncError)) throw error
      }
    }),
  )
})

test('a cut path gives the choices that the bytes determine', () => {
  fc.assert(
    fc.property(anyPath, fc.nat(), ([K, path], end) => {
      const packed = packPath(path, K)
      const length = end % (packed.length + 1)
      const part = unpackPath(packed.subarray(0, length), K, path.length, { partial: true })
      expect([...part]).toEqual(path.slice(0, part.length))
      if (length === packed.length) expect(part.length).toBe(path.length)
    }),
  )
})

test('half of a long path gives close to half of its choices', () => {
  const path = Uint16Array.from({ length: 1000 }, (_, i) => 1 + (i % 6)) // among 9: no run of carries
  const packed = packPath(path, 9)
  const part = unpackPath(packed.subarray(0, packed.length / 2), 9, 1000, { partial: true })
  expect(part.length).toBeGreaterThan(495)
})
