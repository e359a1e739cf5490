import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { liveLineOn, progressOn } from '../../src/cli/progress.js'

/** Reports of (time in ms, fraction) and what a stream then holds. */
type Report = readonly [time: number, fraction: number]
function shown(isTTY: boolean, quiet: boolean, reports: readonly Report[]): string {
  const stream = Object.assign(new PassThrough(), { isTTY })
  let time = 0
  const progress = progressOn(stream, 'encoding', quiet, () => time)
  for (const [at, fraction] of reports) {
    time = at
    progress.report(fraction)
  }
  progress.end()
  return String(stream.read() ?? '')
}

test('silent for a second, then at most ten lines a second, then gone', () => {
  const reports = [
    [0, 0],
    [999, 0.4],
    [1000, 0.5],
    [1050, 0.6],
    [1100, 0.7],
  ] as const
  expect(shown(true, false, reports)).toBe('\r\u001b[Kencoding 50 %\r\u001b[Kencoding 70 %\r\u001b[K')
})

test('short work shows nothing', () => {
  expect(
    shown(true, false, [
      [10, 0.1],
      [500, 1],
    ]),
  ).toBe('')
})

test('nothing in a pipe, nothing when quiet', () => {
  expect(shown(false, false, [[5000, 0.5]])).toBe('')
  expect(shown(true, true, [[5000, 0.5]])).toBe('')
})

test('fractions beyond the ends stay within them', () => {
  expect(
    shown(true, false, [
      [2000, -1],
      [3000, 1.5],
    ]),
  ).toBe('\r\u001b[Kencoding 0 %\r\u001b[Kencoding 100 %\r\u001b[K')
})

test('a line is no longer than the terminal is wide, and comes back after others were written', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 6 })
  let time = 0
  const line = liveLineOn(stream, false, () => time)
  time = 2000
  line.show(() => 'step 1000')
  line.clear()
  line.clear()
  line.show(() => 'two')
  expect(String(stream.read())).toBe('\r\u001b[Kstep \r\u001b[K\r\u001b[Ktwo')
})
