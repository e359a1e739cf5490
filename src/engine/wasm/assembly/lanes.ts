/** Vector helpers. Loads may read up to 16 bytes beyond an array (the memory ends in a guard); stores never do. */

/** The first `count` (1…8) int16 lanes. */
export function storeInt16(at: usize, v: v128, count: i32): void {
  if (count >= 8) {
    v128.store(at, v)
    return
  }
  if (count & 4) {
    v128.store64_lane(at, v, 0)
    v = v128.shuffle<i64>(v, v, 1, 1)
    at += 8
  }
  if (count & 2) {
    v128.store32_lane(at, v, 0)
    v = i64x2.shr_u(v, 32)
    at += 4
  }
  if (count & 1) v128.store16_lane(at, v, 0)
}

/** The first `count` (1…4) int32 lanes. */
export function storeInt32(at: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(at, v)
    return
  }
  if (count & 2) {
    v128.store64_lane(at, v, 0)
    v = v128.shuffle<i64>(v, v, 1, 1)
    at += 8
  }
  if (count & 1) v128.store32_lane(at, v, 0)
}

// @ts-ignore: decorator
@inline
export function clampInt16(v: v128, low: i16, high: i16): v128 {
  return i16x8.min_s(i16x8.max_s(v, i16x8.splat(low)), i16x8.splat(high))
}

// @ts-ignore: decorator
@inline
export function clampInt32(v: v128, low: i32, high: i32): v128 {
  return i32x4.min_s(i32x4.max_s(v, i32x4.splat(low)), i32x4.splat(high))
}

/** 2^(shift − 1), or 0. */
// @ts-ignore: decorator
@inline
export function half(shift: i32): i32 {
  return shift > 0 ? 1 << (shift - 1) : 0
}
