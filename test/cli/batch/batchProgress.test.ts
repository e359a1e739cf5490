import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { batchLine, batchProgressOn, durationText } from '../../../src/cli/batch/batchProgress.js'

const counts = (all: number, done: number, skipped = 0, failed = 0) => ({ all, done, skipped, failed })

test('a bar, the rate and the time left', () => {
  expect(batchLine(counts(4, 2), [], 10)).toBe('[############------------] 2 of 4, 0.20 files a second, 10 s left')
  expect(batchLine(counts(4, 4), [], 10)).toBe('[########################] 4 of 4, 0.40 files a second, 0 s left')
})

test('files that are worked on count by their share, and those that failed as well', () => {
  expect(batchLine(counts(4, 1, 0, 1), [0.5, 0.5], 30)).toBe(
    '[##################------] 2 of 4, 1 failed, 0.10 files a second, 10 s left',
  )
  expect(batchLine(counts(2, 0), [7, -3], 1)).toContain('[############------------] 0 of 2')
})

test('what is skipped says nothing of the rate', () => {
  expect(batchLine(counts(100, 0, 50), [], 2)).toBe('[############------------] 50 of 100')
  expect(batchLine(counts(100, 10, 50), [], 20)).toContain('60 of 100, 0.50 files a second, 1 min 20 s left')
})

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [3599, '59 min 59 s'],
  [3725, '1 h 2 min'],
  [-1, '0 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})

test('the line follows reports and ends, a job forgets the share of a file that has ended', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true })
  let time = 0
  const progress = batchProgressOn(stream, false, counts(2, 0), () => time)
  time = 2000
  progress.report(0, 0.5)
  time = 4000
  progress.next(0, counts(2, 1))
  progress.clear()
  expect(String(stream.read()).split('\r\u001b[K')).toEqual([
    '',
    '[######------------------] 0 of 2, 0.25 files a second, 6 s left',
    '[############------------] 1 of 2, 0.25 files a second, 4 s left',
    '',
  ])
})

test('nothing in a pipe', () => {
  const stream = new PassThrough()
  const progress = batchProgressOn(stream, false, counts(2, 0), () => 1e6)
  progress.next(0, counts(2, 1))
  expect(stream.read()).toBe(null)
})
