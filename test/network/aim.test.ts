/** What a walk should reach, told by the walk before. */
import { expect, test } from 'vitest'
import { lambdaOf } from '../../src/codec/lambda.js'
import { reference } from '../../src/engine/reference.js'
import { aimOf, extraBeyond, sumOf, type Sum } from '../../src/network/aim.js'
import { toOpponent } from '../../src/network/colour.js'
import { rateDistortion, recording } from '../../src/network/guides.js'
import { layoutOf } from '../../src/network/layout.js'
import { reconstruct } from '../../src/network/reconstruct.js'
import { coefficientsOf, targetsOf } from '../../src/network/target.js'
import { micro, picture } from '../micro.js'

const source = picture(72, 40, 3)
const layout = layoutOf(72, 40, 64) // two tiles
const targetOf = targetsOf(reference, source, micro, layout)

test('a sum is what the walk itself adds up', () => {
  const weights = new Float64Array(192).fill(1)
  const sums = new Map<number | null, Sum>()
  const guideOf = (tile: number | null) => {
    const [grid, { width, height }] = tile === null ? [micro.coarse, layout.coarse] : [micro.fine, layout.tiles[tile]]
    const sum = sumOf(reference, grid, width * height)
    sums.set(tile, sum)
    return recording(rateDistortion(targetOf(tile), weights, lambdaOf(20)), sum.listen)
  }
  const last = new Map<number | null, number[]>()
  const walked = reconstruct(reference, micro, { layout, s: 20, fineLayers: 4 }, guideOf, ({ sum }, tile) => {
    last.set(tile, [...sum])
  })
  while (!walked.next().done);
  expect([...sums.keys()]).toEqual([null, 0, 1])
  for (const [tile, { total }] of sums) expect([...total]).toEqual(last.get(tile))
})

test('nothing is extra where the planes are what the choices say', () => {
  const planes = toOpponent(source, 72, 40).map((plane) => Int16Array.from(plane, (value) => Math.round(value * 8)))
  const totalOf = coefficientsOf(
    reference,
    planes.map((plane) => Float64Array.from(plane, (value) => value / 8)),
    micro,
    layout,
  )
  const extraOf = extraBeyond(reference, micro, layout, totalOf, planes)
  for (const tile of [null, 0, 1]) expect(extraOf(tile).every((extra) => extra === 0)).toBe(true)
})

test('the aim is the source less the extra; neither is changed', () => {
  const extraOf = (): Int32Array => Int32Array.of(1, -2)
  const aim = aimOf(() => Int32Array.of(10, 20), extraOf)
  expect([...aim(null)]).toEqual([9, 22])
  expect([...aim(null)]).toEqual([9, 22])
})
