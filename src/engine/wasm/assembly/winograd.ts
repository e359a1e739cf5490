/**
 * 3×3 convolutions by Winograd's F(2×2, 3×3), exactly (SPEC 5.2): 16 products for the 36 of four outputs.
 *
 * A tile is 2 × 2 outputs, made from 4 × 4 inputs d: Y = Aᵀ((G g Gᵀ) ⊙ (Bᵀ d B))A, with G doubled so that all is whole,
 * which makes 4y. Why it is exact in these lanes: inputs within ±8191 are transformed to sums of four, within ±32,764;
 * weights to sums of nine at most, |w| ≤ 3640; both fit in int16. Sums are those of integers modulo 2^32 whatever
 * happens on the way, and 4(y + bias + half) is below 2^31: ../pack.ts lets no other convolution come here.
 *
 * Tiles are taken in raster order, `BLOCK` at a time, so that what is made of them stays in the second cache.
 * Work is split into functions that are called many times: V8 replaces first-tier code only when a function is called.
 */
import { row, storeOutputs, SUMS, WIDE } from './convolve'

/** Tiles at a time, a multiple of 4. */
const BLOCK: i32 = 16
/** Between the 16 parts of a transformed block: without it all of them would fall into one set of the first cache. */
const GAP: usize = 64

/** Bytes of one transformed input of a tile: whole vectors. */
// @ts-ignore: decorator
@inline
function inputBytes(inputs: i32): usize {
  return <usize>((inputs + 7) & ~7) << 1
}

// @ts-ignore: decorator
@inline
function inputStride(inputs: i32): usize {
  return <usize>BLOCK * inputBytes(inputs) + GAP
}

// @ts-ignore: decorator
@inline
function sumStride(groups: i32): usize {
  return ((<usize>BLOCK * <usize>groups) << 5) + GAP
}

/** Bytes that a convolution needs: transformed weights, inputs of a block of tiles, sums of a block. */
export function winogradScratch(inputs: i32, outputs: i32): usize {
  const groups = (outputs + 7) >> 3
  return ((<usize>(groups * inputs)) << 8) + 16 * (inputStride(inputs) + sumStride(groups))
}

/** Four transformed weights of one row: G doubled. `to` is the first of them, the others are `stride` apart. */
// @ts-ignore: decorator
@inline
function storeWeights(to: usize, stride: usize, a: v128, b: v128, c: v128): void {
  const ends = i16x8.add(a, c)
  v128.store(to, i16x8.add(a, a))
  v128.store(to + stride, i16x8.add(ends, b))
  v128.store(to + 2 * stride, i16x8.sub(ends, b))
  v128.store(to + 3 * stride, i16x8.add(c, c))
}

/**
 * @param weights packed for the direct kernel: [outputs / 8][ky][kx][pair][8 outputs × 2 inputs] int16
 * @param to [4 × 4][outputs / 8][pair][8 outputs × 2 inputs] int16
 */
export function winogradWeights(weights: usize, inputs: i32, outputs: i32, to: usize): void {
  const groups = (outputs + 7) >> 3
  const part = <usize>inputs << 4 // one kx of a group, and one of the 16 parts of a group
  const stride = part * groups
  for (let group = 0; group < groups; group++) {
    for (let i: usize = 0; i < part; i += 16) {
      const g = weights + i
      const a = v128.load(g), b = v128.load(g + part), c = v128.load(g + 2 * part)
      const d = v128.load(g + 3 * part), e = v128.load(g + 4 * part), f = v128.load(g + 5 * part)
      const x = v128.load(g + 6 * part), y = v128.load(g + 7 * part), z = v128.load(g + 8 * part)
      storeWeights(to + i, stride, i16x8.add(a, a), i16x8.add(b, b), i16x8.add(c, c))
      const left = i16x8.add(a, x), middle = i16x8.add(b, y), right = i16x8.add(c, z)
      storeWeights(to + i + 4 * stride, stride, i16x8.add(left, d), i16x8.add(middle, e), i16x8.add(right, f))
      storeWeights(to + i + 8 * stride, stride, i16x8.sub(left, d), i16x8.sub(middle, e), i16x8.sub(right, f))
      storeWeights(to + i + 12 * stride, stride, i16x8.add(x, x), i16x8.add(y, y), i16x8.add(z, z))
    }
    weights += 9 * part
    to += part
  }
}

/** One column of Bᵀ d B from the same column of d B. `to` is its first row, the others are 4 · `stride` apart. */
// @ts-ignore: decorator
@inline
function storeColumn(to: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, i16x8.sub(a, c))
  v128.store(to + 4 * stride, i16x8.add(b, c))
  v128.store(to + 8 * stride, i16x8.sub(c, b))
  v128.store(to + 12 * stride, i16x8.sub(b, d))
}

/**
 * Bᵀ d B of `count` tiles from tile `first` on: to [4 × 4][BLOCK][inputs].
 * Column by column, each loading what it needs: 16 vectors at once do not fit in the registers. Beyond the grid's last
 * row its last one is read again; beyond its last column, what follows: it gets into outputs that do not exist.
 */
export function winogradInputs(
  x: usize, width: i32, height: i32, inputs: i32, first: i32, count: i32, to: usize
): void {
  const across = (width + 1) >> 1
  const position = <usize>inputs << 1, line = <usize>(width + 2) * position
  const stride = inputStride(inputs), bytes = inputBytes(inputs)
  let ty = first / across, tx = first % across
  for (; count > 0; count--) {
    const a = x + 2 * ty * line + 2 * tx * position
    const last = 2 * ty + 1 < height ? 3 * line : 2 * line
    for (let c: usize = 0; c < bytes; c += 16) {
      let p = a + c, q = p + 2 * position
      storeColumn(
        to + c, stride,
        i16x8.sub(v128.load(p), v128.load(q)),
        i16x8.sub(v128.load(p + line), v128.load(q + line)),
        i16x8.sub(v128.load(p + 2 * line), v128.load(q + 2 * line)),
        i16x8.sub(v128.load(p + last), v128.load(q + last)))
      p += position
      const b0 = v128.load(p), c0 = v128.load(q)
      const b1 = v128.load(p + line), c1 = v128.load(q + line)
      const b2 = v128.load(p + 2 * line), c2 = v128.load(q + 2 * line)
      const b3 = v128.load(p + last), c3 = v128.load(q + last)
      storeColumn(to + c + stride, stride, i16x8.add(b0, c0), i16x8.add(b1, c1), i16x8.add(b2, c2), i16x8.add(b3, c3))
      storeColumn(
        to + c + 2 * stride, stride, i16x8.sub(c0, b0), i16x8.sub(c1, b1), i16x8.sub(c2, b2), i16x8.sub(c3, b3))
      q += position
      storeColumn(
        to + c + 3 * stride, stride,
        i16x8.sub(v128.load(p), v128.load(q)),
        i16x8.sub(v128.load(p + line), v128.load(q + line)),
        i16x8.sub(v128.load(p + 2 * line), v128.load(q + 2 * line)),
        i16x8.sub(v128.load(p + last), v128.load(q + last)))
    }
    to += bytes
    if (++tx == across) {
      tx = 0
      ty++
    }
  }
}

/** Column j of Aᵀ M: rows 0 and 1. */
// @ts-ignore: decorator
@inline
function upper(m: usize, stride: usize): v128 {
  return i32x4.add(i32x4.add(v128.load(m), v128.load(m + 4 * stride)), v128.load(m + 8 * stride))
}
// @ts-ignore: decorator
@inline
function lower(m: usize, stride: usize): v128 {
  return i32x4.sub(i32x4.sub(v128.load(m + 4 * stride), v128.load(m + 8 * stride)), v128.load(m + 12 * stride))
}
// @ts-ignore: decorator
@inline
function sum3(a: v128, b: v128, c: v128): v128 {
  return i32x4.add(i32x4.add(a, b), c)
}
// @ts-ignore: decorator
@inline
function difference3(a: v128, b: v128, c: v128): v128 {
  return i32x4.sub(i32x4.sub(a, b), c)
}

/** sum4 = 4 · (y + bias + half): the upper halves of its products with 2^(30 − shift) are the shifted sum. */
// @ts-ignore: decorator
@inline
function shiftedQuarter(sum4: v128, factor: v128): v128 {
  const low = i64x2.extmul_low_i32x4_s(sum4, factor), high = i64x2.extmul_high_i32x4_s(sum4, factor)
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7)
}

/** Aᵀ M A of `count` tiles from tile `first` on, shifted and clipped into out [height, width, outputs]. */
export function winogradOutputs(
  sums: usize, constants: usize, width: i32, height: i32, outputs: i32, first: i32, count: i32, mode: i32, out: usize
): void {
  const across = (width + 1) >> 1
  const groups = (outputs + 7) >> 3
  const stride = sumStride(groups)
  const size: usize = mode == WIDE ? 2 : 1
  const position = <usize>outputs << size, line = <usize>width * position
  let ty = first / across, tx = first % across
  for (; count > 0; count--) {
    const tile = out + 2 * ty * line + 2 * tx * position
    const right = 2 * tx + 1 < width, below = 2 * ty + 1 < height
    let from = constants
    for (let o = 0; o < outputs; o += 8) {
      const to = tile + (<usize>o << size)
      const bias0 = i32x4.shl(v128.load(from), 2), bias1 = i32x4.shl(v128.load(from, 16), 2)
      const factor0 = v128.load(from, 32), factor1 = v128.load(from, 48)
      const left = outputs - o
      let a0 = upper(sums, stride), a1 = upper(sums + 16, stride)
      let b0 = upper(sums + stride, stride), b1 = upper(sums + stride + 16, stride)
      let c0 = upper(sums + 2 * stride, stride), c1 = upper(sums + 2 * stride + 16, stride)
      storeOutputs(
        mode, to, left, shiftedQuarter(i32x4.add(sum3(a0, b0, c0), bias0), factor0),
        shiftedQuarter(i32x4.add(sum3(a1, b1, c1), bias1), factor1))
      if (right) {
        const d0 = upper(sums + 3 * stride, stride), d1 = upper(sums + 3 * stride + 16, stride)
        storeOutputs(
          mode, to + position, left, shiftedQuarter(i32x4.add(difference3(b0, c0, d0), bias0), factor0),
          shiftedQuarter(i32x4.add(difference3(b1, c1, d1), bias1), factor1))
      }
      if (below) {
        a0 = lower(sums, stride)
        a1 = lower(sums + 16, stride)
        b0 = lower(sums + stride, stride)
        b1 = lower(sums + stride + 16, stride)
        c0 = lower(sums + 2 * stride, stride)
        c1 = lower(sums + 2 * stride + 16, stride)
        storeOutputs(
          mode, to + line, left, shiftedQuarter(i32x4.add(sum3(a0, b0, c0), bias0), factor0),
          shiftedQuarter(i32x4.add(sum3(a1, b1, c1), bias1), factor1))
        if (right) {
          const d0 = lower(sums + 3 * stride, stride), d1 = lower(sums + 3 * stride + 16, stride)
          storeOutputs(
            mode, to + line + position, left, shiftedQuarter(i32x4.add(difference3(b0, c0, d0), bias0), factor0),
            shiftedQuarter(i32x4.add(difference3(b1, c1, d1), bias1), factor1))
        }
      }
      sums += 32
      from += 64
    }
    if (++tx == across) {
      tx = 0
      ty++
    }
  }
}

/** As convolve3x3; inputs a multiple of 4. @param scratch `winogradScratch` bytes */
export function winograd3x3(
  x: usize, weights: usize, constants: usize, out: usize, width: i32, height: i32, inputs: i32, outputs: i32, mode: i32,
  scratch: usize
): void {
  const groups = (outputs + 7) >> 3
  const weightStride = <usize>(groups * inputs) << 4
  const transformed = scratch + (weightStride << 4)
  const sums = transformed + 16 * inputStride(inputs)
  winogradWeights(weights, inputs, outputs, scratch)
  const tiles = ((width + 1) >> 1) * ((height + 1) >> 1)
  for (let first = 0; first < tiles; first += BLOCK) {
    const count = min(BLOCK, tiles - first)
    winogradInputs(x, width, height, inputs, first, count, transformed)
    for (let part: usize = 0; part < 16; part++) {
      row(
        transformed + part * inputStride(inputs), scratch + part * weightStride, 0, sums + part * sumStride(groups), count,
        1, 0, inputBytes(inputs), <usize>inputs << 1, outputs, SUMS)
    }
    winogradOutputs(sums, constants, width, height, outputs, first, count, mode, out)
  }
}
