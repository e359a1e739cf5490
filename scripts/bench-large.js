/**
 * Time and memory as the picture grows: ddnc with one and two threads beside cwebp, avifenc at its default and cjxl at
 * effort 7 (Debian: webp, libavif-bin, libjxl-tools). A photograph is repeated, mirrored, up to each size. MP/s, and memory
 * at its peak: of the largest process, as the kernel counts it, and of all processes together, what they share counted once
 * (Pss, looked at 20 times a second: of short runs it sees little). A table, a CSV file and a chart over megapixels. Needs
 * dist/ (npm run build), Linux, and a machine that does nothing else. With --model micro only memory and growth mean much.
 *
 * node scripts/bench-large.js [--megapixels 0.1,1,12,100] [--threads 1,2] [--model photo] [--picture FILE] [--out FOLDER]
 */
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import sharp from 'sharp'
import { columns } from '../dist/columns.js'
import { writeChart } from '../dist/lab/bench/chartFiles.js'
import { chartSvg } from '../dist/lab/draw/chart.js'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    megapixels: { type: 'string', default: '0.1,0.4,1,3,12,30,100' },
    threads: { type: 'string', default: '1,2' },
    model: { type: 'string', default: 'photo' },
    picture: { type: 'string', default: join(ROOT, 'corpus/raccoon.png') },
    out: { type: 'string', default: 'bench-large' },
  },
})
const numbers = (text) => text.split(',').map(Number)
const COLOURS = { ddnc: ['#1f77b4', '#0b3d61'], others: ['#d62728', '#2ca02c', '#9467bd'] }

/** Width and height of 3 : 2. */
const sidesOf = (megapixels) => {
  const height = Math.round(Math.sqrt((megapixels * 1e6) / 1.5))
  return [Math.round(height * 1.5), height]
}

/** Between looks at the memory, ms. */
const LOOK = 50

const ofProcess = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // it has ended
  }
}
/** A process and all that it has started. */
const tree = (pid) => [
  pid,
  ...ofProcess(pid, `task/${pid}/children`)
    .split(' ')
    .filter((child) => child !== '')
    .flatMap((child) => tree(Number(child))),
]
const kibibytes = (text, what) => Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

/** Seconds; MiB at the peak: of the largest process, and of all. */
async function timed(command, args) {
  const began = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part) => (said += part))
  let [largest, all] = [0, 0]
  const look = setInterval(() => {
    const processes = tree(child.pid)
    largest = Math.max(largest, ...processes.map((pid) => kibibytes(ofProcess(pid, 'status'), 'VmHWM')))
    const together = processes.reduce((sum, pid) => sum + kibibytes(ofProcess(pid, 'smaps_rollup'), 'Pss'), 0)
    all = Math.max(all, together)
  }, LOOK)
  try {
    await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => (code === 0 ? resolve() : reject(Object.assign(new Error(`exit ${code}`), { stderr: said })))) // prettier-ignore
    })
  } finally {
    clearInterval(look)
  }
  return { seconds: (performance.now() - began) / 1000, memory: largest / 1024, all: all / 1024 }
}

/** The picture mirrored to the right and down as often as it takes, a PNG: peers read no more than that and JPEG. */
async function makePicture(megapixels, path) {
  const [width, height] = sidesOf(megapixels)
  const { data, info } = await sharp(values.picture)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const fold = (x, side) => (Math.floor(x / side) % 2 === 0 ? x % side : side - 1 - (x % side))
  const out = Buffer.alloc(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    const line = fold(y, info.height) * info.width
    for (let x = 0; x < width; x++, to += 3) {
      const from = (line + fold(x, info.width)) * 3
      out[to] = data[from]
      out[to + 1] = data[from + 1]
      out[to + 2] = data[from + 2]
    }
  }
  await sharp(out, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .png({ compressionLevel: 1 })
    .toFile(path)
  return (width * height) / 1e6
}

const ddnc = join(ROOT, 'bin/ddnc.js')
const codecs = [
  ...numbers(values.threads).map((count, i) => ({
    name: `ddnc, ${count} ${count === 1 ? 'thread' : 'threads'}`,
    colour: COLOURS.ddnc[i % 2],
    version: () => run(process.execPath, [ddnc, '--version']),
    extension: 'ddn',
    encode: (from, to) => [
      process.execPath,
      [ddnc, 'encode', from, to, '-f', '--quiet', '--model', values.model, '--threads', count],
    ],
    decode: (from, to) => [process.execPath, [ddnc, 'decode', from, to, '-f', '--quiet', '--threads', count]],
  })),
  {
    name: 'cwebp',
    version: () => run('cwebp', ['-version']),
    extension: 'webp',
    encode: (from, to) => ['cwebp', ['-quiet', from, '-o', to]],
    decode: (from, to) => ['dwebp', ['-quiet', from, '-o', to]],
  },
  {
    name: 'avifenc',
    version: () => run('avifenc', ['--version']),
    extension: 'avif',
    encode: (from, to) => ['avifenc', [from, to]],
    decode: (from, to) => ['avifdec', [from, to]],
  },
  {
    name: 'cjxl -e 7',
    version: () => run('cjxl', ['--version']),
    extension: 'jxl',
    encode: (from, to) => ['cjxl', [from, to, '-e', '7', '--quiet']],
    decode: (from, to) => ['djxl', [from, to, '--quiet']],
  },
].map((codec, i) => ({ colour: COLOURS.others[i % 3], ...codec }))

const work = join(values.out, 'work')
await mkdir(work, { recursive: true })
const there = []
for (const codec of codecs) {
  const told = await codec.version().catch(() => null)
  const version = told && (told.stdout + told.stderr).trim().split('\n')[0]
  console.log(`${codec.name}: ${version ?? 'not installed, left out'}`)
  if (told) there.push(codec)
}
console.log(`${cpus()[0].model}, Node ${process.version}`)

const rows = []
for (const megapixels of numbers(values.megapixels)) {
  const source = join(work, 'source.png')
  const size = await makePicture(megapixels, source)
  for (const codec of there) {
    const [coded, back] = [join(work, `coded.${codec.extension}`), join(work, 'back.png')]
    const args = (task) => task.map((part) => (Array.isArray(part) ? part.map(String) : part))
    const row = { codec, size }
    try {
      row.encode = await timed(...args(codec.encode(source, coded)))
      row.bytes = (await stat(coded)).size
      row.decode = await timed(...args(codec.decode(coded, back)))
    } catch (error) {
      row.failure = String(error.stderr ?? error)
        .trim()
        .split('\n')[0] // WebP ends at 16,383 pixels a side
    }
    rows.push(row)
    const speed = (what) =>
      row[what]
        ? `${(size / row[what].seconds).toFixed(2)} MP/s, ${row[what].memory.toFixed(0)} MiB, all ${row[what].all.toFixed(0)}`
        : '-'
    console.log(
      `${size.toFixed(2)} MP, ${codec.name}: encode ${speed('encode')}; decode ${speed('decode')} ${row.failure ?? ''}`,
    )
  }
}
await rm(work, { recursive: true })

const header = ['MP', 'codec', 'bytes', 'encode s', 'MP/s', 'MiB', 'all', 'decode s', 'MP/s', 'MiB', 'all']
const cells = ({ size, codec, bytes, encode, decode }) => [
  ...[size.toFixed(2), codec.name, bytes ?? ''],
  ...[encode, decode].flatMap((of) =>
    of
      ? [of.seconds.toFixed(2), (size / of.seconds).toFixed(2), of.memory.toFixed(0), of.all.toFixed(0)]
      : ['', '', '', ''],
  ),
]
const table = [header, ...rows.map(cells)]
console.log(columns(table).join('\n'))
await writeFile(
  join(values.out, 'large.csv'),
  table.map((line) => line.map((cell) => `"${cell}"`).join(',')).join('\n') + '\n',
)
const lines = (what, of) =>
  there.map((codec) => ({
    name: codec.name,
    colour: codec.colour,
    points: rows.filter((row) => row.codec === codec && row[what]).map((row) => [row.size, row[what][of]]),
  }))
const charts = ['encode', 'decode'].flatMap((what) => [
  {
    x: { label: 'megapixels', scale: 'log' },
    y: { label: `${what}: seconds`, scale: 'log' },
    lines: lines(what, 'seconds'),
  },
  {
    x: { label: 'megapixels', scale: 'log' },
    y: { label: `${what}: MiB at the peak`, scale: 'log' },
    lines: lines(what, 'memory'),
  },
])
await writeChart(values.out, 'large', chartSvg('Time and memory as the picture grows', charts, 360))
