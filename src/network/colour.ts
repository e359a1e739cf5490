/**
 * Colour (SPEC 7.6): RGB to orthonormal opponent planes in doubles (encoder), and back in integers (normative).
 * o0 = (R + G + B)/√3, o1 = (R − B)/√2, o2 = (R − 2G + B)/√6, of samples less 128.
 */
import type { Numbers } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import type { Picture } from './picture.js'
import { freshScratch, type Scratch } from './scratch.js'

const ROOT_3 = 1.7320508075688772
const PER_ROOT_3 = 0.57735026918962576
const PER_ROOT_2 = 0.70710678118654752
const PER_ROOT_6 = 0.40824829046386302

/**
 * Opponent planes of a picture, its last column and row repeated up to the larger size.
 * Grey is R = G = B: o0 = (grey − 128)·√3, and o1 and o2 are zero.
 * @param picture a checked picture
 * @param width8 a multiple of 8, at least picture.width; height8 likewise
 * @param scratch where the planes lie
 * @returns three Float64Array[height8, width8] in grey levels, |o0| ≤ 221.8, |o1| ≤ 180.4, |o2| ≤ 208.3
 * @throws {DdncError} BadOption if the planes are smaller than the picture
 * @example toOpponent({ width: 1, height: 1, components: 3, data: Uint8Array.of(129, 128, 128) }, 8, 8)
 * // 64 times 0.577, 64 times 0.707, 64 times 0.408
 */
export function toOpponent(
  picture: Picture,
  width8: number,
  height8: number,
  scratch: Scratch = freshScratch,
): [Float64Array, Float64Array, Float64Array] {
  const { width, height, components, data } = picture
  atLeast('plane width', width8, width)
  atLeast('plane height', height8, height)
  const plane = (index: number): Float64Array => scratch(`opponent ${index}`, width8 * height8)
  const planes: [Float64Array, Float64Array, Float64Array] = [plane(0), plane(1), plane(2)]
  const [plane0, plane1, plane2] = planes
  for (let y = 0; y < height; y++) {
    const line = y * width8
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * components
      if (components === 1) {
        plane0[line + x] = (data[from] - 128) * ROOT_3
        plane1[line + x] = plane2[line + x] = 0
      } else {
        const r = data[from],
          g = data[from + 1],
          b = data[from + 2]
        plane0[line + x] = (r + g + b - 384) * PER_ROOT_3
        plane1[line + x] = (r - b) * PER_ROOT_2
        plane2[line + x] = (r - 2 * g + b) * PER_ROOT_6
      }
    }
    for (const plane of planes) plane.fill(plane[line + width - 1], line + width, line + width8)
  }
  const last = (height - 1) * width8
  for (const plane of planes) {
    for (let y = height; y < height8; y++) plane.copyWithin(y * width8, last, last + width8)
  }
  return planes
}

/** round(2^15/√3), round(2^15/√2), round(2^15/√6), round(2^16/√6) */
const WEIGHT_0 = 18919
const WEIGHT_1 = 23170
const WEIGHT_2 = 13377
const WEIGHT_2_GREEN = 26755
/** 1/8 of the planes times 2^15 of the weights: 2^18 is one grey level. */
const SHIFT = 18
const HALF = 1 << 17

/**
 * Pixels of opponent planes, the decoder's last step:
 * R = clamp(128 + ((18919·o0 + 23170·o1 + 13377·o2 + 2^17) >> 18), 0, 255), G = … 18919·o0 − 26755·o2 …,
 * B = … 18919·o0 − 23170·o1 + 13377·o2 …; grey from o0 alone.
 * @param planes o0, o1, o2: [height, stride] integers in 1/8, |o| ≤ 19,200; grey reads the first only
 * @param stride numbers from one row of the planes to the next, at least width
 * @returns Uint8Array[height, width, components]
 * @throws {DdncError} BadOption if a plane is too small
 * @example fromOpponent([Int16Array.of(8), Int16Array.of(0), Int16Array.of(0)], 1, 1, 1, 3) // 129 129 129: 128 + 1/√3
 */
export function fromOpponent(
  planes: readonly [Numbers, Numbers, Numbers] | readonly [Numbers],
  stride: number,
  width: number,
  height: number,
  components: 1 | 3,
): Uint8Array {
  atLeast('number of planes', planes.length, components)
  atLeast('stride', stride, width)
  for (const plane of planes) atLeast('length of plane', plane.length, stride * (height - 1) + width)
  const out = new Uint8ClampedArray(width * height * components) // clamps the store to 0…255
  const [plane0, plane1, plane2] = planes as readonly [Numbers, Numbers, Numbers]
  for (let y = 0, to = 0; y < height; y++) {
    for (let from = y * stride; from < y * stride + width; from++) {
      // |sum| ≤ 19,200·(18919 + 23170 + 13377) + 2^17 = 1,065,078,272 < 2^31
      const luma = WEIGHT_0 * plane0[from] + HALF
      if (components === 1) {
        out[to++] = 128 + (luma >> SHIFT)
        continue
      }
      const o1 = plane1[from],
        o2 = plane2[from]
      out[to++] = 128 + ((luma + WEIGHT_1 * o1 + WEIGHT_2 * o2) >> SHIFT)
      out[to++] = 128 + ((luma - WEIGHT_2_GREEN * o2) >> SHIFT)
      out[to++] = 128 + ((luma - WEIGHT_1 * o1 + WEIGHT_2 * o2) >> SHIFT)
    }
  }
  return new Uint8Array(out.buffer)
}

function atLeast(option: string, found: number, least: number): void {
  if (found >= least) return
  throw new DdncError({ tag: 'BadOption', option, found: String(found), allowed: `at least ${least}` })
}
