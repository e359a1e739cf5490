import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imagecodecs } from '../../../../src/lab/bench/codecs/imagecodecs.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-imagecodecs-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A program in the place of Python: it inverts the samples, and says that the file has as many bytes as the setting. */
async function standIn(): Promise<string> {
  const path = join(folder, 'python')
  const script = `#!${process.execPath}
let held = Buffer.alloc(0)
process.stdout.write(JSON.stringify({ jxl: 'libjxl 9', j2k: 'openjpeg 9', imagecodecs: '9.9' }) + '\\n')
process.stdin.on('data', (chunk) => {
  held = Buffer.concat([held, chunk])
  const end = held.indexOf(10)
  if (end < 0) return
  const { setting, shape } = JSON.parse(held.subarray(0, end).toString())
  const length = shape.reduce((all, side) => all * side)
  if (held.length < end + 1 + length) return
  const pixels = held.subarray(end + 1, end + 1 + length).map((value) => 255 - value)
  held = held.subarray(end + 1 + length)
  if (setting === 0) process.exit(1)
  process.stdout.write(JSON.stringify({ bytes: setting, length }) + '\\n')
  process.stdout.write(pixels)
})
`
  await writeFile(path, script)
  await chmod(path, 0o755)
  return path
}

test('a Python that is not there, or has no imagecodecs, leaves both codecs out by name', async () => {
  for (const python of [join(folder, 'none'), process.execPath]) {
    const { codecs, absent, close } = await imagecodecs(python)
    expect(codecs).toEqual([])
    expect(absent.map(({ name }) => name)).toEqual(['JPEG XL', 'JPEG 2000'])
    for (const { why } of absent) expect(why).toMatch(/has no imagecodecs: \S/)
    await close()
  }
})

test('pictures go to the helper and come back, large ones and grey ones', async () => {
  const { codecs, close } = await imagecodecs(await standIn())
  const [jxl, j2k] = codecs
  expect([jxl.version, j2k.version]).toEqual(['libjxl 9, imagecodecs 9.9', 'openjpeg 9, imagecodecs 9.9'])
  // The first byte of a sample is that of an end of line: it ends no heading.
  const large = { width: 300, height: 200, components: 3 as const, data: new Uint8Array(180_000).fill(10) }
  const coded = await jxl.code(large, 7)
  expect(coded.bytes).toBe(7)
  expect(coded.picture.data.every((value) => value === 245)).toBe(true)
  const grey = { width: 2, height: 1, components: 1 as const, data: Uint8Array.of(0, 255) }
  expect([...(await j2k.code(grey, 40)).picture.data]).toEqual([255, 0])
  await close()
})

test('a helper that ends in the middle is a named error', async () => {
  const { codecs, close } = await imagecodecs(await standIn())
  const grey = { width: 2, height: 1, components: 1 as const, data: Uint8Array.of(0, 255) }
  await expect(codecs[0].code(grey, 0)).rejects.toMatchObject({ fault: { tag: 'Corrupt' } })
  await close()
})
