/** The same pixels everywhere: files decoded by other processes, engines, compilers and versions of Node. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compressWithReport, DdncError, type Model, type Picture } from '../../index.js'
import { picturesOf, type NamedPicture } from './pictures.js'
import { beginReport, ROOT, type Report, type Say } from './report.js'

export type AgreeOptions = Readonly<{
  model: Model
  modelFile: string
  data: string
  /** Grey level² per bit. */
  lambdas: readonly number[]
  /** Binaries of other versions of Node; each decodes the crop with both engines. */
  nodes: readonly string[]
  out?: string | undefined
  limit?: number | undefined
}>

type Engine = 'wasm' | 'reference'

/** A file on the disk and the SHA-256 that its pixels must have. */
type Coded = Readonly<{ name: string; path: string; hash: string }>

/** A way to run the decoder. */
type Setting = Readonly<{ name: string; node: string; flags: readonly string[]; engine: Engine }>

const ENGINES: readonly Engine[] = ['wasm', 'reference']

/** V8 without its optimising compilers, and with them alone. `--jitless` has no WebAssembly. */
const FLAGS: readonly (readonly [Engine, readonly string[]])[] = [
  ['wasm', ['--liftoff-only', '--no-opt', '--no-sparkplug']],
  ['wasm', ['--no-liftoff', '--no-wasm-tier-up']],
  ['reference', ['--no-opt', '--no-sparkplug', '--max-lazy']],
  ['reference', ['--jitless']],
]

const CROP = 128

export async function measureAgree(options: AgreeOptions, say: Say): Promise<void> {
  const report = beginReport(options.model, options.out, ['setting', 'file', 'expected', 'found'], say)
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-agree-'))
  try {
    const coded: Coded[] = []
    let crop: NamedPicture | null = null
    for await (const named of picturesOf(options.data, options.limit)) {
      crop ??= { name: `crop of ${named.name}`, picture: middle(named.picture, CROP) }
      coded.push(...(await encodeAll(named, options, folder)))
    }
    if (crop === null) return // not reached: picturesOf refuses an empty folder
    const cropCoded = await encodeAll(crop, options, folder)
    for (const setting of fullSettings()) await compare(setting, coded, options.modelFile, report)
    for (const setting of cropSettings(options.nodes)) await compare(setting, cropCoded, options.modelFile, report)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const fullSettings = (): Setting[] =>
  ENGINES.map((engine) => ({ name: `another process, ${engine}`, node: process.execPath, flags: [], engine }))

function cropSettings(nodes: readonly string[]): Setting[] {
  const flagged = FLAGS.map(([engine, flags]) => {
    return { name: `crop, ${engine}, node ${flags.join(' ')}`, node: process.execPath, flags, engine }
  })
  const others = nodes.flatMap((node) =>
    ENGINES.map((engine) => ({ name: `crop, ${engine}, ${node}`, node, flags: [], engine })),
  )
  return [...flagged, ...others]
}

async function encodeAll({ name, picture }: NamedPicture, options: AgreeOptions, folder: string): Promise<Coded[]> {
  const coded: Coded[] = []
  for (const lambda of options.lambdas) {
    const { file, reconstruction } = await compressWithReport(picture, { model: options.model, lambda })
    const path = join(folder, `${name}-${lambda}.ddn`)
    await writeFile(path, file)
    coded.push({ name: `${name}, lambda ${lambda}`, path, hash: sha256(reconstruction.data) })
  }
  return coded
}

/** Decodes all files in one new process and says how many have the pixels the encoder had. */
async function compare(setting: Setting, coded: readonly Coded[], modelFile: string, report: Report): Promise<void> {
  const script = join(ROOT, 'scripts', 'hash-pixels.js')
  const args = [...setting.flags, script, setting.engine, modelFile, ...coded.map(({ path }) => path)]
  const child = spawn(setting.node, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  let version = ''
  let equal = 0
  let at = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (version === '') {
      version = line
      continue
    }
    const { name, hash } = coded[at++]
    report.record([`${setting.name} (${version})`, name, hash, line])
    if (line === hash) equal++
    else report.say(`  ${name}: ${line}, expected ${hash}`)
  }
  const code = await ended
  report.say(`${setting.name} (${version || 'did not start'}): ${equal} of ${coded.length} equal`)
  if (code !== 0 || at !== coded.length) {
    const found = `ended with ${code} after ${at} files`
    throw new DdncError({ tag: 'BadOption', option: setting.name, found, allowed: 'a decoder that ends with 0' })
  }
}

/** The middle of a picture, at most side × side. */
function middle({ width, height, components, data }: Picture, side: number): Picture {
  const [w, h] = [Math.min(side, width), Math.min(side, height)]
  const [left, top] = [(width - w) >> 1, (height - h) >> 1]
  const cut = new Uint8Array(w * h * components)
  for (let y = 0; y < h; y++) {
    const from = ((top + y) * width + left) * components
    cut.set(data.subarray(from, from + w * components), y * w * components)
  }
  return { width: w, height: h, components, data: cut }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
