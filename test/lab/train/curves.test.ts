import sharp from 'sharp'
import { expect, test } from 'vitest'
import { curvesSvg } from '../../../src/lab/train/curves.js'
import type { Row } from '../../../src/lab/train/log.js'

const row = (step: number, figure: number | null): Row => ({
  step,
  loss: [figure, ...new Array<null>(9).fill(null)],
  bits: [figure],
  usage: [figure],
})

/** Data of the curves, without legend samples and rules. */
const curvesOf = (svg: string): string[] => [...svg.matchAll(/<path d="([^"]+)" fill="none"/g)].map(([, data]) => data)

test('two points of three panels', () => {
  // Share 0.25 and 1 of 240 pixels; the panels begin at 56, 368 and 680 and are 64…764 wide.
  const [loss, bits, usage] = curvesOf(curvesSvg('a', ['only'], [row(50, 0.25), row(100, 1)]))
  expect(usage).toBe('M414.0 860.0L764.0 680.0')
  // Logarithms from log10 0.25 − 0.05 to 0.05: the points are 0.05 of 0.702 away from the edges, 17.1 pixels.
  expect(loss).toBe('M414.0 278.9L764.0 73.1')
  expect(bits).toBe('M414.0 590.9L764.0 385.1')
})

test('a line goes on over rows that have no value, a single value is a dot', () => {
  const rows = [row(1, 1), row(2, null), row(4, 1)]
  expect(curvesOf(curvesSvg('a', ['only'], rows))[2]).toBe('M239.0 680.0L764.0 680.0')
  expect(curvesOf(curvesSvg('a', ['only'], rows.slice(2)))[2]).toBe('M764.0 680.0h1')
})

test('a run without rows, and one with numbers that are none, are still pictures', async () => {
  for (const rows of [[], [row(1, NaN), row(2, 0), row(3, Infinity)]]) {
    const { width, height } = await sharp(Buffer.from(curvesSvg('nothing', ['only'], rows))).metadata()
    expect([width, height]).toEqual([960, 992])
  }
})

test('names are text, whatever they contain', () => {
  const svg = curvesSvg('<a> & b', ['x < y'], [])
  expect(svg).toContain('&lt;a&gt; &amp; b')
  expect(svg).toContain('x &lt; y')
})

test('a long run has no more points than pixels, and nothing from outside', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => row(i + 1, 2 + Math.sin(i / 3000)))
  const svg = curvesSvg('long', ['only'], rows)
  expect(svg.length).toBeLessThan(40_000)
  expect(svg.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
})
