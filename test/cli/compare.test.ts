import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ddnc, MICRO } from './run.js'

let folder: string
const run = (...args: string[]) => ddnc(args, { cwd: folder })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-compare-'))
  const flat = (red: number, width = 161) =>
    sharp({ create: { width, height: 161, channels: 3, background: { r: red, g: 100, b: 50 } } })
  await flat(200).png().toFile(join(folder, 'a.png'))
  await flat(203).webp({ lossless: true }).toFile(join(folder, 'b.webp'))
  await flat(203, 20).png().toFile(join(folder, 'small.png'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('two pictures of different formats: one line, and the differences drawn', async () => {
  const { code, stdout, stderr } = await run('compare', 'a.png', 'b.webp', '--difference', 'd.png')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(String(stdout)).toMatch(
    /^a\.png, b\.webp: 161 x 161, PSNR 43\.36 dB, Y 49\.07 dB, MS-SSIM 0\.99999 \(\d\d\.\d\d dB\), largest difference 3, differences times 85 in d\.png\n$/,
  )
  const { data } = await sharp(join(folder, 'd.png')).raw().toBuffer({ resolveWithObject: true })
  expect([...data.subarray(0, 3)]).toEqual([255, 0, 0])
  expect(await run('compare', 'a.png', 'b.webp', '--difference', 'd.png')).toMatchObject({ code: 3 })
})

test('a .ddn file beside its picture, as JSON', async () => {
  await run('encode', '--model', MICRO, 'a.png', 'a.ddn')
  const { stdout } = await run('compare', 'a.png', 'a.ddn', '--json')
  const found = JSON.parse(String(stdout)) as Record<string, number>
  expect(found).toMatchObject({ a: 'a.png', b: 'a.ddn', width: 161, components: 3, identical: false, notes: [] })
  expect(found['psnr']).toBeGreaterThan(25)
  expect(JSON.parse(String((await run('compare', 'a.ddn', 'a.ddn', '--json')).stdout))).toMatchObject({
    identical: true,
    psnr: null,
    msSsim: 1,
  })
})

test('pictures of two sizes, and what is no picture, are refused', async () => {
  expect(await run('compare', 'a.png', 'small.png')).toMatchObject({
    code: 2,
    stderr: 'ddnc: the other picture is 20 x 161, allowed is 161 x 161\n',
  })
  expect(await run('compare', 'a.png', 'none.png')).toMatchObject({ code: 3 })
})
