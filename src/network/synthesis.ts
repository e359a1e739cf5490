/** From chosen coefficients to planes (SPEC 7), the same code for every engine: doubles in a stated order. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { synthesise } from './lapped.js'

/** Limit of coefficients and planes after the walk, in 1/8. */
export const PLANE_LIMIT = 19200

const clamp = (x: number): number => (x < -PLANE_LIMIT ? -PLANE_LIMIT : x > PLANE_LIMIT ? PLANE_LIMIT : x)

/**
 * The plane of DC coefficients of each colour plane, from the coarse grid (SPEC 7.2).
 * @param sum [coarse positions, order.length] in 1/64
 * @param fine the DC planes are cropped to this many positions
 * @returns int16 [fine positions, 3] in 1/8, clamped to ±19,200
 * @example const dc = synthesiseDc(engine, model.coarse.order, state.sum, layout.coarse, layout.fine)
 */
export function synthesiseDc(engine: Engine, order: Uint8Array, sum: Numbers, coarse: Size, fine: Size): Numbers {
  const positions = coarse.width * coarse.height
  const out = engine.allocate('int16', fine.width * fine.height * 3)
  const coefficients = new Float64Array(positions * 64)
  for (let plane = 0; plane < 3; plane++) {
    coefficients.fill(0)
    order.forEach((id, i) => {
      if (id >> 6 !== plane) return
      for (let p = 0; p < positions; p++) coefficients[p * 64 + (id & 63)] = sum[p * order.length + i]
    })
    const dc = synthesise(coefficients, coarse.width, coarse.height)
    for (let y = 0; y < fine.height; y++) {
      for (let x = 0; x < fine.width; x++) {
        out[(y * fine.width + x) * 3 + plane] = clamp(engine.round(dc[y * coarse.width * 8 + x] / 8))
      }
    }
  }
  return out
}

/**
 * Coefficients of one position in the order of ids: the chosen AC coefficients, the DC plane, and the closing layer's
 * rest (SPEC 7.3).
 * @param sum chosen coefficients of a tile [positions, order.length], 1/64
 * @param dc [positions, 3] of the tile, 1/8
 * @param rest [positions, 192], 1/64
 * @param out [positions, 192] in 1/8, clamped to ±19,200
 */
export function closeCoefficients(
  engine: Engine,
  order: Uint8Array,
  sum: Numbers,
  dc: Numbers,
  rest: Numbers,
  positions: number,
  out: Numbers,
): void {
  // Halves and eighths are exact in a double: the rounding is add half, arithmetic shift.
  const eighths = (x: number): number => clamp(engine.round(x / 8))
  for (let p = 0; p < positions; p++) {
    const at = p * 192
    for (let id = 0; id < 192; id++) out[at + id] = eighths(rest[at + id])
    for (let plane = 0; plane < 3; plane++)
      out[at + plane * 64] = eighths(8 * dc[p * 3 + plane] + rest[at + plane * 64])
    for (let i = 0; i < order.length; i++) {
      out[at + order[i]] = eighths(sum[p * order.length + i] + rest[at + order[i]])
    }
  }
}

/**
 * The linear picture (SPEC 7.4): inverse lapped transform of every colour plane.
 * @param coefficients [fine positions, 192] in 1/8
 * @returns three planes int16 [8·height, 8·width] in 1/8, clamped to ±19,200
 * @example synthesisePlanes(engine, new Int16Array(192), { width: 1, height: 1 }) // three planes of 64 zeros
 */
export function synthesisePlanes(engine: Engine, coefficients: Numbers, fine: Size): [Numbers, Numbers, Numbers] {
  const positions = fine.width * fine.height
  const one = new Float64Array(positions * 64)
  const plane = (index: number): Numbers => {
    for (let p = 0; p < positions; p++) {
      for (let i = 0; i < 64; i++) one[p * 64 + i] = coefficients[p * 192 + index * 64 + i]
    }
    const linear = synthesise(one, fine.width, fine.height)
    const out = engine.allocate('int16', positions * 64)
    for (let i = 0; i < out.length; i++) out[i] = clamp(engine.round(linear[i]))
    return out
  }
  return [plane(0), plane(1), plane(2)]
}
