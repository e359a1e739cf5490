/** What stands between convolutions: rectify and narrow (SPEC 5.1), splitHeads (SPEC 5.4). */
import { clampInt16, clampInt32, half, storeInt16, storeInt32 } from './lanes'

const ACTIVATION_MAX: i16 = 8191

/** Zeros around [height + 2, width + 2, channels] int16. */
function clearBorder(out: usize, width: i32, height: i32, positionBytes: usize): void {
  const rowBytes = <usize>(width + 2) * positionBytes
  memory.fill(out, 0, rowBytes)
  for (let y = 0; y < height; y++) {
    out += rowBytes
    memory.fill(out, 0, positionBytes)
    memory.fill(out + rowBytes - positionBytes, 0, positionBytes)
  }
  memory.fill(out + rowBytes, 0, rowBytes)
}

/** bias [channels] int32, |bias| ≤ 2^30; h + bias and half fit in 32 bits. */
export function rectify(
  h: usize, bias: usize, shift: i32, channels: i32, width: i32, height: i32, border: bool, out: usize
): void {
  const positionBytes = <usize>channels * 2
  if (border) {
    clearBorder(out, width, height, positionBytes)
    out += <usize>(width + 2) * positionBytes + positionBytes
  }
  const zero = i32x4.splat(0), rounding = i32x4.splat(half(shift))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c += 8) {
        const v = v128.load(h + <usize>c * 2)
        const b = bias + <usize>c * 4
        const low = i32x4.max_s(i32x4.add(i32x4.extend_low_i16x8_s(v), v128.load(b)), zero)
        const high = i32x4.max_s(i32x4.add(i32x4.extend_high_i16x8_s(v), v128.load(b, 16)), zero)
        const lowShifted = i32x4.shr_s(i32x4.add(low, rounding), shift)
        const highShifted = i32x4.shr_s(i32x4.add(high, rounding), shift)
        const y = i16x8.min_s(i16x8.narrow_i32x4_s(lowShifted, highShifted), i16x8.splat(ACTIVATION_MAX))
        if (c + 8 <= channels) v128.store(out + <usize>c * 2, y)
        else storeInt16(out + <usize>c * 2, y, channels - c)
      }
      h += positionBytes
      out += positionBytes
    }
    if (border) out += 2 * positionBytes
  }
}

/** x [height, width, channels] int16; out with a zero border. */
export function narrow(x: usize, shift: i32, channels: i32, width: i32, height: i32, out: usize): void {
  const positionBytes = <usize>channels * 2
  clearBorder(out, width, height, positionBytes)
  out += <usize>(width + 2) * positionBytes + positionBytes
  const length = width * channels
  const rounding = i32x4.splat(half(shift))
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < length; i += 8) {
      const v = v128.load(x + <usize>i * 2)
      const low = i32x4.shr_s(i32x4.add(i32x4.extend_low_i16x8_s(v), rounding), shift)
      const high = i32x4.shr_s(i32x4.add(i32x4.extend_high_i16x8_s(v), rounding), shift)
      const y = clampInt16(i16x8.narrow_i32x4_s(low, high), -ACTIVATION_MAX, ACTIVATION_MAX)
      storeInt16(out + <usize>i * 2, y, length - i)
    }
    x += <usize>length * 2
    out += <usize>length * 2 + 2 * positionBytes
  }
}

/** heads [positions, 2r] int32; scaleBias, scaleBase [r] int32; mean, sigma [positions, r] int32. */
export function splitHeads(
  heads: usize, scaleBias: usize, scaleBase: usize, limit: i32, r: i32, positions: i32, mean: usize, sigma: usize
): void {
  const bytes = <usize>r * 4
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < r; c += 4) {
      const i = <usize>c * 4
      storeInt32(mean + i, clampInt32(v128.load(heads + i), -limit, limit), r - c)
      // Cut to 2^30 before the bias (|bias| ≤ 2^29): the sum cannot wrap, and the clamp to −1536…1280 is the same.
      const raw = clampInt32(v128.load(heads + bytes + i), -(1 << 30), 1 << 30)
      const logScale = clampInt32(i32x4.add(raw, v128.load(scaleBias + i)), -1536, 1280)
      const index = i32x4.add(i32x4.add(logScale, v128.load(scaleBase + i)), i32x4.splat(768))
      storeInt32(sigma + i, clampInt32(index, 0, 3784), r - c)
    }
    heads += 2 * bytes
    mean += bytes
    sigma += bytes
  }
}
