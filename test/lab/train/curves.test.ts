import sharp from 'sharp'
import { expect, test } from 'vitest'
import { curvesSvg } from '../../../src/lab/train/curves.js'
import type { Row, Validation } from '../../../src/lab/train/log.js'
import { scoreOf } from '../../../src/lab/train/score.js'

const row = (step: number, figure: number | null): Row => ({
  step,
  loss: [figure, ...new Array<null>(9).fill(null)],
  bits: [figure],
  usage: [figure],
})

const drawn = (title: string, layers: string[], rows: Row[], validations: Validation[] = []): string =>
  curvesSvg(title, layers, scoreOf({ profiles: ['entropy'] }), { rows, validations })

/** Data of the curves, without legend samples and rules. */
const curvesOf = (svg: string): string[] =>
  [...svg.matchAll(/<path d="([^"]+)" fill="none"/g)].map(([, data]) => data).filter((data) => !data.endsWith('h28'))

test('two points of four charts', () => {
  // Frames begin at 64, 388, 712 and 1036, are 240 high and 64…824 wide.
  const [, loss, bits, usage] = curvesOf(drawn('a', ['only'], [row(50, 0.25), row(100, 1)]))
  expect(usage).toBe('M444.0 1216.0L824.0 1036.0')
  // A thirtieth of what the values span is free at either end: 7.5 pixels.
  expect(bits).toBe('M444.0 944.5L824.0 719.5')
  expect(loss).toBe('M444.0 620.5L824.0 395.5')
})

test('a line goes on over rows that have no value, a single value is a dot', () => {
  const rows = [row(1, 1), row(2, null), row(4, 1)]
  expect(curvesOf(drawn('a', ['only'], rows))[3]).toBe('M254.0 1036.0L824.0 1036.0')
  expect(drawn('a', ['only'], rows.slice(2))).toContain('<circle cx="824.0" cy="1036.0"')
})

test('a plain run has PSNR for its loss', () => {
  const score = scoreOf({ profiles: ['plain'] })
  const svg = curvesSvg('a', ['only'], score, { rows: [row(1, 3), row(2, 300)], validations: [] })
  expect(svg).toContain('PSNR, mean over rates: 10·log10(3·255² / (D / pixels)), in dB')
  // 48.1 dB, then 28.1 dB: down.
  expect(curvesOf(svg)[1]).toBe('M444.0 395.5L824.0 620.5')
})

test('validation: log loss, that of its rate, dead candidates', () => {
  const validation = (step: number): Validation => ({
    step,
    rates: [{ at: 1.5, loss: 30, bits: 3, psnr: 40 }],
    usage: [0.5],
    dead: [0.25],
  })
  const svg = drawn('a', ['only'], [], [validation(5), validation(10)])
  expect([...svg.matchAll(/<circle cx="([^"]+)"/g)].map(([, x]) => x)).toEqual([
    ...['444.0', '824.0'],
    ...['444.0', '824.0'],
    ...['444.0', '824.0'],
  ])
  expect(svg).toContain('validation 1.5')
})

test('first losses far above all others do not decide how far an axis reaches', () => {
  const rows = Array.from({ length: 100 }, (_, i) => row(i + 1, i === 0 ? 1e6 : 2))
  const bits = curvesOf(drawn('a', ['only'], rows))[2]
  // Above its frame, which begins at 712: cut.
  expect(Number(/^M\S+ (\S+?)L/.exec(bits)?.[1])).toBeLessThan(712)
})

test('a run without rows, and one with numbers that are none, are still pictures', async () => {
  for (const rows of [[], [row(1, NaN), row(2, 0), row(3, Infinity)]]) {
    const { width, height } = await sharp(Buffer.from(drawn('nothing', ['only'], rows))).metadata()
    expect([width, height]).toEqual([1060, 1656])
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
