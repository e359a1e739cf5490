/**
 * Plain packing of a path (SPEC 9.1): the paper's latent, no entropy coder. Choices among any K are one mixed-radix
 * number. (Grids have fields of whole bits: codec/plain.ts.)
 */
import { corrupt, DdncError, hexOf } from '../errors.js'

/** Bits of a path: conversion is not linear in them. */
const MAX_PATH_BITS = 2 ** 20

/** Digits that a double holds exactly are converted without BigInt. */
const SAFE = Number.MAX_SAFE_INTEGER

/**
 * ceil(length · log2 K), exactly: the bit length of K^length − 1.
 * @param K 2…65536
 * @param length choices, 0 and up
 * @throws {DdncError} LimitExceeded over 2^20 bits, BadOption
 * @example pathBits(3, 5) // 8, as 3^5 = 243
 */
export function pathBits(K: number, length: number): number {
  checkRange('K', K, 2, 65536)
  checkRange('path length', length, 0, SAFE)
  const estimate = length * Math.log2(K)
  if (estimate > MAX_PATH_BITS + 1) throw tooLong(Math.ceil(estimate)) // before a power of this size exists
  const bits = bitLength(BigInt(K) ** BigInt(length) - 1n)
  if (bits > MAX_PATH_BITS) throw tooLong(bits)
  return bits
}

/**
 * The path as one number, first choice most significant, in pathBits(K, length) bits from the most significant bit of
 * the first byte; the last byte ends in zeros.
 * @param path choices, each 0…K − 1
 * @param K candidates per choice, 2…65536
 * @throws {DdncError} LimitExceeded over 2^20 bits, BadOption for a choice or a K out of range
 * @example packPath([2, 0, 1, 2, 1], 3) // Uint8Array [0xb2]: 178 in 8 bits
 */
export function packPath(path: ArrayLike<number>, K: number): Uint8Array {
  const bits = pathBits(K, path.length)
  for (let i = 0; i < path.length; i++) checkRange('choice', path[i], 0, K - 1)
  const bytes = new Uint8Array(Math.ceil(bits / 8))
  const padding = BigInt(8 * bytes.length - bits)
  storeInteger(joinDigits(path, radixPowers(K, path.length)) << padding, bytes)
  return bytes
}

/**
 * The inverse of packPath.
 * @param length choices in the path
 * @param partial bytes may be missing at the end: the result is the part of the path that those present determine
 * @returns Uint16Array[length], shorter with `partial`
 * @throws {DdncError} Truncated; Corrupt for a number of K^length or more, padding that is not 0 or bytes too many;
 *   LimitExceeded, BadOption
 * @example unpackPath(Uint8Array.of(0xb2), 3, 5) // [2, 0, 1, 2, 1]
 */
export function unpackPath(
  bytes: Uint8Array,
  K: number,
  length: number,
  { partial = false }: { partial?: boolean } = {},
): Uint16Array {
  const bits = pathBits(K, length)
  const size = Math.ceil(bits / 8)
  const cut = partial && bytes.length < size
  if (!cut) checkSize('a plain path', bytes.length, size)
  const padding = BigInt(8 * size - bits)
  const missing = BigInt(8 * (size - bytes.length))
  const lowest = loadInteger(bytes) << missing
  const powers = radixPowers(K, length)
  const end = BigInt(K) ** BigInt(length)
  if (lowest >> padding >= end) throw corrupt('a plain path', 'K^L or more', 'less than K^L')
  const path = splitDigits(lowest >> padding, length, powers)
  if (!cut) {
    checkPadding(bytes, Number(padding))
    return path
  }
  // What is missing is between all zeros and all ones: choices on which both agree are certain.
  const highest = (lowest + (1n << missing) - 1n) >> padding
  const last = splitDigits(highest < end ? highest : end - 1n, length, powers)
  const certain = path.findIndex((choice, index) => choice !== last[index])
  return certain < 0 ? path : path.slice(0, certain)
}

/** Powers of K for divide and conquer: groups of `digits` fit a double, `powers[j]` is K^(digits · 2^j). */
type RadixPowers = Readonly<{ K: number; digits: number; powers: readonly bigint[] }>

function radixPowers(K: number, length: number): RadixPowers {
  let digits = 1
  while (K ** (digits + 1) <= SAFE) digits++ // exact until it ends: products below 2^53
  const powers = [BigInt(K) ** BigInt(digits)]
  for (let span = digits; span * 2 < length; span *= 2) powers.push(powers.at(-1)! ** 2n)
  return { K, digits, powers }
}

/** Index j of the largest group · 2^j below `length`: the low part of a split. */
function splitLevel(length: number, digits: number): number {
  let level = 0
  while (digits * 2 ** (level + 1) < length) level++
  return level
}

/** Number whose digits are path[first … end). Halves are joined by the engine's fast multiplication. */
function joinDigits(path: ArrayLike<number>, radix: RadixPowers, first = 0, end = path.length): bigint {
  if (end - first <= radix.digits) {
    let value = 0
    for (let i = first; i < end; i++) value = value * radix.K + path[i]
    return BigInt(value)
  }
  const level = splitLevel(end - first, radix.digits)
  const middle = end - radix.digits * 2 ** level
  return joinDigits(path, radix, first, middle) * radix.powers[level] + joinDigits(path, radix, middle, end)
}

/** The inverse of joinDigits. value < K^length. */
function splitDigits(value: bigint, length: number, radix: RadixPowers): Uint16Array {
  const path = new Uint16Array(length)
  const split = (part: bigint, first: number, end: number): void => {
    if (end - first <= radix.digits) {
      let rest = Number(part)
      for (let i = end - 1; i >= first; i--) {
        path[i] = rest % radix.K
        rest = Math.floor(rest / radix.K)
      }
      return
    }
    const level = splitLevel(end - first, radix.digits)
    const middle = end - radix.digits * 2 ** level
    const high = part / radix.powers[level]
    split(high, first, middle)
    split(part - high * radix.powers[level], middle, end)
  }
  split(value, 0, length)
  return path
}

/** Text of a radix of 2 is made and read in linear time, so it is the way in and out of BigInt. */
function storeInteger(value: bigint, bytes: Uint8Array): void {
  const text = value.toString(16).padStart(2 * bytes.length, '0')
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
}

function loadInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x0${hexOf(bytes)}`)
}

function bitLength(value: bigint): number {
  if (value === 0n) return 0
  const text = value.toString(16)
  return 4 * text.length - Math.clz32(Number.parseInt(text[0], 16)) + 28 // clz32 sees 28 bits above a nibble
}

function checkRange(option: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return
  throw new DdncError({ tag: 'BadOption', option, found: `${value}`, allowed: `${low}…${high}` })
}

function checkSize(where: string, have: number, needed: number): void {
  if (have < needed) throw new DdncError({ tag: 'Truncated', where, needed, have })
  if (have > needed) throw corrupt(where, `${have} bytes`, `${needed} bytes`)
}

/** @param padding bits at the end of the last byte, 0…7 */
function checkPadding(bytes: Uint8Array, padding: number): void {
  if (padding > 0 && (bytes.at(-1)! & (2 ** padding - 1)) !== 0) throw corrupt('padding', 'not zero', 'zero')
}

const tooLong = (value: number) =>
  new DdncError({ tag: 'LimitExceeded', what: 'bits of a plain path', value, limit: MAX_PATH_BITS })
