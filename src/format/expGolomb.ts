/** Exp-Golomb codes of order 0 (SPEC 8.4): counts of an escape, as raw bits within a stream. */
import { ESCAPE_MAX } from '../engine/limits.js'
import { DdncError } from '../errors.js'

/** ESCAPE_MAX + 1 is 2^16. */
const MAX_ZEROS = 16

/**
 * Emits floor(log2(count + 1)) zeros, then count + 1 in binary.
 * @param count 0…65535
 * @throws {DdncError} BadOption for any other count
 * @example writeExpGolomb(3, (bit) => bits.push(bit)) // 0, 0, 1, 0, 0
 */
export function writeExpGolomb(count: number, emit: (bit: 0 | 1) => void): void {
  if (!Number.isInteger(count) || count < 0 || count > ESCAPE_MAX) {
    throw new DdncError({ tag: 'BadOption', option: 'escape count', found: `${count}`, allowed: `0…${ESCAPE_MAX}` })
  }
  const zeros = floorLog2(count + 1)
  for (let i = 0; i < zeros; i++) emit(0)
  for (let i = zeros; i >= 0; i--) emit((((count + 1) >> i) & 1) as 0 | 1)
}

/**
 * Reads a count. One that the end of the stream cuts is 0.
 * @param next the next bit, 0 or 1; −1 if there is none
 * @returns 0…65535
 * @throws {DdncError} Corrupt for a larger count
 * @example readExpGolomb(() => bits.shift() ?? -1)
 */
export function readExpGolomb(next: () => number): number {
  let zeros = 0
  let bit = next()
  for (; bit === 0; bit = next()) if (++zeros > MAX_ZEROS) throw tooLarge()
  let value = 1
  for (let i = 0; i < zeros && bit >= 0; i++) {
    bit = next()
    value = value * 2 + bit // ≤ 2^17 − 1; a cut one is not used
  }
  if (bit < 0) return 0
  if (value - 1 > ESCAPE_MAX) throw tooLarge()
  return value - 1
}

/** @param value 1…2^31 − 1 */
const floorLog2 = (value: number) => 31 - Math.clz32(value)

const tooLarge = () =>
  new DdncError({ tag: 'Corrupt', where: 'an escape count', found: 'over the limit', allowed: `0…${ESCAPE_MAX}` })
