import { expect, test } from 'vitest'
import { chartSvg } from '../../../src/lab/draw/chart.js'

const bpp = { label: 'bpp & more', scale: 'log' } as const
const decibel = { label: 'dB', scale: 'linear' } as const

test('a doubling is the same way everywhere on a log axis', () => {
  const line = { name: 'one', colour: '#123456', points: [[0.25, 30], [0.5, 31], [1, 32]] } as const // prettier-ignore
  const svg = chartSvg('Rate <1>', [{ x: bpp, y: decibel, lines: [line] }])
  const [x0, x1, x2] = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x))
  expect(x1 - x0).toBeCloseTo(x2 - x1, 0)
  expect(svg).toContain('Rate &lt;1&gt;')
  expect(svg).toContain('bpp &amp; more')
  for (const mark of ['0.3', '0.5', '1', '30', '32']) expect(svg).toContain(`>${mark}</text>`)
})

test('many points have no dots, a dashed line is dashed in the legend too', () => {
  const points = Array.from({ length: 100 }, (_, i) => [1 + i, i] as const)
  const svg = chartSvg('Many', [
    { x: bpp, y: decibel, lines: [{ name: 'greedy', colour: 'red', points, dashed: true }] },
  ])
  expect(svg).not.toContain('<circle')
  expect(svg.match(/stroke-dasharray/g)).toHaveLength(2)
})

test('no lines, a line of nothing, a single point: still a picture', () => {
  for (const lines of [
    [],
    [{ name: 'a', colour: 'red', points: [] }],
    [{ name: 'a', colour: 'red', points: [[1, 2]] as const }],
  ]) {
    expect(chartSvg('Few', [{ x: bpp, y: decibel, lines }])).not.toMatch(/NaN|Infinity|undefined/)
  }
})

test('charts stand one below the other, and what is outside of an axis is cut', () => {
  // The first point does not decide how far up reaches: from 1 − 1/30 to 2 + 1/30.
  const lines = [{ name: 'a', colour: 'red', points: [[0, 100], [5, 1], [10, 2]] as const }] // prettier-ignore
  const x = { label: 'step', scale: 'linear', range: [0, 10] } as const
  const svg = chartSvg('Two', [{ x, y: decibel, lines, from: 1 }, { x, y: decibel, lines: [] }], 240) // prettier-ignore
  // Frames are 64…824 wide; the first from 64 to 304, the second 240 + 84 below.
  expect(svg).toContain('L444.0 296.5L824.0 71.5')
  expect([...svg.matchAll(/<g clip-path="url\(#at(\d+)\)">/g)].map(([, top]) => Number(top))).toEqual([64, 388])
})

test('points without a place are left out: none, not finite, not over 0 on a log axis', () => {
  const points = [[1, 1], [2, null], [3, NaN], [0, 4], [5, 2]] as const // prettier-ignore
  const svg = chartSvg('Gaps', [{ x: bpp, y: decibel, lines: [{ name: 'a', colour: 'red', points }] }])
  expect(svg.match(/<circle/g)).toHaveLength(2)
  expect(svg).not.toMatch(/NaN|Infinity/)
})
