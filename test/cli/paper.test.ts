import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPicture } from '../../src/node.js'
import { ddnc } from './run.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-paper-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('an experiment without a name of one, or without a folder, is refused', async () => {
  const unknown = await ddnc(['paper', 'toy3d', '--out', 'x'], { cwd: folder })
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toMatch(/^ddnc: NAME is "toy3d", allowed is toy2d/)
  const nowhere = await ddnc(['paper', 'toy2d'], { cwd: folder })
  expect(nowhere.code).toBe(2)
  expect(nowhere.stderr).toBe('ddnc: --out is missing, allowed is a folder to write to\n')
})

test('toy2d writes a table, a chart and a picture, and prints the means', async () => {
  const { code, stdout } = await ddnc(['paper', 'toy2d', '--out', 'new', '--steps', '200', '--seed', '7'], {
    cwd: folder,
  })
  expect(code).toBe(0)
  expect(stdout.toString().split('\n')[1]).toMatch(/^gaussian +\d/)
  const out = join(folder, 'new')
  expect((await readdir(out)).sort()).toEqual(['toy2d-course.png', 'toy2d-course.svg', 'toy2d.csv', 'toy2d.png'])
  const rows = (await readFile(join(out, 'toy2d.csv'), 'utf8'))
    .split('\n')
    .filter((line) => /^[a-z]+,[789],/.test(line))
  expect(rows).toHaveLength(5 * 3 * 4) // densities, seeds, methods
  expect((await readPicture(await readFile(join(out, 'toy2d.png')))).picture.components).toBe(3)
})
