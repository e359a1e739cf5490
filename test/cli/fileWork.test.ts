import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { decodeWork } from '../../src/cli/decode.js'
import { encodeWork } from '../../src/cli/encode.js'
import { checkSingle, sayReport } from '../../src/cli/fileWork.js'
import type { Chosen } from '../../src/cli/options.js'

const report = {
  width: 4,
  height: 2,
  components: 1,
  inputBytes: 90,
  bytes: 10,
  psnr: Infinity,
  seconds: 0.5,
  notes: ['n'],
}

function said(work: typeof encodeWork, chosen: Chosen, output: string): { stdout: string; stderr: string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const terminal = { stdin: new PassThrough(), stdout, stderr, signal: new AbortController().signal }
  sayReport(work, { input: 'in', output }, report, chosen, terminal)
  return { stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

test('a summary says what matters of either direction', () => {
  expect(said(encodeWork, {}, 'out').stdout).toBe('out: 10 bytes, 10.000 bits per pixel, no difference, 0.50 s, n\n')
  expect(said(decodeWork, {}, 'out').stdout).toBe(
    'out: 10 bytes, 4 x 2 grey, from 90 bytes, 90.000 bits per pixel, 0.50 s, n\n',
  )
})

test('beside the data, quiet if it is to be, as JSON even then', () => {
  expect(said(encodeWork, {}, '-')).toEqual({ stdout: '', stderr: expect.stringMatching(/^ddnc: 10 bytes/) })
  expect(said(encodeWork, { quiet: true }, 'out')).toEqual({ stdout: '', stderr: '' })
  const { stdout, stderr } = said(encodeWork, { quiet: true, json: true }, '-')
  expect({ stdout, json: JSON.parse(stderr) }).toEqual({
    stdout: '',
    json: { status: 'done', input: 'in', output: '-', ...report, psnr: null },
  })
})

test('what decode makes has the extension of its format, and of a folder each takes its own', () => {
  expect([{}, { format: 'jpeg' }, { format: 'tiff' }].map((chosen) => decodeWork.extension(chosen as Chosen))).toEqual([
    '.png',
    '.jpg',
    '.tif',
  ])
  expect(encodeWork.extension({})).toBe('.ddn')
  const names = ['a.PNG', 'a.jpeg', 'a.jpg', 'a.webp', 'a.tif', 'a.gif', 'a.avif', 'a.ddn', 'a.png.txt', 'png']
  expect(names.filter((name) => encodeWork.takes.test(name))).toEqual(names.slice(0, 7))
  expect(names.filter((name) => decodeWork.takes.test(name))).toEqual(['a.ddn'])
})

test('what only goes with many files is refused of one', () => {
  checkSingle(['in', 'out'], { quality: 5, json: true })
  const refused = (option: string) =>
    expect.objectContaining({ fault: expect.objectContaining({ tag: 'BadOption', option }) })
  expect(() => checkSingle(['in'], { jobs: 2 })).toThrow(refused('--jobs'))
  expect(() => checkSingle(['in'], { skipExisting: true })).toThrow(refused('--skip-existing'))
  expect(() => checkSingle(['in'], { recursive: true })).toThrow(refused('--recursive'))
  expect(() => checkSingle(['in', 'out', 'more'], {})).toThrow(refused('OUT'))
})
