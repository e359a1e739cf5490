/** `ddnc train`: a recipe and a folder of photographs become weights, which `ddnc export` makes a model. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdncError } from '../errors.js'
import type { Data, NamedPicture } from '../lab/train/data.js'
import type { Row } from '../lab/train/log.js'
import type { Run } from '../lab/train/run.js'
import { say, type Command, type Terminal } from './command.js'
import type { Chosen } from './options.js'
import { readInput, writeOutput } from './io.js'
import { summary } from './report.js'

/** Steps after which it is known how fast steps are. */
const WARM_UP = 20
/** Before that no share of the run is done. */
const NO_END = 1e9
/** Seconds between checkpoints. */
const CHECKPOINT_EVERY = 180
/** Steps of a row of the log. */
const ROW_STEPS = 50
const DRAWINGS = { count: 48, side: 512 }

export const train: Command = {
  name: 'train',
  summary: 'train a model on a folder of photographs',
  arguments: [],
  options: ['recipe', 'data', 'out', 'steps', 'minutes', 'resume', 'from', 'quiet'],
  examples: [
    'ddnc train --recipe photo --data photos --out run --minutes 60',
    'ddnc train --data photos --out run --resume',
  ],

  async run(_args, chosen, terminal) {
    const folder = required(chosen.data, '--data', 'a folder of photographs')
    const out = required(chosen.out, '--out', 'a folder to write to')
    const paths = {
      checkpoint: join(out, 'checkpoint.safetensors'),
      log: join(out, 'log.jsonl'),
      curves: join(out, 'curves.svg'),
    }
    const saved = chosen.resume ? paths.checkpoint : chosen.from
    if (saved === undefined && (chosen.steps === undefined) === (chosen.minutes === undefined)) {
      throw new DdncError({
        tag: 'BadOption',
        option: '--steps and --minutes',
        found: 'both or none',
        allowed: 'one of them',
      })
    }
    const [{ loadBackend }, { operations }, runs, { readLog }] = await Promise.all([
      import('../lab/train/backend.js'),
      import('../lab/train/operations.js'),
      import('../lab/train/run.js'),
      import('../lab/train/log.js'),
    ])
    const { readRecipe } = await import('../lab/train/recipe.js')
    const text = saved === undefined ? await recipeText(chosen.recipe ?? 'photo') : null
    const checkpoint = saved === undefined ? null : await readInput(saved, terminal.stdin, terminal.signal)
    const backend = await loadBackend()
    if (backend.advice) say(backend.advice, '', chosen, terminal)
    const ops = operations(backend)
    const begun = checkpoint && runs.resumeRun(ops, checkpoint)
    const recipe = begun?.recipe ?? readRecipe(text!)
    const data = await readData(folder, recipe.training, chosen, terminal)
    const run = begun ?? runs.beginRun(ops, text!, data, chosen.steps ?? NO_END)
    if (begun && chosen.steps !== undefined) run.steps = chosen.steps

    await mkdir(out, { recursive: true })
    const layers = [...recipe.structure.coarse.layers, ...recipe.structure.fine.layers]
    const old = chosen.resume ? await readFile(paths.log, 'utf8').catch(() => '') : ''
    const rows: Row[] = readLog(old, layers.length, run.step)
    await loop(run, rows, { ops, data, out: paths, minutes: chosen.minutes ?? null, chosen, terminal })
    say(summary(paths.checkpoint, [`${run.step} steps`, 'ddnc export makes a model of it']), '', chosen, terminal)
  },
}

type Loop = Readonly<{
  ops: Parameters<typeof import('../lab/train/run.js').trainStep>[0]
  data: Data
  out: Readonly<{ checkpoint: string; log: string; curves: string }>
  minutes: number | null
  chosen: Chosen
  terminal: Terminal
}>

/** Steps until the end or Ctrl-C; a checkpoint every few minutes and at the end. */
async function loop(run: Run, rows: Row[], { ops, data, out, minutes, chosen, terminal }: Loop): Promise<void> {
  const [{ saveRun, trainStep }, { stepsThatFit, pixelsOfSteps }] = await Promise.all([
    import('../lab/train/run.js'),
    import('../lab/train/schedule.js'),
  ])
  const { sizes } = run.recipe.training
  const first = run.step
  const begun = performance.now()
  const seconds = (): number => (performance.now() - begun) / 1000
  let saved = 0
  let fresh: Row[] = []
  const save = async (): Promise<void> => {
    saved = seconds()
    await writeRun(run, rows, saveRun(run, saved), out, terminal)
  }
  while (run.step < run.steps && !terminal.signal.aborted) {
    fresh.push(trainStep(ops, run, data))
    if (minutes !== null && run.steps === NO_END && run.step - first === WARM_UP) {
      const speed = pixelsOfSteps(sizes, first, run.step, run.steps) / seconds()
      run.steps = stepsThatFit(sizes, run.step, speed, minutes * 60 - seconds())
    }
    if (fresh.length === ROW_STEPS || run.step === run.steps) {
      const { meanRow } = await import('../lab/train/log.js')
      rows.push(meanRow(fresh))
      const speed = pixelsOfSteps(sizes, first, run.step, run.steps) / seconds()
      const left = pixelsOfSteps(sizes, run.step, run.steps, run.steps) / speed
      say(liveLine(run, rows[rows.length - 1], speed, left), '', chosen, terminal)
      fresh = []
    }
    if (seconds() - saved > CHECKPOINT_EVERY) await save()
    await new Promise((resolve) => setImmediate(resolve)) // Ctrl-C is heard between steps
  }
  await save()
  terminal.signal.throwIfAborted()
}

function liveLine(run: Run, row: Row, pixelsPerSecond: number, secondsLeft: number): string {
  const bits = row.bits.reduce<number>((sum, x) => sum + (x ?? 0), 0)
  // Rate i is the i-th tenth of ln λ = 1 … 8.3; the slope of ln J over ln λ is about 0.85.
  const losses = row.loss.flatMap((x, rate) => (x === null ? [] : [Math.log(x) - 0.85 * (1 + 0.73 * (rate + 0.5))]))
  const loss = losses.reduce((a, b) => a + b, 0) / losses.length
  const minutes = secondsLeft < 90 ? `${Math.round(secondsLeft)} s` : `${Math.round(secondsLeft / 60)} min`
  return `step ${run.step} of ${run.steps}, log loss ${loss.toFixed(3)}, ${bits.toFixed(3)} bits a pixel, ${Math.round(pixelsPerSecond)} pixels a second, ${minutes} left`
}

async function writeRun(
  run: Run,
  rows: readonly Row[],
  checkpoint: Uint8Array,
  out: Loop['out'],
  { stdout }: Terminal,
): Promise<void> {
  const [{ lineOf }, { curvesSvg }] = await Promise.all([
    import('../lab/train/log.js'),
    import('../lab/train/curves.js'),
  ])
  // Not the terminal's signal: what was trained until Ctrl-C is kept.
  const options = { force: true, stdout, signal: new AbortController().signal }
  const { structure, name } = run.recipe
  const names = [
    ...structure.coarse.layers.map(({ first, end }) => `coarse ${first}-${end - 1}`),
    ...structure.fine.layers.map(({ first, end }) => `fine ${first}-${end - 1}`),
  ]
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  await writeOutput(out.checkpoint, checkpoint, options)
  await writeOutput(out.log, bytes(rows.map(lineOf).join('')), options)
  if (rows.length > 0) await writeOutput(out.curves, bytes(curvesSvg(name, names, rows)), options)
}

/** A recipe of the package by its name, or a JSON file by its path. */
async function recipeText(nameOrFile: string): Promise<string> {
  const isFile = /\.json$|[/\\]/.test(nameOrFile)
  const path = isFile ? nameOrFile : new URL(`../../recipes/${nameOrFile}.json`, import.meta.url)
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const option = {
      tag: 'BadOption',
      option: '--recipe',
      found: nameOrFile,
      allowed: 'photo or a .json file',
    } as const
    throw new DdncError(option, { cause })
  })
}

/** Pictures of a folder, decoded once; bad and small ones are named and skipped. */
async function readData(
  folder: string,
  training: Run['recipe']['training'],
  chosen: Chosen,
  terminal: Terminal,
): Promise<Data> {
  const [{ readPicture }, { holdOut, usable }, { drawScreen }] = await Promise.all([
    import('../node.js'),
    import('../lab/train/data.js'),
    import('../lab/train/drawing.js'),
  ])
  const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g|webp|tiff?)$/i.test(name)).sort()
  const files: NamedPicture[] = []
  for (const { name } of holdOut(
    names.map((name) => ({ name })),
    training.data.validation,
  ).training) {
    terminal.signal.throwIfAborted()
    try {
      files.push({
        name,
        picture: (await readPicture(await readFile(join(folder, name)), { background: 'white' })).picture,
      })
    } catch (error) {
      if (!(error instanceof DdncError)) throw error
      say(`${name} is skipped: ${error.message}`, '', chosen, terminal)
    }
  }
  const { pictures, tooSmall } = usable(files, Math.max(...training.sizes.map(({ crop }) => crop)))
  for (const name of tooSmall) say(`${name} is skipped: smaller than the crops`, '', chosen, terminal)
  const drawings = Array.from({ length: DRAWINGS.count }, (_, seed) => drawScreen(seed, DRAWINGS.side))
  return { photographs: pictures, drawings }
}

function required(value: string | undefined, option: string, allowed: string): string {
  if (value === undefined) throw new DdncError({ tag: 'BadOption', option, found: 'missing', allowed })
  return value
}
