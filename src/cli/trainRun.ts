/** A training run in a folder: what `ddnc train` does once its options are known. Loaded by that command alone. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdncError } from '../errors.js'
import { loadBackend } from '../lab/train/backend.js'
import { curvesSvg } from '../lab/train/curves.js'
import { holdOut, usable, type Data, type NamedPicture } from '../lab/train/data.js'
import { drawScreen } from '../lab/train/drawing.js'
import { lineOf, meanRow, readLog, type Row } from '../lab/train/log.js'
import { operations, type Operations } from '../lab/train/operations.js'
import { readRecipe } from '../lab/train/recipe.js'
import { beginRun, resumeRun, saveRun, trainStep, type Run } from '../lab/train/run.js'
import { pixelsOfSteps, stepsThatFit } from '../lab/train/schedule.js'
import { pictureNames, readPicture } from '../node/picture.js'
import { say, type Terminal } from './command.js'
import { readInput, writeOutput } from './io.js'
import type { Chosen } from './options.js'
import { summary } from './report.js'

/** Steps after which it is known how fast steps are. */
const WARM_UP = 20
/** Seconds between checkpoints. */
const CHECKPOINT_EVERY = 180
/** Steps of a row of the log. */
const ROW_STEPS = 50
const DRAWINGS = { count: 48, side: 512 }

/**
 * @param folder of photographs
 * @param out folder to write to, made if it is missing
 */
export async function trainIn(folder: string, out: string, chosen: Chosen, terminal: Terminal): Promise<void> {
  const paths = {
    checkpoint: join(out, 'checkpoint.safetensors'),
    log: join(out, 'log.jsonl'),
    curves: join(out, 'curves.svg'),
  }
  const saved = chosen.resume ? paths.checkpoint : chosen.from
  const text = saved === undefined ? await recipeText(chosen.recipe ?? 'photo') : null
  const checkpoint = saved === undefined ? null : await readInput(saved, terminal.stdin, terminal.signal)
  const backend = await loadBackend(chosen.backend, { threads: chosen.threads })
  if (backend.advice) say(backend.advice, '', chosen, terminal)
  const ops = operations(backend)
  const begun = checkpoint && resumeRun(ops, checkpoint)
  const recipe = begun?.recipe ?? readRecipe(text!)
  const data = await readData(folder, recipe.training, chosen, terminal)
  const run = begun ?? beginRun(ops, text!, data, { steps: chosen.steps ?? null, minutes: chosen.minutes ?? null })
  if (begun && chosen.steps !== undefined) run.steps = chosen.steps

  await mkdir(out, { recursive: true })
  const layers = [...recipe.structure.coarse.layers, ...recipe.structure.fine.layers]
  const old = chosen.resume ? await readFile(paths.log, 'utf8').catch(() => '') : ''
  const rows: Row[] = readLog(old, layers.length, run.step)
  await loop(run, rows, { ops, data, out: paths, chosen, terminal })
  say(summary(paths.checkpoint, [`${run.step} steps`, 'ddnc export makes a model of it']), '', chosen, terminal)
}

type Loop = Readonly<{
  ops: Operations
  data: Data
  out: Readonly<{ checkpoint: string; log: string; curves: string }>
  chosen: Chosen
  terminal: Terminal
}>

/** Steps until the end or Ctrl-C; a checkpoint every few minutes and at the end. */
async function loop(run: Run, rows: Row[], { ops, data, out, chosen, terminal }: Loop): Promise<void> {
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
  while (run.step < (run.steps ?? Infinity) && !terminal.signal.aborted) {
    fresh.push(trainStep(ops, run, data))
    if (run.steps === null && run.step - first === WARM_UP) {
      // The warm-up is all of the first size.
      const speed = (WARM_UP * sizes[0].batch * sizes[0].crop ** 2) / seconds()
      run.steps = stepsThatFit(sizes, run.step, speed, run.minutes! * 60 - run.secondsBefore - seconds())
    }
    if (run.steps !== null && (fresh.length >= ROW_STEPS || run.step === run.steps)) {
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
  const names = (await pictureNames(folder)).map((name) => ({ name }))
  const files: NamedPicture[] = []
  for (const { name } of holdOut(names, training.data.validation).training) {
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
