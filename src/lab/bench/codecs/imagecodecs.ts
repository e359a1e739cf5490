/**
 * JPEG XL and JPEG 2000, through imagecodecs of PyPI, which carries libjxl and OpenJPEG. A Python process of its own does
 * one picture after the other, so that it is started once.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { DdncError, type Picture } from '../../../index.js'
import type { Codec, Coded, Codecs } from './codec.js'

/** `serve`, or one file as a whole process: `encode CODEC SETTING IN OUT`, `decode CODEC IN OUT`. */
const HELPER = `
import json, sys
import imagecodecs, numpy

ENCODE = {
    'jxl': lambda pixels, distance: imagecodecs.jpegxl_encode(pixels, distance=distance, effort=7, numthreads=1),
    'j2k': lambda pixels, psnr: imagecodecs.jpeg2k_encode(
        pixels, level=psnr, reversible=False, codecformat='j2k', numthreads=1),
}
DECODE = {
    'jxl': lambda file: imagecodecs.jpegxl_decode(file, numthreads=1),
    'j2k': lambda file: imagecodecs.jpeg2k_decode(file, numthreads=1),
}

def serve():
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    versions = {'jxl': imagecodecs.jpegxl_version(), 'j2k': imagecodecs.jpeg2k_version(),
                'imagecodecs': imagecodecs.__version__}
    sink.write(json.dumps(versions).encode() + b'\\n')
    sink.flush()
    for line in source:
        order = json.loads(line)
        shape = order['shape']
        pixels = numpy.frombuffer(source.read(int(numpy.prod(shape))), numpy.uint8).reshape(shape)
        file = ENCODE[order['codec']](pixels, order['setting'])
        decoded = numpy.ascontiguousarray(DECODE[order['codec']](file), numpy.uint8).tobytes()
        sink.write(json.dumps({'bytes': len(file), 'length': len(decoded)}).encode() + b'\\n' + decoded)
        sink.flush()

what, *rest = sys.argv[1:]
if what == 'serve':
    serve()
elif what == 'encode':
    codec, setting, source, target = rest
    pixels = imagecodecs.png_decode(open(source, 'rb').read())
    open(target, 'wb').write(ENCODE[codec](pixels, float(setting)))
else:
    codec, source, target = rest
    open(target, 'wb').write(imagecodecs.png_encode(DECODE[codec](open(source, 'rb').read())))
`

type Name = 'jxl' | 'j2k'

const USES: readonly (Pick<Codec, 'name' | 'use' | 'setting' | 'settings' | 'dial'> & { id: Name })[] = [
  {
    id: 'jxl',
    name: 'JPEG XL',
    use: 'defaults: effort 7; imagecodecs passes no setting for PSNR on',
    setting: 'distance',
    settings: [15, 9, 5.5, 3.2, 1.8, 1, 0.5],
    dial: [25, 0.05, 0.05],
  },
  {
    id: 'j2k',
    name: 'JPEG 2000',
    use: 'defaults, which are for PSNR: 9/7 wavelet, colour transform, one layer',
    setting: 'PSNR asked for, dB',
    settings: [29, 32, 35, 38, 41, 44, 47, 50],
    dial: [20, 60, 0.1],
  },
]

/** An open helper: its codecs, and how it is ended. */
export type Imagecodecs = Codecs & Readonly<{ close(): Promise<void> }>

/**
 * @param python that has imagecodecs
 * @returns no codecs, with the reason, if it is not there
 * @example const helper = await imagecodecs('python3')
 */
export async function imagecodecs(python: string): Promise<Imagecodecs> {
  const child = spawn(python, ['-c', HELPER, 'serve'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const gone = Promise.race([once(child, 'close'), once(child, 'error')]).catch(() => {})
  // A helper that is gone refuses what is written to it; what it was asked then shows that.
  child.stdin.on('error', () => {})
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)))
  child.on('error', (error) => (complaint = error.message))
  const answers = reader(child.stdout)
  const greeting = await answers.line()
  const close = async (): Promise<void> => {
    child.stdin.end()
    await gone
  }
  if (greeting === null) {
    await gone
    const why = `${python} has no imagecodecs: ${complaint.trim().split('\n').pop() ?? ''}`
    return { codecs: [], absent: USES.map(({ name }) => ({ name, why })), close }
  }
  const versions = JSON.parse(greeting) as Record<Name | 'imagecodecs', string>

  const ask = async (codec: Name, setting: number, { width, height, components, data }: Picture): Promise<Coded> => {
    const shape = components === 1 ? [height, width] : [height, width, components]
    child.stdin.write(`${JSON.stringify({ codec, setting, shape })}\n`)
    child.stdin.write(data)
    const heading = await answers.line()
    const { bytes, length } = JSON.parse(heading ?? '{"length":0}') as { bytes: number; length: number }
    const pixels = await answers.take(length)
    if (heading === null || pixels.length !== data.length) {
      const found = heading === null ? complaint.trim().split('\n').pop() : `${pixels.length} samples`
      throw new DdncError({
        tag: 'Corrupt',
        where: `what imagecodecs made as ${codec}`,
        found: found ?? 'nothing',
        allowed: 'the picture',
      })
    }
    return { bytes, picture: { width, height, components, data: pixels } }
  }
  const codecs = USES.map((use): Codec => {
    const version = `${versions[use.id]}, imagecodecs ${versions.imagecodecs}`
    const run = (...args: string[]): string[] => [python, '-c', HELPER, ...args]
    return {
      ...use,
      version,
      code: (picture, setting) => ask(use.id, setting, picture),
      encodeCommand: (input, output, setting) => run('encode', use.id, `${setting}`, input, output),
      decodeCommand: (input, output) => run('decode', use.id, input, output),
    }
  })
  return { codecs, absent: [], close }
}

/** Takes lines and bytes off a stream in turn. */
function reader(stream: Readable): { line(): Promise<string | null>; take(length: number): Promise<Buffer> } {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held = Buffer.alloc(0)
  /** @returns false at the end of the stream */
  const more = async (): Promise<boolean> => {
    const { value, done } = await chunks.next()
    if (done) return false
    held = Buffer.concat([held, value])
    return true
  }
  const take = async (length: number): Promise<Buffer> => {
    while (held.length < length && (await more()));
    const taken = held.subarray(0, length)
    held = held.subarray(taken.length)
    return taken
  }
  return {
    take,
    async line() {
      while (!held.includes(10)) if (!(await more())) return null
      return (await take(held.indexOf(10) + 1)).toString()
    },
  }
}
