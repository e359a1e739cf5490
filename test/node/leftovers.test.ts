import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeLeftovers } from '../../src/node/leftovers.js'

/** The id of a process that is no more. */
const dead = spawnSync(process.execPath, ['--version']).pid

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'ddnc-left-test-'))))
afterEach(() => rm(folder, { recursive: true }))

test('folders of processes that are no more go when they are old enough', async () => {
  const old = new Date(Date.now() - 2 * 3_600_000)
  for (const [name, date] of [
    [`ddnc-${dead}-aaaaaa`, old],
    [`ddnc-${dead}-bbbbbb`, new Date()],
    [`ddnc-${process.ppid}-cccccc`, old],
    [`other-${dead}-dddddd`, old],
    ['ddnc-photos', old],
  ] as const) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'samples.v'), 'x')
    await utimes(join(folder, name), date, date)
  }
  await removeLeftovers(folder, /^ddnc-(\d+)-\w{6}$/, 3600)
  expect((await readdir(folder)).sort()).toEqual(
    [`ddnc-${dead}-bbbbbb`, `ddnc-${process.ppid}-cccccc`, 'ddnc-photos', `other-${dead}-dddddd`].sort(),
  )
})

test("a folder that is not there is the caller's fault", async () => {
  await expect(removeLeftovers(join(folder, 'none'), /^x-(\d+)$/)).rejects.toMatchObject({ code: 'ENOENT' })
})
