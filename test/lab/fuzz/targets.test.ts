/** A little of what scripts/fuzz.js does at length, and everything it ever found. */
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawsOf } from '../../../src/lab/fuzz/draw.js'
import { anyHeader, chunkTypes } from '../../../src/lab/fuzz/rawFile.js'
import { openTarget } from '../../../src/lab/fuzz/targets.js'

const CORPUS = fileURLToPath(new URL('./corpus/', import.meta.url))

/** Executions of each target here, and outcomes that must be among them, or the target does not try what it should. */
const HERE: readonly (readonly [name: string, runs: number, outcomes: readonly string[]])[] = [
  ['container', 400, ['file', 'cut', 'Corrupt', 'Truncated', 'LimitExceeded', 'BadSignature']],
  ['rans', 300, ['finished', 'exhausted', 'more']],
  ['plain', 100, ['path', 'Truncated', 'Corrupt']],
  ['metadata', 400, ['changed', 'kept', 'refused', 'file']],
  ['micro', 60, ['picture', 'Corrupt']],
  ['photo', 2, []],
  ['model', 40, ['model', 'Corrupt']],
]

test.each(HERE)('%s: nothing but outcomes and tags', async (name, runs, outcomes) => {
  const target = await openTarget(name)
  const seen = new Set<string>()
  // Draws come from the property, so what fails is shrunk.
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (generate) => {
      const bytes = target.make((most) => generate(fc.nat, { max: most }))
      seen.add(await target.run(bytes))
    }),
    { numRuns: runs },
  )
  for (const outcome of outcomes) expect([...seen]).toContain(outcome)
})

test('a name that is none is refused, with those that are', async () => {
  await expect(openTarget('pixels')).rejects.toThrow('no target pixels; there are container, rans')
})

/** Files of corpus/TARGET are inputs; the extension is what comes of them. */
const FILES = (await readdir(CORPUS, { recursive: true }))
  .map((path) => path.replaceAll('\\', '/').split('/'))
  .filter((parts) => parts.length === 2)

describe('corpus', () => {
  test.each(FILES)('%s: %s', async (name, file) => {
    const target = await openTarget(name)
    expect(await target.run(new Uint8Array(await readFile(`${CORPUS}${name}/${file}`)))).toBe(file.split('.').at(-1))
  })
})

test('a file of no pixels in tiles of none can be made, too', () => {
  const header = anyHeader(drawsOf(1, 1))
  expect(chunkTypes({ ...header, whole: false, width: 0, height: 0, tileSide: 0 })).toEqual([1])
  expect(chunkTypes({ ...header, whole: false, width: 9, height: 9, tileSide: 0 })).toHaveLength(41)
})
