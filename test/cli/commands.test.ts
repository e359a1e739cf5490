import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readHeader, writeHeader, type GridHeader } from '../../src/format/header.js'
import { ddnc, ended, MICRO, start, type Ran } from './run.js'

let folder: string
/** What tests start from: a picture and its file. */
let picture: Buffer
let file: Buffer

const path = (name: string) => join(folder, name)
const run = (args: readonly string[], input?: Uint8Array, env: Record<string, string> = {}) =>
  ddnc(args, { cwd: folder, env, ...(input && { input }) })

/** A smooth picture with an edge, `channels` samples a pixel. */
function samples(width: number, height: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const x = Math.floor(at / channels) % width
    const y = Math.floor(at / channels / width)
    return Math.min(255, x * 3 + y * 2 + (at % channels) * 40 + (x > y ? 60 : 0))
  })
}

const made = (width: number, height: number, channels: 1 | 2 | 3 | 4 = 3) =>
  sharp(samples(width, height, channels), { raw: { width, height, channels } })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddnc-cli-'))
  picture = await made(40, 24).png().toBuffer()
  const ran = await run(['encode', '--model', MICRO, '-', '-'], picture)
  expect(ran).toMatchObject({ code: 0 })
  file = ran.stdout
})
beforeEach(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(path('in.png'), picture)
  await writeFile(path('in.ddn'), file)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const SUMMARY = /^\S+: \d+ bytes, \d+\.\d{3} bits per pixel, PSNR \d+\.\d\d dB, \d+\.\d\d s\n$/

describe('encode and decode', () => {
  test('a picture becomes a file and a picture again, each with one line', async () => {
    const encoded = await run(['encode', '--model', MICRO, 'in.png', 'out.ddn'])
    expect(encoded).toMatchObject({ code: 0, stderr: '' })
    expect(encoded.stdout.toString()).toMatch(SUMMARY)
    expect(await readFile(path('out.ddn'))).toEqual(file)

    const decoded = await run(['decode', 'out.ddn', 'out.png'])
    expect(decoded).toMatchObject({ code: 0, stderr: '' })
    expect(decoded.stdout.toString()).toMatch(/^out\.png: \d+ bytes, 40 x 24, from \d+ bytes, .* s\n$/)
    expect(await sharp(path('out.png')).metadata()).toMatchObject({ format: 'png', width: 40, height: 24, channels: 3 })
  })

  test('OUT defaults to the name of IN', async () => {
    await rm(path('in.ddn'))
    expect(await run(['encode', '--model', MICRO, 'in.png'])).toMatchObject({ code: 0 })
    expect(await readFile(path('in.ddn'))).toEqual(file)
    await rm(path('in.png'))
    expect(await run(['decode', 'in.ddn'])).toMatchObject({ code: 0 })
    expect((await readdir(folder)).sort()).toEqual(['in.ddn', 'in.png'])
    await run(['decode', '--format', 'tiff', 'in.ddn'])
    expect((await sharp(path('in.tif')).metadata()).format).toBe('tiff')
  })

  test('standard input and output hold the bytes and nothing else', async () => {
    const encoded = await run(['encode', '--model', MICRO, '-'], picture)
    expect(encoded.stdout).toEqual(file)
    expect(encoded.stderr).toMatch(SUMMARY)
    await run(['decode', 'in.ddn', 'out.png'])
    const decoded = await run(['decode', '-'], file)
    expect(decoded.stdout).toEqual(await readFile(path('out.png')))
    expect(decoded.stderr.split('\n')).toHaveLength(2)
    expect((await sharp((await run(['decode', '--format', 'webp', '-'], file)).stdout).metadata()).format).toBe('webp')
  })

  test('--quiet says nothing', async () => {
    const encoded = await run(['encode', '--quiet', '--model', MICRO, 'in.png', 'out.ddn'])
    expect(encoded).toMatchObject({ code: 0, stderr: '', stdout: Buffer.alloc(0) })
    expect(await run(['decode', '--quiet', '-'], file)).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['a.jpg', 'jpeg'],
    ['a.JPEG', 'jpeg'],
    ['a.webp', 'webp'],
    ['a.tif', 'tiff'],
    ['a.tiff', 'tiff'],
  ])('%s is a %s', async (name, format) => {
    expect(await run(['decode', 'in.ddn', name])).toMatchObject({ code: 0 })
    expect(await sharp(path(name)).metadata()).toMatchObject({ format, width: 40, height: 24 })
  })

  test('both engines give the same bytes', async () => {
    const encoded = await run(['encode', '--engine', 'reference', '--model', MICRO, '-'], picture)
    expect(encoded.stdout).toEqual(file)
    const decoded = await run(['decode', '--engine', 'reference', '-'], file)
    expect(decoded.stdout).toEqual((await run(['decode', '-'], file)).stdout)
  })

  test('plain: bare numbers with a model made for it, refused with another', async () => {
    const plain = MICRO.replace('micro', 'micro-pl')
    const encoded = await run(['encode', '--profile', 'plain', '--model', plain, '-'], picture)
    expect(encoded).toMatchObject({ code: 0, stderr: expect.stringMatching(SUMMARY) })
    const decoded = await run(['decode', '-'], encoded.stdout)
    expect(await sharp(decoded.stdout).metadata()).toMatchObject({ width: 40, height: 24 })
    const info = (await run(['info', '-'], encoded.stdout)).stdout.toString()
    expect(info).toMatch(/^profile +plain$/m)
    const bits = [...info.matchAll(/^fine\.\d +\d+ +([\d.]+)/gm)].reduce((sum, [, own]) => sum + Number(own), 0)
    expect(info).toMatch(new RegExp(`^tile 0 +${Math.ceil(bits / 8)}$`, 'm'))
    const refused = await run(['encode', '--profile', 'plain', '--model', MICRO, '-'], picture)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/^ddnc: .*plain.*micro.*\n$/) })
  })

  test('a greedy encoder makes another file, which decodes all the same', async () => {
    const greedy = await run(['encode', '--search', 'greedy', '--model', MICRO, '-'], picture)
    expect(greedy).toMatchObject({ code: 0 })
    expect(greedy.stdout).not.toEqual(file)
    expect(await run(['encode', '--search', 'leaves', '--model', MICRO, '-'], picture)).toMatchObject({ stdout: file })
    expect(await run(['decode', '-'], greedy.stdout)).toMatchObject({ code: 0 })
  })

  test('lower quality is no larger', async () => {
    const size = async (...options: string[]) =>
      (await run(['encode', '--model', MICRO, ...options, '-'], picture)).stdout.length
    expect(await size('-q', '1')).toBeLessThan(await size('-q', '100'))
    expect(await size('--lambda', '4000')).toBeLessThan(await size('--lambda', '3'))
  })

  test('an existing file is kept, and replaced by -f', async () => {
    await writeFile(path('out.ddn'), 'mine')
    const kept = await run(['encode', '--model', MICRO, 'in.png', 'out.ddn'])
    expect(kept.code).toBe(3)
    expect(kept.stderr).toMatch(/^ddnc: cannot write out\.ddn: it exists; use -f.*\n$/)
    expect(await readFile(path('out.ddn'), 'utf8')).toBe('mine')
    expect(await run(['encode', '-f', '--model', MICRO, 'in.png', 'out.ddn'])).toMatchObject({ code: 0 })
    expect(await readFile(path('out.ddn'))).toEqual(file)
    expect(await run(['decode', 'in.ddn', 'in.png'])).toMatchObject({ code: 3 })
    expect(await readFile(path('in.png'))).toEqual(picture)
    expect(await run(['decode', '-f', 'in.ddn', 'in.png'])).toMatchObject({ code: 0 })
  })
})

describe('first contact', () => {
  /** Encodes and decodes a picture; the decoded picture and the encoder's summary. */
  async function through(bytes: Buffer, ...options: string[]) {
    const encoded = await run(['encode', '--model', MICRO, '-q', '100', ...options, '-'], bytes)
    const decoded = await run(['decode', '-'], encoded.stdout)
    return { meta: await sharp(decoded.stdout).metadata(), png: decoded.stdout, summary: encoded.stderr }
  }

  test('a phone picture stands upright', async () => {
    const { meta } = await through(await made(40, 24).withMetadata({ orientation: 6 }).jpeg().toBuffer())
    expect(meta).toMatchObject({ width: 24, height: 40 })
    expect(meta.orientation).toBe(1)
  })

  test('a Display P3 picture comes back in sRGB', async () => {
    const flat = sharp({ create: { width: 16, height: 16, channels: 3, background: '#c86432' } })
    const { png, meta } = await through(await flat.withIccProfile('p3').png().toBuffer())
    expect(meta.hasProfile).toBe(false)
    expect(await sharp(png).metadata()).toMatchObject({ width: 16, channels: 3 })
  })

  test('grey comes back grey, with alpha too', async () => {
    expect((await through(await made(20, 9, 1).toColourspace('b-w').png().toBuffer())).meta.channels).toBe(1)
    const opaque = Uint8Array.from({ length: 64 }, (_, at) => (at % 2 === 0 ? at * 3 : 255))
    const grey = sharp(opaque, { raw: { width: 8, height: 4, channels: 2 } }).toColourspace('b-w')
    expect((await through(await grey.png().toBuffer())).meta).toMatchObject({ channels: 1, hasAlpha: false })
  })

  test('16 bits are reduced, and the summary says so', async () => {
    const values = Uint16Array.from(samples(8, 8, 3), (value) => value * 257)
    const deep = sharp(values, { raw: { width: 8, height: 8, channels: 3 } })
    const { meta, summary } = await through(await deep.toColourspace('rgb16').png().toBuffer())
    expect(meta.depth).toBe('uchar')
    expect(summary).toMatch(/ s, 16 bits a sample reduced to 8\n$/)
  })

  test('transparency is kept, or laid on a background, which JPEG asks for', async () => {
    const red = sharp({ create: { width: 8, height: 8, channels: 4, background: '#ff000080' } })
    const bytes = await red.png().toBuffer()
    expect((await through(bytes)).meta).toMatchObject({ channels: 4, hasAlpha: true })
    expect((await through(bytes, '--background', 'white')).meta).toMatchObject({ channels: 3, hasAlpha: false })
    const file = (await run(['encode', '--model', MICRO, '-'], bytes)).stdout
    expect((await run(['info', '-'], file)).stdout.toString()).toMatch(/RGB with alpha, .*^alpha +\d+$/ms)
    const refused = await run(['decode', '--format', 'jpeg', '-'], file)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--background') })
    const laid = await run(['decode', '--format', 'jpeg', '--background', 'white', '-'], file)
    expect(laid).toMatchObject({ code: 0, stderr: expect.stringContaining('with alpha') })
  })

  describe('what a camera wrote', () => {
    const taken = { IFD0: { Make: 'Maker1' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '10/1 30/1 0/1' } }
    const photo = () => made(16, 8).withExif(taken).jpeg().toBuffer()
    const exifOf = async (bytes: Buffer) => (await sharp(bytes).metadata()).exif
    // 10/1 30/1 0/1
    const latitude = Buffer.from('0a000000010000001e000000010000000000000001000000', 'hex')

    test('is kept, and left out of a picture by decode --strip', async () => {
      const file = (await run(['encode', '--model', MICRO, '-'], await photo())).stdout
      const exif = await exifOf((await run(['decode', '-'], file)).stdout)
      expect(exif?.includes('Maker1')).toBe(true)
      expect(exif?.includes(latitude)).toBe(true)
      expect(await exifOf((await run(['decode', '--strip', '-'], file)).stdout)).toBeUndefined()
    })

    test('is left out by encode --strip, the place alone by --strip-location, and not by both', async () => {
      const bytes = await photo()
      expect(await exifOf((await through(bytes, '--strip')).png)).toBeUndefined()
      const exif = await exifOf((await through(bytes, '--strip-location')).png)
      expect(exif?.includes('Maker1')).toBe(true)
      expect(exif?.includes(latitude)).toBe(false)
      const both = ['encode', '--strip', '--strip-location', '--model', MICRO, '-']
      expect(await run(both, bytes)).toMatchObject({ code: 2 })
    })
  })

  test('--keep-gamut keeps the profile, --frame takes another frame', async () => {
    const flat = sharp({ create: { width: 16, height: 16, channels: 3, background: '#c86432' } })
    const wide = await flat.withIccProfile('p3').png().toBuffer()
    expect((await through(wide, '--keep-gamut')).meta.hasProfile).toBe(true)
    const frames = sharp(samples(4, 8, 3), { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
    const gif = await frames.gif().toBuffer()
    expect((await through(gif, '--frame', '2')).summary).toMatch(/ s, frame 2 of 2\n$/)
    expect(await run(['encode', '--frame', '3', '--model', MICRO, '-'], gif)).toMatchObject({ code: 2 })
  })

  test('a drawing is refused by its name', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')
    const refused = await run(['encode', '--model', MICRO, '-'], svg)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('SVG') })
  })

  test.each([
    [1, 1],
    [1, 7],
    [65, 1],
    [9, 8],
  ])('%i x %i', async (width, height) => {
    expect((await through(await made(width, height).png().toBuffer())).meta).toMatchObject({ width, height })
  })
})

describe('a file that was cut short', () => {
  test('is refused, and decoded as far as it goes with --partial', async () => {
    const { length } = readHeader(file)
    for (const size of [length, length + 3, Math.floor((length + file.length) / 2), file.length - 1]) {
      const cut = file.subarray(0, size)
      expect(await run(['decode', '-'], cut), `${size}`).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^ddnc: cut short: .*\n$/),
      })
      const partial = await run(['decode', '--partial', '-'], cut)
      expect(partial, `${size}`).toMatchObject({ code: 0 })
      expect(await sharp(partial.stdout).metadata()).toMatchObject({ width: 40, height: 24 })
    }
  })

  test('within its header is refused either way', async () => {
    expect(await run(['decode', '--partial', '-'], file.subarray(0, 10))).toMatchObject({ code: 1 })
  })
})

describe('info', () => {
  test('shows header, streams and bits of every layer', async () => {
    const { code, stdout, stderr } = await run(['info', 'in.ddn'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const text = stdout.toString()
    expect(text).toMatch(/^picture +40 x 24, RGB, 8 bits a sample$/m)
    expect(text).toMatch(/^layer +cells +bits +bits per cell +bits per pixel$/m)
    expect(text).not.toMatch(/undefined|NaN|\[object/)
  })

  test('--json is JSON, --path the choices', async () => {
    const json = JSON.parse((await run(['info', '--json', '-'], file)).stdout.toString())
    expect(json).toMatchObject({ version: 0, width: 40, height: 24, components: 3, bytes: file.length })
    expect(json.layers.length).toBeGreaterThan(0)
    const lines = (await run(['info', '--path', '-'], file)).stdout.toString().trimEnd().split('\n')
    expect(lines).toHaveLength(json.layers.length)
    for (const line of lines) expect(line).toMatch(/^\S[^:]*:( \d+)*$/)
  })

  test('without the model the header is still there, the choices are not', async () => {
    const unknown = foreign()
    const { code, stdout } = await run(['info', '-'], unknown)
    expect(code).toBe(0)
    expect(stdout.toString()).toMatch(/^bits per layer: the file needs model .* which is not here/m)
    expect(await run(['info', '--path', '-'], unknown)).toMatchObject({ code: 1 })
  })

  // Each would take minutes to decode: vitest's limit is the check.
  test.each([
    ['no choices', 0, 'the file has no choices'],
    ['many pixels', 20, 'of a picture of more than 2^24 pixels only with --path'],
  ])('a claim of %s costs nothing', async (_, more, reason) => {
    const { header, length } = readHeader(file)
    const claim = Buffer.concat([
      writeHeader({ ...header, width: 16384, height: 16384, tileSide: 512 } as GridHeader),
      file.subarray(length, length + more),
    ])
    const { code, stdout } = await run(['info', '-'], claim)
    expect(code).toBe(0)
    expect(stdout.toString()).toContain(`bits per layer: ${reason}`)
  })
})

/** The file, but of a model that nobody has. */
function foreign(): Buffer {
  const { header, length } = readHeader(file)
  return Buffer.concat([writeHeader({ ...header, modelHash: new Uint8Array(8) }), file.subarray(length)])
}

describe('errors are one line, an exit code and no file', () => {
  const cases: [name: string, args: string[], code: number, line: RegExp][] = [
    ['no command', ['frobnicate'], 2, /unknown command/],
    ['no input named', ['encode'], 2, /missing required argument/],
    ['unknown option', ['encode', '--fast', 'in.png', 'x.ddn'], 2, /unknown option '--fast'/],
    ['too many names', ['decode', 'in.ddn', 'x.png', 'y.png'], 2, /too many arguments/],
    ['quality out of range', ['encode', '-q', '101', 'in.png', 'x.ddn'], 2, /--quality is "101", allowed is/],
    ['quality and lambda', ['encode', '-q', '5', '--lambda', '9', 'in.png', 'x.ddn'], 2, /cannot be used with/],
    ['unknown profile', ['encode', '--profile', 'zip', 'in.png', 'x.ddn'], 2, /--profile/],
    ['unknown picture format', ['decode', 'in.ddn', 'x.bmp'], 2, /OUT is "x\.bmp", allowed is/],
    ['unknown model', ['encode', '--model', 'nobody', 'in.png', 'x.ddn'], 2, /--model is nobody, allowed is/],
    ['no colour', ['encode', '--background', 'sky', 'in.png', 'x.ddn'], 2, /--background is sky, allowed is/],
    ['no such file', ['encode', 'none.png', 'x.ddn'], 3, /cannot read none\.png: no such file/],
    ['input is a folder', ['decode', '.', 'x.png'], 3, /it is a folder/],
    ['no such model file', ['encode', '--model', 'none.ddnm', 'in.png', 'x.ddn'], 3, /cannot read none\.ddnm/],
    ['no such folder', ['encode', 'in.png', 'none/x.ddn'], 3, /its folder does not exist/],
    ['output is a folder', ['decode', '-f', 'in.ddn', 'folder.png'], 3, /a folder of that name is in the way/],
    ['not a picture', ['encode', 'text', 'x.ddn'], 1, /this is not a picture/],
    ['an empty picture', ['encode', 'empty', 'x.ddn'], 1, /this is not a picture/],
    ['a .ddn is no picture', ['encode', 'in.ddn', 'x.ddn'], 1, /this is not a picture/],
    ['a damaged picture', ['encode', 'cut.png', 'x.ddn'], 1, /damaged: the picture/],
    ['not a .ddn', ['decode', 'in.png', 'x.png'], 1, /this is not/],
    ['an empty .ddn', ['decode', 'empty', 'x.png'], 1, /./],
    ['a damaged .ddn', ['decode', 'damaged.ddn', 'x.png'], 1, /damaged: /],
    ['a file of another model', ['decode', 'foreign.ddn', 'x.png'], 1, /needs model .* name its \.ddnm with --model/],
    ['not a model', ['decode', '--model', 'text.ddnm', 'in.ddn', 'x.png'], 1, /./],
    ['info of no .ddn', ['info', 'in.png'], 1, /this is not/],
  ]

  beforeEach(async () => {
    const damaged = Buffer.from(file)
    damaged[damaged.length - 6] ^= 0x10
    await mkdir(path('folder.png'))
    await writeFile(path('text'), 'no picture')
    await writeFile(path('text.ddnm'), 'no model')
    await writeFile(path('empty'), '')
    await writeFile(path('cut.png'), picture.subarray(0, picture.length >> 1))
    await writeFile(path('damaged.ddn'), damaged)
    await writeFile(path('foreign.ddn'), foreign())
  })

  test.each(cases)('%s', async (_name, args, code, line) => {
    const withModel = args[0] === 'encode' && !args.includes('--model') && args.length > 1
    const before = await readdir(folder)
    const ran: Ran = await run(withModel ? [...args, '--model', MICRO] : args)
    expect(ran.stderr).toMatch(/^ddnc: [^\n]+\n$/)
    expect(ran.stderr).toMatch(line)
    expect(ran).toMatchObject({ code, stdout: Buffer.alloc(0) })
    expect(await readdir(folder)).toEqual(before)
  })

  test('the disk is full', async () => {
    const ran = await run(['decode', '-f', 'in.ddn', '/dev/full', '--format', 'png'])
    expect(ran.code).toBe(3)
    expect(ran.stderr).toMatch(/^ddnc: cannot write \/dev\/full: the disk is full.*\n$/)
  })

  test('a reader that leaves is no reason for a word', async () => {
    const child = start(['info', '--path', 'in.ddn'], { cwd: folder })
    child.stdin.end()
    child.stdout.destroy()
    expect(await ended(child)).toMatchObject({ stderr: '' })
  })

  test('DDNC_DEBUG adds the stack', async () => {
    const { stderr } = await run(['decode', 'in.png', 'x.png'], undefined, { DDNC_DEBUG: '1' })
    expect(stderr).toMatch(/^ddnc: .*\nDdncError: /)
    expect(stderr).toContain('    at ')
  })
})

test('--lossless: what comes back is what went in, and info and compare say so', async () => {
  const encoded = await run(['encode', '--model', MICRO, '--lossless', '-q', '30', 'in.png', 'exact.ddn'])
  expect(encoded).toMatchObject({ code: 0, stderr: '' })
  expect(encoded.stdout.toString()).toMatch(/^exact\.ddn: \d+ bytes, .* bits per pixel, no difference, /)
  expect((await run(['info', 'exact.ddn'])).stdout.toString()).toMatch(/^lossless +yes$[^]*^residual +\d+$/m)
  expect(await run(['decode', 'exact.ddn', 'exact.png'])).toMatchObject({ code: 0 })
  const pixels = (name: string) => sharp(path(name)).raw().toBuffer()
  expect(await pixels('exact.png')).toEqual(await pixels('in.png'))
  expect((await run(['compare', 'in.png', 'exact.ddn'])).stdout.toString()).toMatch(/no difference$/m)
})

describe('limits: exit code 1 and one line that names them', () => {
  test.each([
    [['encode', '--max-pixels', '900', 'in.png'], /the number of pixels is 960, over the limit of 900$/],
    [['decode', '--max-pixels', '900', 'in.ddn'], /the number of pixels is 960, over the limit of 900$/],
    [['encode', '--max-memory', '128', 'large.png'], /more memory than 128 MiB, the limit; --max-memory raises it$/],
    [
      ['encode', '--max-seconds', '0.01', 'in.png'],
      /more time than 0\.01 seconds, the limit; --max-seconds raises it$/,
    ],
    [['decode', '--max-seconds', '0.001', 'in.ddn'], /more time than 0\.001 seconds, the limit; .* raises it$/],
  ])('%s', async (args, line) => {
    await made(3000, 3000).png().toFile(path('large.png'))
    const before = await readdir(folder)
    const ran = await run([...args, args[0] === 'decode' ? 'x.png' : 'x.ddn'])
    expect(ran.stderr.trimEnd()).toMatch(line)
    expect(ran).toMatchObject({ code: 1 })
    expect(await readdir(folder)).toEqual(before)
  })
})

describe('interrupted: exit code 130, one line, nothing left behind', () => {
  /** Sends Ctrl-C when all of the input is gone, megabytes more than a pipe holds: the program reads and listens by then. */
  async function interrupted(input: Uint8Array, closed: boolean, ...options: string[]): Promise<void> {
    const before = await readdir(folder)
    const child = start(['encode', '--model', MICRO, ...options, '-', 'x.ddn'], { cwd: folder })
    const end = ended(child)
    await new Promise<void>((resolve) => child.stdin.write(input, () => resolve()))
    if (closed) await new Promise<void>((resolve) => child.stdin.end(resolve))
    child.kill('SIGINT')
    expect(await end).toMatchObject({ code: 130, stderr: 'ddnc: interrupted\n' })
    expect(await readdir(folder)).toEqual(before)
  }

  test('while it reads', () => interrupted(Buffer.alloc(2 ** 22), false))

  test('while it encodes', async () => {
    const noise = Uint8Array.from({ length: 1500 * 1500 * 3 }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 24)
    const large = sharp(noise, { raw: { width: 1500, height: 1500, channels: 3 } }).png({ compressionLevel: 0 })
    const bytes = await large.toBuffer()
    await interrupted(bytes, true, '--engine', 'reference') // seconds of work
  })
})

test('help and version', async () => {
  const help = await run(['help'])
  expect(help.code).toBe(0)
  for (const text of ['Usage: ddnc', 'Examples:', 'Exit codes:', '130']) expect(help.stdout.toString()).toContain(text)
  const encodeHelp = await run(['encode', '-h'])
  expect(encodeHelp.stdout.toString()).toMatch(/--quality <number>[\s\S]*not lossless[\s\S]*Examples:/)
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect((await run(['--version'])).stdout.toString()).toBe(`${version}\n`)
  expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: ddnc') })
})
