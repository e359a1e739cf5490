import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/cli/batch/messages.js'
import { tallyOf } from '../../../src/cli/batch/tally.js'
import { encodeWork } from '../../../src/cli/encode.js'
import type { Chosen } from '../../../src/cli/options.js'

const report = { width: 4, height: 2, components: 3, inputBytes: 90, bytes: 10, psnr: 30, seconds: 0.5, notes: [] }
const done: Outcome = { status: 'done', report }
const skipped: Outcome = { status: 'skipped' }
const failed = (tag: string, message: string | null = 'damaged'): Outcome => ({
  status: 'failed',
  failure: { tag, message, exitCode: 1 },
})

function tally(all: number, chosen: Chosen = {}, stdout: Writable = new PassThrough()) {
  const stderr = new PassThrough()
  const terminal = { stdin: new PassThrough(), stdout, stderr, signal: new AbortController().signal }
  const tally = tallyOf(encodeWork, 'out', all, chosen, terminal)
  let count = 0
  return {
    ...tally,
    end: (outcome: Outcome) => tally.onEnd(0, { input: `i${++count}`, output: `o${count}`, name: '' }, outcome),
    said: () => String((stdout as PassThrough).read() ?? ''),
    complained: () => String(stderr.read() ?? ''),
  }
}

test('a line for each file, and one for all', async () => {
  const { end, said, complained, sayAll, throwIfFailed } = tally(3)
  for (const outcome of [done, skipped, done]) await end(outcome)
  sayAll()
  expect(said()).toMatch(
    new RegExp(
      '^o1: 10 bytes, 10.000 bits per pixel, PSNR 30.00 dB, 0.50 s\n' +
        'o3: 10 bytes, .* s\n' +
        'out: 2 of 3 files made, 1 skipped, 20 bytes, from 180 bytes, \\d+\\.\\d\\d s\n$',
    ),
  )
  expect(complained()).toBe('')
  throwIfFailed()
})

test('failures have a line of their own on the other stream, and are listed at the end', async () => {
  const { end, said, complained, throwIfFailed } = tally(40, { quiet: true })
  await end(done)
  for (let i = 0; i < 22; i++) await end(failed('Corrupt'))
  expect(said()).toBe('')
  expect(complained()).toMatch(/^ddnc: i2: damaged\nddnc: i3: damaged\n/)
  const list = Array.from({ length: 20 }, (_, i) => `i${i + 2}`).join(', ')
  expect(() => throwIfFailed()).toThrow(`22 of 40 files failed: ${list} and 2 more`)
})

test('--json: one line of JSON a file and nothing else', async () => {
  const { end, said, sayAll } = tally(3, { json: true })
  for (const outcome of [done, skipped, failed('Corrupt')]) await end(outcome)
  sayAll()
  const lines = said().trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { status: 'done', input: 'i1', output: 'o1', ...report },
    { status: 'skipped', input: 'i2', output: 'o2' },
    { status: 'failed', input: 'i3', output: 'o3', tag: 'Corrupt', message: 'damaged', exitCode: 1 },
  ])
})

test.each(['ENOSPC', 'EDQUOT', 'EROFS'])('%s ends all: the next file would be made in vain', async (tag) => {
  const { end } = tally(3)
  await end(done)
  await expect(end(failed(tag))).rejects.toMatchObject({ exitCode: 3, line: expect.stringContaining('after 1 of 3') })
})

test('a reader that is gone ends all, without a word', async () => {
  const gone = Object.assign(new Error(), { code: 'EPIPE' })
  const closed = new Writable({ write: (_chunk, _encoding, done) => done(gone) })
  closed.on('error', () => {})
  const { end, complained } = tally(3, { json: true }, closed)
  await expect(end(done)).rejects.toMatchObject({ silent: true })
  expect(complained()).toBe('')
})
