/** Replays choices (SPEC 6.4, 6.6): values into the running sum, and the inputs of the feedback convolution. */
const ACTIVATION_MAX: i32 = 8191

// @ts-ignore: decorator
@inline
function clamp(x: i32, low: i32, high: i32): i32 {
  return min(max(x, low), high)
}

/**
 * @param u [r, rows] int16
 * @param sigmas [3785][mantissa, shift] int32
 * @param logs int16 by (|value| + 4) >> 3, or by (|value| + 32) >> 6 if `coarse`
 * @param parity of x + y of the positions that choose, or −1: all
 * @param means, sigmaRows int32, leafOf, countOf uint16 [positions, r]
 * @param sum int32, at the layer's first coefficient of the first position; `stride` per position
 * @param features [positions, 3r] int16, cleared where a position does not choose
 */
export function apply(
  u: usize, sigmas: usize, logs: usize, coarse: bool, r: i32, leaves: i32, rows: i32, parity: i32,
  means: usize, sigmaRows: usize, leafOf: usize, countOf: usize, limit: i32, width: i32, height: i32,
  stride: i32, sum: usize, features: usize
): void {
  const plane = <usize>r << 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (parity >= 0 && ((x + y) & 1) != parity) {
        memory.fill(features, 0, 3 * plane)
        means += <usize>r << 2
        sigmaRows += <usize>r << 2
        leafOf += plane
        countOf += plane
      } else {
        let leafU = u + (<usize>(rows - leaves) << 1)
        let total = sum
        let feature = features
        for (let c = 0; c < r; c++) {
          const sigma = sigmas + (<usize>load<i32>(sigmaRows) << 3)
          const mantissa = load<i32>(sigma), shift = load<i32>(sigma, 4)
          const leaf = <i32>load<u16>(leafOf), count = <i32>load<u16>(countOf)
          const node = <i32>load<i16>(leafU + (<usize>leaf << 1))
          const half: i64 = shift > 0 ? <i64>1 << (shift - 1) : 0
          // |mantissa · (u + 256 · 65535)| < 2^40
          const moved = <i64>(node + (leaf == 0 ? -256 : 256) * count)
          const unclamped = <i64>load<i32>(means) + ((<i64>mantissa * moved + half) >> shift)
          const value = <i32>max<i64>(min<i64>(unclamped, limit), -limit)
          // |sum| and |value| ≤ limit ≤ 2^21
          store<i32>(total, clamp(load<i32>(total) + value, -limit, limit))
          const magnitude = abs(value)
          const log = <i32>load<i16>(logs + (<usize>(coarse ? (magnitude + 32) >> 6 : (magnitude + 4) >> 3) << 1))
          const chosen = clamp((node + 1) >> 1, -ACTIVATION_MAX, ACTIVATION_MAX)
          store<i16>(feature, <i16>(value < 0 ? -log : log))
          store<i16>(feature + plane, <i16>chosen)
          store<i16>(feature + 2 * plane, <i16>abs(chosen))
          leafU += <usize>rows << 1
          means += 4
          sigmaRows += 4
          leafOf += 2
          countOf += 2
          total += 4
          feature += 2
        }
      }
      sum += <usize>stride << 2
      features += 3 * plane
    }
  }
}
