/**
 * The rate-distortion guide's argmin (SPEC 6.8): the cheapest leaf of every cell, weight · error² + lambda · bits in
 * doubles, four leaves at a time, in the reference's order of operations.
 */
const ESCAPE_MAX: f64 = 65535
const MAX_LEAVES: i32 = 1024

/** Bits of the leaves of one cell, double; up to three of Infinity follow. */
const bits = memory.data((MAX_LEAVES + 4) * 8, 16)

/** Arrays and numbers of the layer in work, set by `cheapest`. */
let K: i32 = 0
let leaves: i32 = 0
let limit: i32 = 0
let lambda: f64 = 0
/** Table of −log2(f / 2^15), double. */
let log2: usize = 0

/** Of the cell in work. */
let mantissa: i32 = 0
let shift: i32 = 0
let half: i64 = 0
let mean: i32 = 0
let target: i32 = 0
let weight: f64 = 0
let bestCost: f64 = 0
let bestLeaf: i32 = 0
let bestCount: i32 = 0

/** −log2 of a frequency. */
// @ts-ignore: decorator
@inline
function at(frequency: usize): usize {
  return log2 + (<usize>load<u16>(frequency) << 3)
}

/**
 * bits[leaf] = Σ over its path, level by level in place.
 * The first level is stored by pairs, as it is read: a vector load right behind two single stores would wait for them.
 */
function leafBits(frequency: usize): void {
  let to = bits
  let k = 0
  for (; k + 2 <= K; k += 2) {
    v128.store(to, v128.load64_lane(at(frequency + 2), v128.load64_zero(at(frequency)), 1))
    to += 16
    frequency += 4
  }
  const never = f64x2.splat(Infinity)
  if (k < K) {
    v128.store(to, v128.load64_lane(at(frequency), never, 0))
    to += 16
    frequency += 2
  }
  v128.store(to, never)
  if (K < leaves) deeperBits(frequency)
}

/** From the last child down: a parent is read before its place is written. */
function deeperBits(frequency: usize): void {
  let width = K
  while (width < leaves) {
    const parents = width
    width *= K
    let child = bits + (<usize>width << 3)
    let f = frequency + (<usize>width << 1)
    for (let parent = parents - 1; parent >= 0; parent--) {
      const sum = load<f64>(bits + (<usize>parent << 3))
      for (let k = 0; k < K; k++) {
        child -= 8
        f -= 2
        store<f64>(child, sum + load<f64>(at(f)))
      }
    }
    frequency += <usize>width << 1
  }
  const end = bits + (<usize>leaves << 3)
  v128.store(end, f64x2.splat(Infinity))
  store<f64>(end, Infinity, 16)
}

/** An end leaf of a layer with escape: its code for count 0 is one bit. Returns the bits without it. */
// @ts-ignore: decorator
@inline
function addEscapeBit(leaf: i32): f64 {
  const pair = bits + (<usize>(leaf & ~1) << 3)
  const before = v128.load(pair)
  const odd = (leaf & 1) != 0
  v128.store(pair, f64x2.add(before, odd ? f64x2(0, 1) : f64x2(1, 0)))
  return odd ? f64x2.extract_lane(before, 1) : f64x2.extract_lane(before, 0)
}

/** Lanes where (cost b, leaf b) comes before (cost a, leaf a): ties to the lowest leaf. */
// @ts-ignore: decorator
@inline
function before(costB: v128, leafB: v128, costA: v128, leafA: v128): v128 {
  return v128.or(f64x2.lt(costB, costA), v128.and(f64x2.eq(costB, costA), i64x2.lt_s(leafB, leafA)))
}

function cheapestLeaf(u: usize): void {
  const scale = i32x4.splat(mantissa), rounding = i32x4.splat(<i32>half), middle = i32x4.splat(mean)
  const low = i32x4.splat(-limit), high = i32x4.splat(limit), wanted = i32x4.splat(target)
  const w = f64x2.splat(weight), l = f64x2.splat(lambda)
  let best0 = f64x2.splat(Infinity), best1 = best0
  let leaf0 = i64x2(0, 1), leaf1 = i64x2(2, 3)
  let index0 = leaf0, index1 = leaf1
  let b = bits
  const end = b + (<usize>leaves << 3)
  while (b < end) {
    // mantissa · u: both fit in 16 bits, and the upper half of `scale` is 0.
    const product = i32x4.dot_i16x8_s(v128.load16x4_s(u), scale)
    const moved = i32x4.add(middle, i32x4.shr_s(i32x4.add(product, rounding), shift))
    const error = i32x4.sub(i32x4.min_s(i32x4.max_s(moved, low), high), wanted)
    const e0 = f64x2.convert_low_i32x4_s(error)
    const e1 = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(error, error, 2, 3, 2, 3))
    const cost0 = f64x2.add(f64x2.mul(w, f64x2.mul(e0, e0)), f64x2.mul(l, v128.load(b)))
    const cost1 = f64x2.add(f64x2.mul(w, f64x2.mul(e1, e1)), f64x2.mul(l, v128.load(b, 16)))
    leaf0 = v128.bitselect(index0, leaf0, f64x2.lt(cost0, best0))
    leaf1 = v128.bitselect(index1, leaf1, f64x2.lt(cost1, best1))
    best0 = f64x2.pmin(best0, cost0)
    best1 = f64x2.pmin(best1, cost1)
    index0 = i64x2.add(index0, i64x2.splat(4))
    index1 = i64x2.add(index1, i64x2.splat(4))
    b += 32
    u += 8
  }
  // The best of the four lanes, without branches that nobody could predict.
  let earlier = before(best1, leaf1, best0, leaf0)
  best0 = v128.bitselect(best1, best0, earlier)
  leaf0 = v128.bitselect(leaf1, leaf0, earlier)
  best1 = v128.shuffle<i64>(best0, best0, 1, 0)
  leaf1 = v128.shuffle<i64>(leaf0, leaf0, 1, 0)
  earlier = before(best1, leaf1, best0, leaf0)
  bestCost = f64x2.extract_lane(v128.bitselect(best1, best0, earlier), 0)
  bestLeaf = <i32>i64x2.extract_lane(v128.bitselect(leaf1, leaf0, earlier), 0)
  bestCount = 0
}

/** An end leaf moved outwards by its nearest count, if that is not 0. */
function considerEscape(leaf: i32, u: i32, leafBits: f64): void {
  const outwards: i64 = leaf == 0 ? -1 : 1
  const value = (<i64>mantissa * u + half) >> shift
  const beyond = <f64>(outwards * (<i64>target - mean - value))
  if (beyond <= 0) return
  const unit = <f64>(mantissa << 8) / <f64>(1 << shift)
  const count = <i32>min(Math.floor(beyond / unit + 0.5), ESCAPE_MAX)
  if (count <= 0) return
  // |mantissa · (u + 256 · 65535)| < 2^40
  const moved = <i64>mean + ((<i64>mantissa * (u + outwards * 256 * count) + half) >> shift)
  const error = <f64>(max<i64>(min<i64>(moved, limit), -limit) - target)
  const codeBits = leafBits + <f64>(2 * (31 - clz(count + 1)) + 1)
  const cost = weight * (error * error) + lambda * codeBits
  // In the reference's order a moved leaf 0 comes before all leaves but 0 itself.
  if (cost < bestCost || (cost == bestCost && leaf < bestLeaf)) {
    bestCost = cost
    bestLeaf = leaf
    bestCount = count
  }
}

/**
 * @param u [r, leaves' rows at its end] int16; rows per coefficient, the leaves last
 * @param sigmas [3785][mantissa, shift] int32
 * @param parity of x + y of the positions that choose, or −1: all
 * @param means int32, sigmaRows int32, frequency uint16 [rows], targets int32 [positions, r]; weights double [r]
 * @param importance double [positions]; 0: all are 1
 * @param outLeaves, outCounts [positions, r] uint16: written where a position chooses
 */
export function cheapest(
  u: usize, sigmas: usize, log2Table: usize, r: i32, candidates: i32, leafCount: i32, rows: i32, parity: i32,
  escape: bool, means: usize, sigmaRows: usize, frequency: usize, targets: usize, weights: usize,
  importance: usize, lambdaPerBit: f64, valueLimit: i32, width: i32, height: i32, outLeaves: usize, outCounts: usize
): void {
  K = candidates
  leaves = leafCount
  limit = valueLimit
  lambda = lambdaPerBit
  log2 = log2Table
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (parity >= 0 && ((x + y) & 1) != parity) {
        means += <usize>r << 2
        sigmaRows += <usize>r << 2
        targets += <usize>r << 2
        frequency += <usize>(r * rows) << 1
        outLeaves += <usize>r << 1
        outCounts += <usize>r << 1
        if (importance) importance += 8
        continue
      }
      let own: f64 = 1
      if (importance) {
        own = load<f64>(importance)
        importance += 8
      }
      let leafU = u + (<usize>(rows - leaves) << 1)
      for (let c = 0; c < r; c++) {
        const sigma = sigmas + (<usize>load<i32>(sigmaRows) << 3)
        mantissa = load<i32>(sigma)
        shift = load<i32>(sigma, 4)
        half = shift > 0 ? <i64>1 << (shift - 1) : 0
        mean = load<i32>(means)
        target = load<i32>(targets)
        weight = load<f64>(weights + (<usize>c << 3)) * own
        leafBits(frequency)
        if (escape) {
          const firstBits = addEscapeBit(0), lastBits = addEscapeBit(leaves - 1)
          cheapestLeaf(leafU)
          considerEscape(0, load<i16>(leafU), firstBits)
          considerEscape(leaves - 1, load<i16>(leafU + (<usize>(leaves - 1) << 1)), lastBits)
        } else cheapestLeaf(leafU)
        store<u16>(outLeaves, <u16>bestLeaf)
        store<u16>(outCounts, <u16>bestCount)
        leafU += <usize>rows << 1
        means += 4
        sigmaRows += 4
        targets += 4
        frequency += <usize>rows << 1
        outLeaves += 2
        outCounts += 2
      }
    }
  }
}
