/**
 * Prior of every cell (SPEC 5.5): logits, e(d) by table, frequencies of 2^15.
 *
 * The table of a layer is packed [coefficient][node][K / 4 rounded up][bias + half of 4 candidates int32, then
 * rank / 2 rounded up × (4 candidates × 2 numbers) int16]. The last candidate is repeated up to a multiple of 4: the
 * maximum does not see copies, and their e is made 0.
 */
import { storeInt16 } from './lanes'

/** Where e is 0, and the last row of its table. */
const FARTHEST: i32 = 3017
const ONE: i32 = 32768
const MAX_GROUPS: i32 = 128

/** Logits of one node, then how far they are below the largest. */
const logits = memory.data(MAX_GROUPS * 16, 16)
/** e of one node, double. */
const exponentials = memory.data(MAX_GROUPS * 32, 16)

// @ts-ignore: decorator
@inline
function maximum(v: v128): i32 {
  v = i32x4.max_s(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1))
  v = i32x4.max_s(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2))
  return i32x4.extract_lane(v, 0)
}

/** Logits of one node into `logits`; returns the largest. `pairs` is a constant where this is inlined. */
// @ts-ignore: decorator
@inline
function nodeLogits(pairs: i32, table: usize, z: usize, groups: i32, shift: i32): i32 {
  const z0 = v128.load32_splat(z)
  const z1 = pairs > 1 ? v128.load32_splat(z, 4) : z0
  const z2 = pairs > 2 ? v128.load32_splat(z, 8) : z0
  const z3 = pairs > 3 ? v128.load32_splat(z, 12) : z0
  let largest = i32x4.splat(i32.MIN_VALUE)
  let to = logits
  const end = to + (<usize>groups << 4)
  while (to < end) {
    let sum = i32x4.add(v128.load(table), i32x4.dot_i16x8_s(z0, v128.load(table, 16)))
    if (pairs > 1) sum = i32x4.add(sum, i32x4.dot_i16x8_s(z1, v128.load(table, 32)))
    if (pairs > 2) sum = i32x4.add(sum, i32x4.dot_i16x8_s(z2, v128.load(table, 48)))
    if (pairs > 3) sum = i32x4.add(sum, i32x4.dot_i16x8_s(z3, v128.load(table, 64)))
    if (pairs > 4) {
      for (let pair = 4; pair < pairs; pair++) {
        sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load32_splat(z + (pair << 2)), v128.load(table + (pair << 4), 16)))
      }
    }
    sum = i32x4.shr_s(sum, shift)
    largest = i32x4.max_s(largest, sum)
    v128.store(to, sum)
    to += 16
    table += 16 + (<usize>pairs << 4)
  }
  return maximum(largest)
}

// @ts-ignore: decorator
@inline
function fillOnes(out: usize, count: i32): void {
  const ones = i16x8.splat(1)
  for (; count >= 8; count -= 8, out += 16) v128.store(out, ones)
  if (count > 0) storeInt16(out, ones, count)
}

/**
 * Frequencies of one node from `logits`.
 * @param e table of e(d), double
 * @param padding lanes of the last group that are no candidates: all ones
 */
// @ts-ignore: decorator
@inline
function softmax(K: i32, groups: i32, largest: i32, e: usize, padding: v128, out: usize): void {
  const end = logits + (<usize>groups << 4)
  const top = i32x4.splat(largest), farthest = i32x4.splat(FARTHEST), base = i32x4.splat(<i32>e)
  const last = end - 16
  let at = logits
  let to = exponentials
  let first = i32x4.splat(-1)
  let index = i32x4(0, 1, 2, 3)
  let total0 = f64x2.splat(0), total1 = total0
  let low = end, high = at
  while (at < end) {
    // Unsigned: the difference of two int32 is below 2^32.
    const d = i32x4.sub(top, v128.load(at))
    let row = i32x4.min_u(d, farthest)
    if (at == last) row = v128.bitselect(farthest, row, padding)
    if (v128.any_true(v128.xor(row, farthest))) {
      first = i32x4.min_u(first, v128.or(index, i32x4.ne(d, i32x4.splat(0))))
      row = i32x4.add(base, i32x4.shl(row, 3))
      let e0 = v128.load64_zero(<usize>i32x4.extract_lane(row, 0))
      let e1 = v128.load64_zero(<usize>i32x4.extract_lane(row, 2))
      e0 = v128.load64_lane(<usize>i32x4.extract_lane(row, 1), e0, 1)
      e1 = v128.load64_lane(<usize>i32x4.extract_lane(row, 3), e1, 1)
      total0 = f64x2.add(total0, e0)
      total1 = f64x2.add(total1, e1)
      v128.store(to, e0)
      v128.store(to, e1, 16)
      low = min(low, at)
      high = at
    } else {
      v128.store(to, f64x2.splat(0))
      v128.store(to, f64x2.splat(0), 16)
    }
    index = i32x4.add(index, i32x4.splat(4))
    at += 16
    to += 32
  }
  total0 = f64x2.add(total0, total1)
  const total = f64x2.extract_lane(total0, 0) + f64x2.extract_lane(total0, 1)
  // floor(e · (2^15 − K) / total): the quotients are multiples of 1 / total ≥ 2^−25 and rounding errs by less than
  // 2^−36, so 2^−30 more lifts every whole number safely onto itself and nothing up to the next. Less a half, adding
  // 1.5 · 2^52 rounds to the nearest whole number, which then lies in the low 32 bits.
  const ratio = f64x2.splat(<f64>(ONE - K) / total)
  const down = f64x2.splat(1.0 / 1073741824.0 - 0.5), whole = f64x2.splat(6755399441055744.0), one = i32x4.splat(1)
  let sum = i32x4.splat(0)
  const start = out
  fillOnes(out, K)
  // Of four candidates whose e is 0 nothing else becomes: outwards there are many of them.
  const skipped = low - logits
  let from = exponentials + (skipped << 1)
  let left = K - (<i32>skipped >> 2)
  out += skipped >> 1
  for (; low <= high; low += 16) {
    const q0 = f64x2.add(f64x2.add(f64x2.mul(v128.load(from), ratio), down), whole)
    const q1 = f64x2.add(f64x2.add(f64x2.mul(v128.load(from, 16), ratio), down), whole)
    const q = v128.shuffle<i32>(q0, q1, 0, 2, 4, 6)
    sum = i32x4.add(sum, q)
    const p = i32x4.add(q, one)
    const narrowed = i16x8.narrow_i32x4_u(p, p)
    if (left >= 4) v128.store64_lane(out, narrowed, 0)
    else storeInt16(out, narrowed, left)
    from += 32
    out += 8
    left -= 4
  }
  sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1))
  sum = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 1, 0, 3, 2))
  first = i32x4.min_u(first, v128.shuffle<i32>(first, first, 2, 3, 0, 1))
  first = i32x4.min_u(first, v128.shuffle<i32>(first, first, 1, 0, 3, 2))
  const best = start + (<usize>i32x4.extract_lane(first, 0) << 1)
  store<u16>(best, <u16>(load<u16>(best) + (ONE - K - i32x4.extract_lane(sum, 0))))
}

// @ts-ignore: decorator
@inline
function cells(
  pairs: i32, table: usize, z: usize, e: usize, r: i32, K: i32, rows: i32, rank: i32, shift: i32, positions: i32,
  out: usize
): void {
  const groups = (K + 3) >> 2
  const nodeBytes = <usize>groups * (16 + (<usize>pairs << 4))
  const absent = (groups << 2) - K
  const padding = i32x4.gt_s(i32x4(0, 1, 2, 3), i32x4.splat(3 - absent))
  for (let p = 0; p < positions; p++) {
    let node = table
    for (let c = 0; c < r; c++) {
      for (let row = 0; row < rows; row += K) {
        softmax(K, groups, nodeLogits(pairs, node, z, groups, shift), e, padding, out)
        node += nodeBytes
        out += <usize>K << 1
      }
      z += <usize>rank << 1
    }
  }
}

/**
 * @param table packed as above
 * @param z [positions, r, rank] int16; a last odd number's neighbour meets weights of 0
 * @param e [3018] double
 * @param out [positions, r, rows] uint16
 */
export function frequencies(
  table: usize, z: usize, e: usize, r: i32, K: i32, rows: i32, rank: i32, shift: i32, positions: i32, out: usize
): void {
  switch ((rank + 1) >> 1) {
    case 1: return cells(1, table, z, e, r, K, rows, rank, shift, positions, out)
    case 2: return cells(2, table, z, e, r, K, rows, rank, shift, positions, out)
    case 3: return cells(3, table, z, e, r, K, rows, rank, shift, positions, out)
    case 4: return cells(4, table, z, e, r, K, rows, rank, shift, positions, out)
    default: return cells((rank + 1) >> 1, table, z, e, r, K, rows, rank, shift, positions, out)
  }
}
