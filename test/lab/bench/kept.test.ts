import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asJson, kept } from '../../../src/lab/bench/kept.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-kept-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('made once, then read', async () => {
  const made: number[] = []
  const get = (): Promise<number[]> =>
    kept(join(folder, 'new', 'cache'), 'a.json', asJson<number[]>(), async () => {
      made.push(made.length)
      return [0.1, 2]
    })
  expect([await get(), await get()]).toEqual([
    [0.1, 2],
    [0.1, 2],
  ])
  expect(made).toEqual([0])
  expect(await readdir(join(folder, 'new', 'cache'))).toEqual(['a.json'])
})

test('what fails is not kept', async () => {
  const failing = kept(join(folder, 'failing'), 'a.json', asJson<number>(), () => Promise.reject(new Error('no luck')))
  await expect(failing).rejects.toThrow('no luck')
  expect(await readdir(folder)).not.toContain('failing')
})
