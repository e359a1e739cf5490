/**
 * Tables that must be the same numbers on every machine (SPEC 10).
 *
 * `Math.exp` and `Math.log` may differ between engines in the last bit. IEEE double + − × ÷ may not, so everything
 * here is made of those alone, in 3 ms. The literal tables lie in `codec-spec/tables/`; a test compares. No entry is
 * nearer to a rounding tie than 6e-6 of a unit, and the errors below stay under 2e-8 of a unit.
 */

/** e(d) = round(2^16·e^(−d/256)), d = 0…3017: a logit d/256 nat below the largest one. The last entry is 0. */
export const EXPONENTIAL: Int32Array = exponentialTable()

const { mantissa, shift } = sigmaTables()

/**
 * Row i, 0…3784, is σ = e^((i − 768)/256) grey levels: 64σ = SIGMA_MANTISSA[i]·2^(8 − SIGMA_SHIFT[i]), mantissa in
 * 2^14…2^15 − 1, shift in 0…21. With u in 1/256, σu in 1/64 is (mantissa·u + half) >> shift, where half is
 * 2^(shift − 1), or 0 if shift is 0. For |u| ≤ 2^15 the sum stays below 2^30 + 2^20.
 * @example (SIGMA_MANTISSA[768] * 256 + 2 ** (SIGMA_SHIFT[768] - 1)) >> SIGMA_SHIFT[768] // 64: σ = 1, u = 1
 */
export const SIGMA_MANTISSA: Int32Array = mantissa

/** Shifts of `SIGMA_MANTISSA`. */
export const SIGMA_SHIFT: Int32Array = shift

/** round(1024·ln(1 + i/288)), i = (|value| in 1/64 + 4) >> 3, 0…19,200: the feedback's view of a fine value. */
export const LOG_FINE: Int16Array = logTable(288, 19_201)

/** round(1024·ln(1 + i/36)), i = (|value| in 1/64 + 32) >> 6, 0…25,600: the feedback's view of a coarse value. */
export const LOG_COARSE: Int16Array = logTable(36, 25_601)

function exponentialTable(): Int32Array {
  const ratio = 0.99610136947011749 // e^(−1/256)
  const table = new Int32Array(3018)
  let value = 65536 // after d products off by less than d·2^-52 of itself
  for (let d = 0; d < table.length; d++) {
    table[d] = value + 0.5 // the store truncates
    value *= ratio
  }
  return table
}

function sigmaTables(): { mantissa: Int32Array; shift: Int32Array } {
  const ratio = 1.0039138893383476 // e^(1/256)
  const mantissa = new Int32Array(3785)
  const shift = new Int32Array(3785)
  let bits = 21
  // Row i is off by less than (i + 1)·2^-52 of itself.
  let value = 2 ** (bits - 2) * 0.049787068367863943 // 64σ·2^(shift − 8), σ = e^−3
  for (let i = 0; i < 3785; i++) {
    if (value >= 32767.5) {
      // would round to 2^15; σ = 1 is that case
      value /= 2 // exact
      bits--
    }
    mantissa[i] = value + 0.5
    shift[i] = bits
    value *= ratio
  }
  return { mantissa, shift }
}

/**
 * round(1024·ln(1 + i/start)), by ln(n + 1) − ln n = 2·artanh(1/(2n + 1)) summed from n = start.
 * 25,600 sums of at most 6.6 are off by less than 25,600·2^-51 = 1.2e-11 together.
 */
function logTable(start: number, length: number): Int16Array {
  const table = new Int16Array(length)
  let sum = 0
  for (let i = 1; i < length; i++) {
    const t = 1 / (2 * (start + i) - 1) // ≤ 1/73
    const t2 = t * t
    // The term left out, t^9/9, is below 2e-16 of the sum.
    sum += 2 * t * (1 + t2 * (1 / 3 + t2 * (1 / 5 + t2 / 7)))
    table[i] = 1024 * sum + 0.5
  }
  return table
}
