import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Model } from '../../../src/index.js'
import { beginReport, csvLine, signed } from '../../../src/lab/bench/report.js'

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
