import sharp from 'sharp'
import { expect, test } from 'vitest'
import { curvesSvg } from '../../../src/lab/train/curves.js'
import type { Row, Validation } from '../../../src/lab/train/log.js'

const row = (step: number, figure: number | null): Row => ({
  step,
  loss: [figure, ...new Array<null>(9).fill(null)],
  bits: [figure],
  usage: [figure],
})

const drawn = (title: string, layers: string[], rows: Row[], validations: Validation[] = []): string =>
  curvesSvg(title, layers, { rows, validations })

/** Data of the curves, without legend samples and rules. */
const curvesOf = (svg: string): string[] => [...svg.matchAll(/<path d="([^"]+)" fill="none"/g)].map(([, data]) => data)

test('two points of four panels', () => {
  // Panels begin at 56, 368, 680 and 992, are 240 high and 64…764 wide.
  const [, loss, bits, usage] = curvesOf(drawn('a', ['only'], [row(50, 0.25), row(100, 1)]))
  expect(usage).toBe('M414.0 1172.0L764.0 992.0')
  // Logarithms from log10 0.25 − 0.05 to 0.05: the points are 0.05 of 0.702 away from the edges, 17.1 pixels.
  expect(bits).toBe('M414.0 902.9L764.0 697.1')
  expect(loss).toBe('M414.0 590.9L764.0 385.1')
})

test('a line goes on over rows that have no value, a single value is a dot', () => {
  const rows = [row(1, 1), row(2, null), row(4, 1)]
  expect(curvesOf(drawn('a', ['only'], rows))[3]).toBe('M239.0 992.0L764.0 992.0')
  expect(curvesOf(drawn('a', ['only'], rows.slice(2)))[3]).toBe('M764.0 992.0h1')
})

test('validation has dots: log loss, loss at its rate, dead candidates', () => {
  const validation = (step: number): Validation => ({
    step,
    rates: [{ logLambda: 1.5, loss: 30, bits: 3, psnr: 40 }],
    usage: [0.5],
    dead: [0.25],
  })
  const svg = drawn('a', ['only'], [], [validation(5), validation(10)])
  expect([...svg.matchAll(/<circle cx="([^"]+)"/g)].map(([, x]) => x)).toEqual([
    ...['414.0', '764.0'],
    ...['414.0', '764.0'],
    ...['414.0', '764.0'],
  ])
  expect(svg).toContain('validation 1.5')
})

test('first losses far above all others do not decide how far an axis reaches', () => {
  const rows = Array.from({ length: 100 }, (_, i) => row(i + 1, i === 0 ? 1e6 : 2))
  const bits = curvesOf(drawn('a', ['only'], rows))[2]
  // Above the panel, which begins at 680: cut.
  expect(Number(/^M\S+ (\S+?)L/.exec(bits)?.[1])).toBeLessThan(0)
})

test('a run without rows, and one with numbers that are none, are still pictures', async () => {
  for (const rows of [[], [row(1, NaN), row(2, 0), row(3, Infinity)]]) {
    const { width, height } = await sharp(Buffer.from(drawn('nothing', ['only'], rows))).metadata()
    expect([width, height]).toEqual([960, 1616])
  }
})

test('names are text, whatever they contain', () => {
  const svg = drawn('<a> & b', ['x < y'], [])
  expect(svg).toContain('&lt;a&gt; &amp; b')
  expect(svg).toContain('x &lt; y')
})

test('a long run has no more points than pixels, and nothing from outside', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => row(i + 1, 2 + Math.sin(i / 3000)))
  const svg = drawn('long', ['only'], rows)
  expect(svg.length).toBeLessThan(40_000)
  expect(svg.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
})
