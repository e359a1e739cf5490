import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeBits } from '../../src/engine/cells.js'
import { DdncError } from '../../src/errors.js'
import { readExpGolomb, writeExpGolomb } from '../../src/format/expGolomb.js'

function write(count: number): string {
  let text = ''
  writeExpGolomb(count, (bit) => (text += bit))
  return text
}

const read = (text: string) => {
  const bits = [...text].map(Number)
  return { count: readExpGolomb(() => bits.shift() ?? -1), rest: bits.length }
}

test.each([
  [0, '1'],
  [1, '010'],
  [2, '011'],
  [3, '00100'],
  [6, '00111'],
  [65534, `${'0'.repeat(15)}${'1'.repeat(16)}`],
  [65535, `${'0'.repeat(16)}1${'0'.repeat(16)}`],
])('%i is %s', (count, text) => {
  expect(write(count)).toBe(text)
  expect(escapeBits(count)).toBe(text.length)
  expect(read(text)).toEqual({ count, rest: 0 })
})

test('counts over 65535 are Corrupt', () => {
  expect(() => read(`${'0'.repeat(16)}1${'0'.repeat(15)}1`)).toThrow('damaged: an escape count')
  expect(() => read('0'.repeat(17))).toThrow('damaged: an escape count')
})

test.each([-1, 65536, 0.5])('%d is refused by the writer', (count) => {
  expect(() => write(count)).toThrow(DdncError)
})

test('any count returns, and takes no bit too many', () => {
  fc.assert(
    fc.property(fc.nat(65535), fc.integer({ min: 0, max: 15 }), (number, shift) => {
      const count = number >> shift
      expect(write(count).length).toBe(escapeBits(count))
      expect(read(`${write(count)}01`)).toEqual({ count, rest: 2 })
    }),
  )
})

test('a count that is cut is 0', () => {
  fc.assert(
    fc.property(fc.nat(65535), fc.nat(), (count, end) => {
      const text = write(count)
      expect(read(text.slice(0, end % text.length)).count).toBe(0)
    }),
  )
})
