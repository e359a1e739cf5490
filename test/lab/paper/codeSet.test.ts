import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setOf } from '../../../src/lab/data/pictureSet.js'
import { codeSet } from '../../../src/lab/paper/codeSet.js'
import { microWholeFile } from '../../../src/lab/quantise/microWhole.js'
import { readModel } from '../../../src/network/modelFile.js'
import type { WholeImageModel } from '../../../src/network/wholeModel.js'
import { picture } from '../../micro.js'

const model = (await readModel(microWholeFile('shot'))) as WholeImageModel
const digits = setOf(
  [1, 2, 3, 4, 5].map((seed) => picture(16, 16, 1, 'gradient', seed)),
  null,
)
/** Threads run what is built. */
const SCRIPT = new URL('../../../dist/lab/paper/codingThread.js', import.meta.url)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-code-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('alone, in threads and remembered: the same', async () => {
  const shares: number[] = []
  const alone = await codeSet(model, digits, {
    threads: 1,
    cache: join(folder, 'alone'),
    onProgress: (share) => shares.push(share),
  })
  expect(shares).toEqual([0.2, 0.4, 0.6, 0.8, 1])
  expect(alone.paths.choices.length).toBe(5 * 5)
  const threads = await codeSet(model, digits, { threads: 2, cache: join(folder, 'threads') }, SCRIPT)
  expect(threads).toEqual(alone)
  const unused = new URL('file:///nowhere.js')
  expect(await codeSet(model, digits, { threads: 2, cache: join(folder, 'threads') }, unused)).toEqual(alone)
  expect(await readdir(join(folder, 'threads'))).toHaveLength(1)
})

test('an abort ends it', async () => {
  const signal = AbortSignal.abort(new Error('stopped'))
  for (const threads of [1, 2]) {
    const options = { threads, cache: join(folder, 'never'), signal }
    await expect(codeSet(model, digits, options, SCRIPT)).rejects.toThrow('stopped')
  }
})

test('pictures of another size are refused', async () => {
  const other = setOf([picture(8, 16, 1)], null)
  await expect(codeSet(model, other, { threads: 1, cache: folder })).rejects.toThrow(
    'the pictures is 8×16 in grey, allowed is 16×16 in grey, as model micro-s has it',
  )
})
