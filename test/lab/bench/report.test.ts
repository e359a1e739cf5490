import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Model } from '../../../src/index.js'
import { beginReport, csvLine, fieldsOf, goOnWithReport, rowsOf, signed } from '../../../src/lab/bench/report.js'

test('a field with a comma, a quote or a line break is quoted', () => {
  expect(csvLine(['plain', 1.5, 'a,b', 'say "c"', 'd\ne'])).toBe('plain,1.5,"a,b","say ""c""","d\ne"')
})

test('signed numbers, and none', () => {
  expect([signed(1.234, 1), signed(-1.234, 2), signed(0, 1), signed(NaN, 1)]).toEqual(['+1.2', '-1.23', '0.0', 'none'])
})

test('a report says machine, commit and model first, and writes every line at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-report-'))
  const out = join(folder, 'out.csv')
  const said: string[] = []
  const model = { name: 'small', hash: Uint8Array.of(0xab, 1) } as unknown as Model
  const report = beginReport(model, out, ['picture', 'bytes'], (line) => said.push(line))
  report.record(['a.png', 12])
  expect(said).toEqual([
    expect.stringMatching(/^machine: .+, \d+ processors, Node \d+\./),
    expect.stringMatching(/^commit: /),
    'model: small, ab01',
  ])
  const facts = said.map((line) => `# ${line}`)
  expect(await readFile(out, 'utf8')).toBe([...facts, 'picture,bytes', 'a.png,12', ''].join('\n'))
  await rm(folder, { recursive: true })
})

test('fields come back from a line', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z",.0-9 ]*$/), { minLength: 1 }), (fields) => {
      expect(fieldsOf(csvLine(fields))).toEqual(fields)
    }),
  )
})

test('an earlier report is gone on with, its cut last line left out; not that of another model or table', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-report-'))
  const out = join(folder, 'out.csv')
  const model = { name: 'small', hash: Uint8Array.of(0xab, 1) } as unknown as Model
  const heading = ['picture', 'bytes']
  expect(rowsOf(model, out, heading)).toEqual([])
  const report = beginReport(model, out, heading, () => {})
  report.record(['a,b.png', 12])
  report.record(['c.png', 34])
  await appendFile(out, 'd.pn')
  const rows = rowsOf(model, out, heading)
  expect(rows).toEqual([
    ['a,b.png', '12'],
    ['c.png', '34'],
  ])
  goOnWithReport(model, out, heading, rows, () => {}).record(['d.png', 5])
  expect(rowsOf(model, out, heading)).toEqual([...rows, ['d.png', '5']])
  const refused = expect.objectContaining({ fault: expect.objectContaining({ tag: 'BadOption', option: '--out' }) })
  expect(() => rowsOf({ ...model, hash: Uint8Array.of(1) }, out, heading)).toThrow(refused)
  expect(() => rowsOf(model, out, ['picture', 's'])).toThrow(refused)
  await rm(folder, { recursive: true })
})
