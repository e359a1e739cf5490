import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bitsOfPath, pathOfBits, pathSink, pathSource } from '../../src/codec/path.js'
import type { Choices } from '../../src/engine/engine.js'
import { DdncError } from '../../src/errors.js'
import type { CandidateSet } from '../../src/network/candidates.js'

/** A sink and a source look at no candidate. */
const anywhere = {} as CandidateSet
const chosen = (k: number): Choices => ({ leaves: Uint16Array.of(k), counts: new Uint16Array(1), last: false })

/** Choices that a source gives until it says that they are the last. */
function drained(data: Uint8Array, complete: boolean, K: number, choices: number): number[] {
  const source = pathSource(data, complete, K, choices)
  const path: number[] = []
  while (!source.empty && path.length < 300) {
    const next = chosen(0)
    source.next(anywhere, next)
    path.push(next.leaves[0])
    if (next.last) break
  }
  return path
}

const anyPath = fc
  .tuple(fc.integer({ min: 2, max: 512 }), fc.array(fc.nat(), { maxLength: 255 }))
  .map(([K, path]) => ({ K, path: path.map((k) => k % K) }))

test('the path of SPEC 9.1, as a stream and as text', () => {
  const sink = pathSink(3)
  for (const k of [1, 2, 2, 2]) sink.listen(anywhere, chosen(k))
  expect(sink.finish()).toEqual({ data: Uint8Array.of(0x6a), bits: 7, escapes: 0 })
  expect(drained(Uint8Array.of(0x6a), true, 3, 4)).toEqual([1, 2, 2, 2])
  expect(bitsOfPath([1, 2, 2, 2], 3)).toBe('0110101')
  expect([...pathOfBits('0110101', 3)]).toEqual([1, 2, 2, 2])
  expect(bitsOfPath([0, 1, 1, 0], 2)).toBe('0110')
  expect([bitsOfPath([], 7), ...pathOfBits('', 7)]).toEqual([''])
})

test('the cut paths of SPEC 9.3', () => {
  const tagOf = (byte: number, complete: boolean): string => {
    try {
      return drained(Uint8Array.of(byte), complete, 5, 3).join()
    } catch (error) {
      return (error as DdncError).fault.tag
    }
  }
  expect([tagOf(0xfa, true), tagOf(0xfa, false)]).toEqual(['Corrupt', 'Corrupt'])
  expect([tagOf(0xf9, true), tagOf(0xf9, false)]).toEqual(['Corrupt', '4,4,4'])
  expect([tagOf(0x30, true), tagOf(0x30, false)]).toEqual(['0,4,4', '0,4,4'])
})

test('any path comes back, from a stream and from text of ceil(L·log2 K) bits', () => {
  fc.assert(
    fc.property(anyPath, ({ K, path }) => {
      const sink = pathSink(K)
      for (const k of path) sink.listen(anywhere, chosen(k))
      const { data, bits } = sink.finish()
      const length = path.length === 0 ? 0 : (BigInt(K) ** BigInt(path.length) - 1n).toString(2).length
      expect([data.length, bits]).toEqual([Math.ceil(length / 8), length])
      expect(drained(data, true, K, path.length)).toEqual(path)
      const text = bitsOfPath(path, K)
      expect(text.length).toBe(length)
      expect([...pathOfBits(text, K)]).toEqual(path)
    }),
  )
})

test('any cut gives the choices that it determines, and none that are wrong', () => {
  fc.assert(
    fc.property(anyPath, fc.nat(), ({ K, path }, at) => {
      const sink = pathSink(K)
      for (const k of path) sink.listen(anywhere, chosen(k))
      const { data } = sink.finish()
      const end = at % (data.length + 1)
      const part = drained(data.subarray(0, end), false, K, path.length)
      expect(part).toEqual(path.slice(0, part.length))
      // Two choices at most straddle the cut: those before are determined unless a carry runs through them.
      if (end === data.length) expect(part).toEqual(path)
    }),
  )
})

test('behind its last choice a cut path may hold anything', () => {
  expect(drained(Uint8Array.of(0x6b, 0xff), false, 3, 4)).toEqual([1, 2, 2, 2])
  expect(() => pathSource(Uint8Array.of(0x6b), true, 3, 4)).toThrow('padding')
})

describe('refused', () => {
  test.each([
    [[0x6a, 0], 'Corrupt'],
    [[], 'Truncated'],
    [[0xff], 'Corrupt'],
  ])('a complete stream %j', (bytes, tag) => {
    try {
      pathSource(Uint8Array.from(bytes), true, 3, 4)
      expect.unreachable()
    } catch (error) {
      expect((error as DdncError).fault.tag).toBe(tag)
    }
  })

  test.each([
    ['01x', 2, 'bits, 0 and 1'],
    ['011', 3, 'such as 2 or 4 bits'], // one choice has 2 bits, two have 4
    ['1111', 3, 'less than 3^2'],
    ['0'.repeat(256), 2, 'as long as a path'],
  ])('text %s with K = %i', (text, K, allowed) => {
    expect(() => pathOfBits(text, K)).toThrow(allowed)
  })
})
