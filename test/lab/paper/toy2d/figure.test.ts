import { expect, test } from 'vitest'
import { figure } from '../../../../src/lab/paper/toy2d/figure.js'

test('a row of panels, bright where the values are', () => {
  const density = { side: 2, masses: Float64Array.of(0, 0, 0.5, 0.5) }
  const panels = [density.masses, Float64Array.of(4, 0, 0, 0)].map((values) => ({ values, caption: 'KL 0.5' }))
  const { width, height, components, data } = figure(['one', 'other'], [{ density, panels }])
  // 14 + 2·(2·100 + 14), and 26 + 200 + 26
  expect([width, height, components]).toEqual([442, 252, 3])
  const red = (x: number, y: number): number => data[(y * width + x) * 3]
  expect([red(20, 30), red(20, 200)]).toEqual([4, 235]) // the density's nothing, and √½ of the brightest
  expect([red(234, 30), red(234, 200)]).toEqual([255, 4])
})
