/**
 * Convolutions (SPEC 5.2): int16 dot products, four positions × eight outputs in registers.
 *
 * Activations are [position, channel] int16. A window is `runs` runs of consecutive activations (3×3: one run of
 * three columns per row; 1×1: one run of one position). Weights are packed [outputs / 8][run][pair][8 outputs × 2
 * activations] with zeros where a run is odd or an output does not exist (./pack.ts): a load beyond a run changes
 * nothing.
 *
 * Sums start at bias + half. The shift of each output is a multiplication by 2^(30 − shift) and a shift by 30 in 64
 * bits, so that eight different shifts cost what one does.
 */
import { clampInt16, storeInt16, storeInt32 } from './lanes'

// Modes, as in ../index.ts
const ACTIVATION: i32 = 0
const SIGNED: i32 = 1
export const WIDE: i32 = 2
const ACCUMULATE: i32 = 3
/** Sums alone, whole groups of eight int32, nothing added or shifted: of the Winograd kernel. */
export const SUMS: i32 = 4

const ACTIVATION_MAX: i16 = 8191
const TRUNK_MAX: i16 = 32512

/** What sums alone start from. */
const zeros = memory.data(32, 16)

/** 1×1 convolutions go through this many positions at a time: their inputs stay in the first cache. */
const STRIP: i32 = 64

/** The upper part of 64 bits holds nothing that is kept: sum · 2^(30 − shift) >> 30 fits in 32. */
// @ts-ignore: decorator
@inline
function shifted(sum: v128, factor: v128): v128 {
  const low = i64x2.shr_u(i64x2.extmul_low_i32x4_s(sum, factor), 30)
  const high = i64x2.shr_u(i64x2.extmul_high_i32x4_s(sum, factor), 30)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** Eight sums of one position, shifted unless they are wanted as they are; `count` of them exist. */
// @ts-ignore: decorator
@inline
function finish(mode: i32, out: usize, count: i32, sum0: v128, sum1: v128, factor0: v128, factor1: v128): void {
  if (mode == SUMS) {
    v128.store(out, sum0)
    v128.store(out, sum1, 16)
  } else storeOutputs(mode, out, count, shifted(sum0, factor0), shifted(sum1, factor1))
}

/** Eight outputs of one position, clipped as the mode says; `count` of them exist. */
// @ts-ignore: decorator
@inline
export function storeOutputs(mode: i32, out: usize, count: i32, y0: v128, y1: v128): void {
  if (mode == WIDE) {
    if (count >= 8) {
      v128.store(out, y0)
      v128.store(out, y1, 16)
    } else {
      storeInt32(out, y0, count)
      if (count > 4) storeInt32(out + 16, y1, count - 4)
    }
    return
  }
  let y: v128
  if (mode == ACTIVATION) y = clampInt16(i16x8.narrow_i32x4_s(y0, y1), 0, ACTIVATION_MAX)
  else if (mode == SIGNED) y = clampInt16(i16x8.narrow_i32x4_s(y0, y1), -ACTIVATION_MAX, ACTIVATION_MAX)
  else {
    // |y| cut to 2^17 > 2 · 32768: the sum cannot wrap and saturates where the uncut one does.
    const bound = i32x4.splat(1 << 17)
    y0 = i32x4.min_s(i32x4.max_s(y0, i32x4.neg(bound)), bound)
    y1 = i32x4.min_s(i32x4.max_s(y1, i32x4.neg(bound)), bound)
    const before = v128.load(out)
    y0 = i32x4.add(y0, i32x4.extend_low_i16x8_s(before))
    y1 = i32x4.add(y1, i32x4.extend_high_i16x8_s(before))
    y = clampInt16(i16x8.narrow_i32x4_s(y0, y1), -TRUNK_MAX, TRUNK_MAX)
  }
  if (count >= 8) v128.store(out, y)
  else storeInt16(out, y, count)
}

/**
 * One row of `width` positions, all outputs.
 *
 * V8 puts all loads of a straight piece of code before all arithmetic: two pairs at once would not fit into the
 * registers. But a loop costs a third of a step. So a turn of it takes two pairs, with a branch between them that is
 * never taken.
 * @param rowBytes from one run of a window to the next
 * @param positionBytes from one position to the next
 * @param runBytes of packed activations: 4 per pair, a multiple of 8
 * @param constants [outputs / 8][bias + half of 8][2^(30 − shift) of 8], int32; not read for SUMS
 */
export function row(
  x: usize, weights: usize, constants: usize, out: usize, width: i32,
  runs: i32, rowBytes: usize, positionBytes: usize, runBytes: usize, outputs: i32, mode: i32
): void {
  const sums = mode == SUMS
  const outBytes: usize = sums ? <usize>((outputs + 7) & ~7) << 2 : <usize>outputs << (mode == WIDE ? 2 : 1)
  const groupBytes = <usize>runs * runBytes << 3
  for (let o = 0; o < outputs; o += 8) {
    const count = outputs - o
    const start = sums ? zeros : constants
    const bias0 = v128.load(start), bias1 = v128.load(start, 16)
    const factors = sums ? zeros : constants + 32
    const factor0 = v128.load(factors), factor1 = v128.load(factors, 16)
    constants += 64
    let to = out + (<usize>o << (mode >= WIDE && mode != ACCUMULATE ? 2 : 1))
    let from = x
    for (let left = width; left > 0; left -= 4) {
      let w = weights
      let a0 = bias0, a1 = bias1, b0 = bias0, b1 = bias1, c0 = bias0, c1 = bias1, d0 = bias0, d1 = bias1
      let line = from
      for (let run = runs; run > 0; run--) {
        let a = line
        let b = a + positionBytes
        let c = b + positionBytes
        let d = c + positionBytes
        const end = a + runBytes
        do {
          let w0 = v128.load(w), w1 = v128.load(w, 16)
          let s = v128.load32_splat(a)
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(s, w0))
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(s, w1))
          s = v128.load32_splat(b)
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(s, w0))
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(s, w1))
          s = v128.load32_splat(c)
          c0 = i32x4.add(c0, i32x4.dot_i16x8_s(s, w0))
          c1 = i32x4.add(c1, i32x4.dot_i16x8_s(s, w1))
          s = v128.load32_splat(d)
          d0 = i32x4.add(d0, i32x4.dot_i16x8_s(s, w0))
          d1 = i32x4.add(d1, i32x4.dot_i16x8_s(s, w1))
          if (a == end) break
          w0 = v128.load(w, 32)
          w1 = v128.load(w, 48)
          s = v128.load32_splat(a, 4)
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(s, w0))
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(s, w1))
          s = v128.load32_splat(b, 4)
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(s, w0))
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(s, w1))
          s = v128.load32_splat(c, 4)
          c0 = i32x4.add(c0, i32x4.dot_i16x8_s(s, w0))
          c1 = i32x4.add(c1, i32x4.dot_i16x8_s(s, w1))
          s = v128.load32_splat(d, 4)
          d0 = i32x4.add(d0, i32x4.dot_i16x8_s(s, w0))
          d1 = i32x4.add(d1, i32x4.dot_i16x8_s(s, w1))
          a += 8
          b += 8
          c += 8
          d += 8
          w += 64
        } while (a < end)
        line += rowBytes
      }
      // A last tile of fewer than four positions computes all four (it may read what follows x) and stores `left`.
      finish(mode, to, count, a0, a1, factor0, factor1)
      to += outBytes
      if (left > 1) finish(mode, to, count, b0, b1, factor0, factor1)
      to += outBytes
      if (left > 2) finish(mode, to, count, c0, c1, factor0, factor1)
      to += outBytes
      if (left > 3) finish(mode, to, count, d0, d1, factor0, factor1)
      to += outBytes
      from += positionBytes << 2
    }
    weights += groupBytes
  }
}

/** x [height + 2, width + 2, inputs] int16 with its border; out [height, width, outputs]. */
export function convolve3x3(
  x: usize, weights: usize, constants: usize, out: usize, width: i32, height: i32, inputs: i32, outputs: i32, mode: i32
): void {
  const positionBytes = <usize>inputs * 2
  const rowBytes = <usize>(width + 2) * positionBytes
  const runBytes = (3 * positionBytes + 7) & ~7
  const outBytes = <usize>(width * outputs) << (mode == WIDE ? 2 : 1)
  for (let y = 0; y < height; y++) {
    row(x, weights, constants, out, width, 3, rowBytes, positionBytes, runBytes, outputs, mode)
    x += rowBytes
    out += outBytes
  }
}

/** x [positions, inputs] int16; out [positions, outputs]. */
export function convolve1x1(
  x: usize, weights: usize, constants: usize, out: usize, positions: i32, inputs: i32, outputs: i32, mode: i32
): void {
  const positionBytes = <usize>inputs * 2
  const runBytes = (positionBytes + 7) & ~7
  const outBytes = <usize>outputs << (mode == WIDE ? 2 : 1)
  for (let p = 0; p < positions; p += STRIP) {
    const width = min(STRIP, positions - p)
    row(x, weights, constants, out, width, 1, 0, positionBytes, runBytes, outputs, mode)
    x += positionBytes * STRIP
    out += outBytes * STRIP
  }
}
