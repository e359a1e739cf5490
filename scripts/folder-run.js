/**
 * A folder of many small photographs through `ddnc encode -O`, after `npm run build`: pictures a second, and whether memory
 * stays where it is. Linux.
 *
 *   node scripts/folder-run.js --data PHOTOS [--pictures 2000] [--jobs 1,2] [--model photo] [--keep]
 *
 * Pictures are crops of those in PHOTOS, 128×96 to 512×384. Memory is the resident memory of all processes together,
 * twice a second: its mean over each tenth of the pictures, without the first and the last of them the start and the
 * end of the processes. Exit code 1 if a picture fails.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { columns } from '../dist/columns.js'
import { mean } from '../dist/lab/bench/metrics.js'
import { uniformFrom } from '../dist/network/uniform.js'

const BIN = fileURLToPath(new URL('../bin/ddnc.js', import.meta.url))
const PARTS = 10
const WIDTHS = [128, 192, 256, 384, 512]

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    pictures: { type: 'string', default: '2000' },
    jobs: { type: 'string', default: '1,2' },
    model: { type: 'string', default: 'photo' },
    keep: { type: 'boolean', default: false },
  },
})
const pictures = Number(values.pictures)
const folder = await mkdtemp(join(tmpdir(), 'ddnc-folder-run-'))

/** Several crops of every photograph: decoding it is what costs. */
async function makePictures(into) {
  await mkdir(into)
  const uniform = uniformFrom(1)
  const sources = (await readdir(values.data)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
  const each = Math.ceil(pictures / sources.length)
  for (let made = 0; made < pictures;) {
    const source = join(values.data, sources[Math.floor(made / each)])
    const { data, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    const raw = { width: info.width, height: info.height, channels: info.channels }
    for (let i = 0; i < each && made < pictures; i++, made++) {
      const width = Math.min(WIDTHS[made % WIDTHS.length], info.width)
      const height = Math.min((width / 4) * 3, info.height)
      const left = Math.floor(uniform() * (info.width - width + 1))
      const top = Math.floor(uniform() * (info.height - height + 1))
      const name = `${String(made).padStart(4, '0')}.png`
      await sharp(data, { raw })
        .extract({ left, top, width, height })
        .png({ compressionLevel: 1 })
        .toFile(join(into, name))
    }
  }
}

/** Resident bytes of a process and of those that work for it. */
function residentOf(group) {
  let sum = 0
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id)) continue
    try {
      const fields = readFileSync(`/proc/${id}/stat`, 'latin1').split(') ').at(-1).split(' ')
      if (Number(fields[2]) === group) sum += Number(fields[21]) * 4096
    } catch {
      // it has just ended
    }
  }
  return sum
}

/** @returns seconds, failures, and samples of memory with the pictures done at that time */
function run(from, out, jobs) {
  const args = ['encode', from, '-O', out, '--json', '-j', String(jobs), '--model', values.model]
  const begun = performance.now()
  // A group of its own, so that its processes are known.
  const child = spawn(process.execPath, [BIN, ...args], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let done = 0
  let lines = ''
  child.stdout.on('data', (chunk) => {
    lines += chunk
    done = lines.split('"status":"done"').length - 1
  })
  const samples = []
  const timer = setInterval(() => samples.push({ done, bytes: residentOf(child.pid) }), 500)
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearInterval(timer)
      resolve({ seconds: (performance.now() - begun) / 1000, code, done, samples })
    }),
  )
}

const megabytes = (bytes) => (Number.isNaN(bytes) ? '–' : String(Math.round(bytes / 2 ** 20)))

try {
  const from = join(folder, 'pictures')
  await makePictures(from)
  const parts = Array.from({ length: PARTS }, (_, i) => i)
  const head = ['jobs', 'pictures', 'seconds', 'a second', ...parts.map((i) => `MiB ${i + 1}/${PARTS}`), 'most', 'load']
  const rows = []
  for (const jobs of values.jobs.split(',')) {
    const { seconds, code, done, samples } = await run(from, join(folder, `out-${jobs}`), jobs)
    if (code !== 0) process.exitCode = 1
    const inPart = (i) => samples.filter((sample) => Math.floor((sample.done / pictures) * PARTS) === i)
    const memory = parts.map((i) => megabytes(mean(inPart(i).map(({ bytes }) => bytes))))
    const most = megabytes(Math.max(...samples.map(({ bytes }) => bytes)))
    rows.push([jobs, done, seconds.toFixed(0), (done / seconds).toFixed(2), ...memory, most, loadavg()[1].toFixed(1)])
    console.error(rows.at(-1).join(' '))
  }
  for (const line of columns([head, ...rows])) console.log(line)
} finally {
  if (values.keep) console.log(folder)
  else await rm(folder, { recursive: true, force: true })
}
