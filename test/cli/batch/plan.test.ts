import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plan } from '../../../src/cli/batch/plan.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-plan-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
async function files(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(path(name)), { recursive: true })
    await writeFile(path(name), '')
  }
}
const options = (recursive = false) => ({ folder: path('out'), extension: '.ddn', takes: /\.(png|jpg)$/i, recursive })
const named = async (inputs: string[], recursive = false) =>
  (await plan(inputs.map(path), options(recursive))).map(({ name }) => name)
const refused = (found: string | RegExp) => ({
  fault: { tag: 'BadOption', found: typeof found === 'string' ? found : expect.stringMatching(found) },
})

test('names are kept, whatever folder they come from', async () => {
  expect(await plan(['a/x.jpg', 'b/y.tar.png', 'z'], { ...options(), folder: 'out' })).toEqual([
    { input: 'a/x.jpg', output: join('out', 'x.ddn'), name: 'x.ddn' },
    { input: 'b/y.tar.png', output: join('out', 'y.tar.ddn'), name: 'y.tar.ddn' },
    { input: 'z', output: join('out', 'z.ddn'), name: 'z.ddn' },
  ])
})

test('a folder stands for its pictures; recursive, for those in its folders too, which keep their place', async () => {
  await files('in/b.png', 'in/a.JPG', 'in/notes.txt', 'in/.hidden.png', 'in/deep/er/c.jpg', 'in/.git/d.png')
  await symlink('deep', path('in/loop'))
  expect(await named(['in'])).toEqual(['a.ddn', 'b.ddn'])
  expect(await named(['in'], true)).toEqual(['a.ddn', 'b.ddn', 'deep/er/c.ddn'])
  expect(await named(['in', 'in/notes.txt'])).toEqual(['a.ddn', 'b.ddn', 'notes.ddn'])
})

test('what is given twice is taken once', async () => {
  await files('in/a.png')
  expect(await named(['in/a.png', 'in', 'in/../in/a.png'])).toEqual(['a.ddn'])
})

test('two inputs with one output are refused, by name', async () => {
  await expect(plan(['a/x.jpg', 'b/x.png'], options())).rejects.toMatchObject(refused('made of a/x.jpg and of b/x.png'))
  // They keep their places, so these do not meet.
  await files('in/a/x.png', 'in/b/x.png')
  expect(await named(['in'], true)).toEqual(['a/x.ddn', 'b/x.ddn'])
})

test('an output is no input', async () => {
  const decoding = { ...options(), folder: 'a', extension: '.png' }
  await expect(plan(['a/x.png'], decoding)).rejects.toMatchObject(refused('an input, too'))
})

test('standard input and folders without pictures are refused', async () => {
  await expect(plan(['a.jpg', '-'], options())).rejects.toMatchObject(refused('- with -O'))
  await files('in/notes.txt')
  await expect(plan([path('in')], options())).rejects.toMatchObject(refused(/in, with no file that is meant$/))
})
