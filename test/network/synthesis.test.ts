import { describe, expect, test } from 'vitest'
import { reference } from '../../src/engine/reference.js'
import { closeCoefficients, synthesiseDc, synthesisePlanes } from '../../src/network/synthesis.js'

describe('the DC planes', () => {
  test('a flat plane is one coarse coefficient: 1/8 of it, in 1/64, at every fine position', () => {
    // Coarse coefficient 0 of planes 0 and 2, in 1/64: 64·800 is 800 grey levels, 100 at every position of the plane.
    const [coarse, fine] = [
      { width: 1, height: 1 },
      { width: 3, height: 2 },
    ]
    const dc = synthesiseDc(reference, Uint8Array.of(0, 128), Int32Array.of(64 * 800, -64 * 80), coarse, fine)
    expect([...dc]).toEqual(new Array(6).fill([800, 0, -80]).flat())
  })

  test('values beyond the limit are clamped to ±19,200', () => {
    const size = { width: 1, height: 1 }
    const dc = synthesiseDc(reference, Uint8Array.of(0, 64), Int32Array.of(1638400, -1638400), size, size)
    expect([...dc]).toEqual([19200, -19200, 0])
  })
})

test('closing: chosen coefficients and DC, each with its rest, rounded from 1/64 to 1/8', () => {
  const rest = new Int32Array(192)
  rest[0] = 12 // with the DC of 10/8: (80 + 12 + 4) >> 3
  rest[5] = -4 // not coded: (−4 + 4) >> 3
  rest[6] = -5 // (−5 + 4) >> 3
  rest[130] = 100
  const out = new Int16Array(192)
  const sum = Int32Array.of(19, -20, 2_000_000)
  closeCoefficients(reference, Uint8Array.of(1, 130, 9), sum, Int16Array.of(10, -3, 0), rest, 1, out)
  const expected = new Int16Array(192)
  expected[0] = 12
  expected[64] = -3
  expected[1] = 2 // (19 + 4) >> 3
  expected[6] = -1
  expected[9] = 19200 // clamped
  expected[130] = 10 // (−20 + 100 + 4) >> 3
  expect(out).toEqual(expected)
})

test('the linear picture: a DC of 8v is a flat plane of v', () => {
  const coefficients = new Int16Array(2 * 192)
  for (const p of [0, 1]) coefficients.set([800], p * 192 + 64)
  const planes = synthesisePlanes(reference, coefficients, { width: 2, height: 1 })
  expect([...planes[0]]).toEqual(new Array(128).fill(0))
  expect([...planes[1]]).toEqual(new Array(128).fill(100))
  expect(planes[2].length).toBe(128)
})
