import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const ROOT = new URL('../', import.meta.url)

/** Numbers of sections and subsections: headings, bold paragraphs, and the rows of the header's table. */
const sectionsOf = (text: string): Set<string> =>
  new Set([...text.matchAll(/^(?:## |\*\*|\| )(\d+(?:\.\d+)*)\b/gm)].map(([, number]) => number))

/** Sections that a comment names: `SPEC 4`, `SPEC 3.1.3, 3.1.5`, `SPEC 6 and 7`. */
const mentionsOf = (text: string): string[] =>
  [...text.matchAll(/SPEC (\d+(?:\.\d+)*(?:(?:, | and | to )\d+(?:\.\d+)*)*)/g)].flatMap(([, list]) =>
    list.split(/, | and | to /),
  )

test('sections and mentions are found', () => {
  expect([...sectionsOf('## 3. File\n**3.1 Header.** Text\n| 3.1.1 | 0 |\n| 65,535 | 16 |')]).toEqual([
    '3',
    '3.1',
    '3.1.1',
    '65',
  ])
  expect(mentionsOf('(SPEC 6.4, 6.6) and SPEC 6 and 7.')).toEqual(['6.4', '6.6', '6', '7'])
})

test('every section of the specification that a comment names exists', async () => {
  const sections = sectionsOf(await readFile(new URL('codec-spec/SPEC.md', ROOT), 'utf8'))
  const stale: string[] = []
  let count = 0
  for (const path of await readdir(new URL('src/', ROOT), { recursive: true })) {
    if (!path.endsWith('.ts')) continue
    for (const mention of mentionsOf(await readFile(new URL(`src/${path}`, ROOT), 'utf8'))) {
      count++
      if (!sections.has(mention)) stale.push(`${path}: SPEC ${mention}`)
    }
  }
  expect(count).toBeGreaterThan(50)
  expect(stale).toEqual([])
})
