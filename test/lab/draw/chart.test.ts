import { expect, test } from 'vitest'
import { chartSvg } from '../../../src/lab/draw/chart.js'

const bpp = { label: 'bpp & more', scale: 'log' } as const
const decibel = { label: 'dB', scale: 'linear' } as const

test('a doubling is the same way everywhere on a log axis', () => {
  const line = { name: 'one', colour: '#123456', points: [[0.25, 30], [0.5, 31], [1, 32]] } as const // prettier-ignore
  const svg = chartSvg('Rate <1>', bpp, decibel, [line])
  const [x0, x1, x2] = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x))
  expect(x1 - x0).toBeCloseTo(x2 - x1, 0)
  expect(svg).toContain('Rate &lt;1&gt;')
  expect(svg).toContain('bpp &amp; more')
  for (const mark of ['0.25', '0.5', '1', '30', '32']) expect(svg).toContain(`>${mark}</text>`)
})

test('many points have no dots, a dashed line is dashed in the legend too', () => {
  const points = Array.from({ length: 100 }, (_, i) => [1 + i, i] as const)
  const svg = chartSvg('Many', bpp, decibel, [{ name: 'greedy', colour: 'red', points, dashed: true }])
  expect(svg).not.toContain('<circle')
  expect(svg.match(/stroke-dasharray/g)).toHaveLength(2)
})

test('no lines, a line of nothing, a single point: still a picture', () => {
  for (const lines of [
    [],
    [{ name: 'a', colour: 'red', points: [] }],
    [{ name: 'a', colour: 'red', points: [[1, 2]] as const }],
  ]) {
    expect(chartSvg('Few', bpp, decibel, lines)).not.toMatch(/NaN|Infinity|undefined/)
  }
})
