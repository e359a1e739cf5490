/** Whole processes, as a user waits for them: start, read, encode or decode, write. */
import { columns } from '../../columns.js'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lambdaOf } from '../../codec/lambda.js'
import { writePicture, type Model } from '../../node.js'
import { median } from './metrics.js'
import { beginReport, ROOT, type Say } from './report.js'

export type TimeOptions = Readonly<{
  /** For the report; the commands take the model of this file. */
  model: Model
  modelFile: string
  picture: string
  /** Of each command; the fastest and the middle one count. */
  runs: number
  /** Confines every process to this processor (taskset of util-linux). */
  processor?: number | undefined
  out?: string | undefined
}>

type Command = readonly [what: string, args: readonly string[]]

/** Steps of λ and qualities at which the picture is encoded; the default quality is none given. */
const SETTINGS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['s = 65', ['--lambda', lambdaOf(65).toFixed(3)]],
  ['default', []],
  ['q = 100', ['-q', '100']],
]

export async function measureTime(options: TimeOptions, say: Say): Promise<void> {
  const { model, picture, runs, processor, out } = options
  const report = beginReport(model, out, ['command', 'run', 'seconds'], say)
  say(`${picture}: whole processes, ${runs} runs${processor === undefined ? '' : ` on processor ${processor} alone`}`)
  const folder = await mkdtemp(join(tmpdir(), 'ddnc-time-'))
  try {
    const small = join(folder, 'small.png')
    await writeFile(small, await writePicture({ width: 8, height: 8, components: 3, data: new Uint8Array(192) }, 'png'))
    const rows = commands(options, folder, small).map(([what, args]) => {
      const seconds = Array.from({ length: runs }, () => secondsOf(args, processor))
      seconds.forEach((value, run) => report.record([what, run + 1, value.toFixed(4)]))
      return [what, Math.min(...seconds).toFixed(3), median(seconds).toFixed(3)]
    })
    for (const line of columns([['command', 'best s', 'median s'], ...rows])) say(line)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function commands({ picture, modelFile }: TimeOptions, folder: string, small: string): Command[] {
  const model = ['--model', modelFile, '--force', '--quiet']
  const pair = (name: string, from: string, setting: readonly string[], file: string): Command[] => [
    [`encode ${name}`, ['encode', from, `${file}.ddn`, ...setting, ...model]],
    [`decode ${name}`, ['decode', `${file}.ddn`, `${file}.png`, ...model]],
  ]
  return [
    ['--version', ['--version']],
    ...pair('8×8', small, [], join(folder, 'small')),
    ...SETTINGS.flatMap(([name, setting], at) => pair(name, picture, setting, join(folder, `${at}`))),
  ]
}

/** Wall clock of one `node bin/ddnc.js`. */
function secondsOf(args: readonly string[], processor: number | undefined): number {
  const command = [process.execPath, join(ROOT, 'bin', 'ddnc.js'), ...args]
  const [file, ...rest] = processor === undefined ? command : ['taskset', '-c', `${processor}`, ...command]
  const begun = performance.now()
  execFileSync(file, rest, { stdio: ['ignore', 'ignore', 'inherit'] })
  return (performance.now() - begun) / 1000
}
