import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXPONENTIAL, LOG_COARSE, LOG_FINE, SIGMA_MANTISSA, SIGMA_SHIFT } from '../../src/engine/tables.js'

const folder = new URL('../../codec-spec/tables/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

/** Fixed point with 160 bits after the point: another route to every entry. */
const BITS = 160n
const ONE = 1n << BITS

/** e^(numerator/denominator), for a small positive argument. */
function expSeries(numerator: bigint, denominator: bigint): bigint {
  let sum = 0n
  let term = ONE
  for (let k = 1n; term > 0n; k++) {
    sum += term
    term = (term * numerator) / (denominator * k)
  }
  return sum
}

/** 2·artanh(1/(2n + 1)) = ln(n + 1) − ln n */
function logStep(n: bigint): bigint {
  const t = ONE / (2n * n + 1n)
  let sum = 0n
  let power = t
  for (let k = 1n; power > 0n; k += 2n) {
    sum += power / k
    power = (power * t * t) >> (2n * BITS)
  }
  return 2n * sum
}

/** The entry is the nearest integer to value, with more to spare than all truncations of fixed point together. */
function expectRounded(entry: number, value: bigint, what: string) {
  const off = (BigInt(entry) << BITS) - value
  if ((off < 0n ? -off : off) >= ONE / 2n - (ONE >> 40n)) expect.fail(`${what} is ${entry}`)
}

test.each([
  ['exponential.txt', EXPONENTIAL, 3018],
  ['sigma-mantissa.txt', SIGMA_MANTISSA, 3785],
  ['sigma-shift.txt', SIGMA_SHIFT, 3785],
  ['log-fine.txt', LOG_FINE, 19_201],
  ['log-coarse.txt', LOG_COARSE, 25_601],
] as const)('%s of the specification holds the numbers of the code', (name, table, length) => {
  const text = read(name)
  expect(table.length).toBe(length)
  expect(text).toBe([...table].map((entry) => `${entry}\n`).join(''))
  const row = read('README.md')
    .split('\n')
    .find((line) => line.startsWith(`| ${name} |`))!
  expect(row).toContain(`| ${length} |`)
  expect(row).toContain(`| ${createHash('sha256').update(text).digest('hex')} |`)
})

test('a few entries, by hand', () => {
  expect([...EXPONENTIAL.subarray(0, 2), EXPONENTIAL[256]]).toEqual([65536, 65280, 24109]) // 65536/e = 24109.35
  expect(EXPONENTIAL[3016]).toBe(1)
  expect(EXPONENTIAL[3017]).toBe(0) // 65536·e^(−3017/256) = 0.4995
  expect([SIGMA_MANTISSA[768], SIGMA_SHIFT[768]]).toEqual([16384, 16]) // σ = 1: 64 = 2^14·2^(8 − 16)
  expect([LOG_FINE[0], LOG_FINE[288], LOG_FINE[19_200]]).toEqual([0, 710, 4316]) // 1024·ln 2 = 709.78
  expect([LOG_COARSE[0], LOG_COARSE[36], LOG_COARSE[25_600]]).toEqual([0, 710, 6726])
})

test('every exponential is correctly rounded', () => {
  const ratio = (ONE * ONE) / expSeries(1n, 256n)
  let value = ONE << 16n
  EXPONENTIAL.forEach((entry, d) => {
    expectRounded(entry, value, `EXPONENTIAL[${d}]`)
    value = (value * ratio) >> BITS
  })
})

test('every σ is correctly rounded, and its product with u stays an int32', () => {
  const ratio = expSeries(1n, 256n)
  let value = (ONE * ONE) / expSeries(3n, 1n) // σ of row 0 is e^−3
  SIGMA_MANTISSA.forEach((mantissa, i) => {
    const shift = SIGMA_SHIFT[i]
    expectRounded(mantissa, (value << BigInt(shift)) >> 2n, `SIGMA_MANTISSA[${i}]`) // 64σ·2^(shift − 8)
    expect(mantissa >= 2 ** 14 && mantissa < 2 ** 15 && shift >= 0 && shift <= 21).toBe(true)
    expect(mantissa * 32768 + (shift > 0 ? 2 ** (shift - 1) : 0)).toBeLessThan(2 ** 31)
    value = (value * ratio) >> BITS
  })
})

test.each([
  ['LOG_FINE', LOG_FINE, 288],
  ['LOG_COARSE', LOG_COARSE, 36],
] as const)('every entry of %s is correctly rounded', (name, table, start) => {
  let sum = 0n
  table.forEach((entry, i) => {
    expectRounded(entry, sum << 10n, `${name}[${i}]`)
    sum += logStep(BigInt(start + i))
  })
})
