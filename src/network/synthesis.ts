/** From chosen coefficients to planes (SPEC 7), the same code for every engine: doubles in a stated order. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { synthesise } from './lapped.js'
import { freshScratch, type Scratch } from './scratch.js'

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
  const stride = order.length
  const chosenAt = new Int32Array(192).fill(-1)
  order.forEach((id, i) => (chosenAt[id] = i))
  for (let p = 0; p < positions; p++) {
    for (let id = 0; id < 192; id++) {
      const i = chosenAt[id]
      const chosen = i >= 0 ? sum[p * stride + i] : id % 64 === 0 ? 8 * dc[p * 3 + id / 64] : 0
      out[p * 192 + id] = clamp(engine.round((chosen + rest[p * 192 + id]) / 8))
    }
  }
}

/**
 * The linear picture (SPEC 7.4): inverse lapped transform of every colour plane.
 * @param coefficients [fine positions, 192] in 1/8
 * @param scratch for a plane in doubles
 * @returns three planes int16 [8·height, 8·width] in 1/8, clamped to ±19,200
 * @example synthesisePlanes(engine, new Int16Array(192), { width: 1, height: 1 }) // three planes of 64 zeros
 */
export function synthesisePlanes(
  engine: Engine,
  coefficients: Numbers,
  fine: Size,
  scratch: Scratch = freshScratch,
): [Numbers, Numbers, Numbers] {
  const linear = scratch('linear', fine.width * fine.height * 64)
  const plane = (index: number): Numbers => {
    synthesise(coefficients, fine.width, fine.height, 64 * index, 192, linear)
    const out = engine.allocate('int16', linear.length)
    for (let i = 0; i < out.length; i++) out[i] = clamp(engine.round(linear[i]))
    return out
  }
  return [plane(0), plane(1), plane(2)]
}
