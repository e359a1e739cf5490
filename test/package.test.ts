import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ddnc, ROOT } from './cli/run.js'

const run = promisify(execFile)
const manifest = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'))

describe('the manifest', () => {
  test('pins exact versions, and needs four packages at run time', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(['bit-buffer', 'commander', 'pako', 'sharp'])
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    }
  })

  test('does nothing at the installation of the tarball', () => {
    for (const script of ['preinstall', 'install', 'postinstall']) expect(manifest.scripts).not.toHaveProperty(script)
  })
})

describe('the tarball, installed in an empty folder without scripts', () => {
  let folder: string
  let packed: { filename: string; files: { path: string }[] }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ddnc-package-'))
    // dist/ is there: `npm test` built it. Scripts would build it anew under the other tests.
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
    const { stdout } = await run('npm', pack, { cwd: ROOT })
    packed = JSON.parse(stdout)[0]
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const install = ['install', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    await run('npm', [...install, `./${packed.filename}`], { cwd: folder })
  }, 300_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('holds what is needed and no sources', () => {
    const paths = packed.files.map((file) => file.path)
    const needed = [
      'bin/ddnc.js',
      'dist/index.js',
      'dist/node.d.ts',
      'models/micro.ddnm',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'THIRD-PARTY.md',
    ]
    expect(paths).toEqual(expect.arrayContaining(needed))
    expect(paths.filter((path) => /^(src|test|scripts|corpus|node_modules)\/|\.built$/.test(path))).toEqual([])
  })

  test('the command encodes and decodes', async () => {
    const blue = sharp({ create: { width: 33, height: 17, channels: 3, background: '#3070b0' } })
    await blue.png().toFile(join(folder, 'in.png'))
    const there = { cwd: folder, script: join(folder, 'node_modules', '.bin', 'ddnc') }
    for (const args of [
      ['encode', '--model', 'micro', 'in.png', 'out.ddn'],
      ['decode', 'out.ddn', 'out.png'],
    ]) {
      expect(await ddnc(args, there)).toMatchObject({ code: 0, stderr: '' })
    }
    expect(await sharp(join(folder, 'out.png')).metadata()).toMatchObject({ width: 33, height: 17 })
  })

  test('both entries of the library work', async () => {
    await writeFile(
      join(folder, 'library.js'),
      `
      import { readFile } from 'node:fs/promises'
      import { compress, decompress, loadModel } from 'ddnc'
      import { shippedModel } from 'ddnc/node'
      const bytes = await readFile(new URL(import.meta.resolve('ddnc/models/micro.ddnm')))
      const model = await loadModel(bytes)
      const picture = { width: 2, height: 1, components: 3, data: Uint8Array.of(255, 0, 0, 0, 0, 255) }
      const file = await compress(picture, { model, quality: 75 })
      const { width, height, data } = await decompress(file, { model: await shippedModel('micro') })
      console.log(width, height, data.length)
    `,
    )
    const { stdout, stderr } = await run(process.execPath, ['library.js'], { cwd: folder })
    expect({ stdout, stderr }).toEqual({ stdout: '2 1 6\n', stderr: '' })
  })
})
