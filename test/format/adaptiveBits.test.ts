import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitDecoder, bitEncoder } from '../../src/format/adaptiveBits.js'

test('bits survive, in streams that are cut anywhere between', () => {
  const anyBit = fc.record({ first: fc.nat(3), second: fc.nat(3), bit: fc.constantFrom(0 as const, 1 as const) })
  fc.assert(
    fc.property(fc.array(fc.array(anyBit)), (pieces) => {
      const encoder = bitEncoder(4)
      const streams = pieces.map((bits) => {
        for (const { first, second, bit } of bits) expect(encoder.bit(first, second, bit)).toBe(bit)
        return encoder.finish()
      })
      const decoder = bitDecoder(4, 'bits')
      pieces.forEach((bits, i) => {
        decoder.open(streams[i])
        expect(bits.map(({ first, second }) => decoder.bit(first, second, 0))).toEqual(bits.map(({ bit }) => bit))
        decoder.close()
      })
    }),
  )
})

test('probabilities follow: 10,000 equal bits cost little', () => {
  const encoder = bitEncoder(1)
  for (let i = 0; i < 10_000; i++) encoder.bit(0, 0, 1)
  // log2(32768 / 32736) is 0.0014 bits each in the end: 14 bits, and what it takes to learn
  expect(encoder.finish().length).toBeLessThanOrEqual(4 + 8)
})

test('a stream that is too short or too long is damaged', () => {
  const encoder = bitEncoder(2)
  for (let i = 0; i < 100; i++) encoder.bit(i % 2, 0, i % 3 === 0 ? 1 : 0)
  const stream = encoder.finish()
  const decode = (bytes: Uint8Array, count: number) => () => {
    const decoder = bitDecoder(2, 'bits')
    decoder.open(bytes)
    for (let i = 0; i < count; i++) decoder.bit(i % 2, 0, 0)
    decoder.close()
  }
  expect(decode(stream, 100)).not.toThrow()
  expect(decode(stream, 99)).toThrow(/damaged: bits is too long a stream/)
  expect(decode(stream.subarray(0, 6), 100)).toThrow(/damaged: bits is too short a stream/)
  expect(decode(Uint8Array.of(), 1)).toThrow(/too short/)
})
