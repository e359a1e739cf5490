/** A convolution's weights in the order in which the kernels read them. */

/** `count` weights of 1 or 2 bytes, eight at most, then zeros. */
// @ts-ignore: decorator
@inline
function load(at: usize, bytes: i32, count: i32): v128 {
  const all = bytes == 1 ? v128.load8x8_s(at) : v128.load(at)
  return count >= 8 ? all : v128.and(all, i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>count)))
}

/**
 * @param from [outputs][runs][runLength] of `bytes` each; what follows may be read
 * @param to [outputs / 8][runs][pair, an even number of them][8 outputs × 2 inputs] int16; zeros where there is no output
 *   or input
 */
export function packWeights(from: usize, bytes: i32, runs: i32, runLength: i32, outputs: i32, to: usize): void {
  const pairs = ((runLength + 3) >> 2) << 1
  const runBytes = <usize>(runLength * bytes)
  const outputBytes = <usize>runs * runBytes
  for (let o = 0; o < outputs; o += 8) {
    for (let run = 0; run < runs; run++) {
      for (let half = 0; half < 2; half++) {
        const there = outputs - o - 4 * half
        // Outputs that do not exist read the place of one that does.
        const first = from + <usize>(there > 0 ? o + 4 * half : o) * outputBytes + <usize>run * runBytes
        let out = to + (<usize>half << 4)
        for (let pair = 0; pair < pairs; pair += 4) {
          const at = first + <usize>(2 * pair * bytes)
          const count = runLength - 2 * pair
          // Four outputs of four pairs become four pairs of four outputs.
          const a = load(at, bytes, there > 0 ? count : 0)
          const b = load(there > 1 ? at + outputBytes : at, bytes, there > 1 ? count : 0)
          const c = load(there > 2 ? at + 2 * outputBytes : at, bytes, there > 2 ? count : 0)
          const d = load(there > 3 ? at + 3 * outputBytes : at, bytes, there > 3 ? count : 0)
          const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
          v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2))
          v128.store(out + 32, v128.shuffle<i64>(ab, cd, 1, 3))
          if (pair + 2 < pairs) {
            const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
            v128.store(out + 64, v128.shuffle<i64>(ef, gh, 0, 2))
            v128.store(out + 96, v128.shuffle<i64>(ef, gh, 1, 3))
          }
          out += 128
        }
      }
      to += <usize>pairs << 5
    }
  }
}
