/** The loop of `ddnc train`: steps, and between them checkpoints, validation and what is said. */
import { curvesSvg } from '../lab/train/curves.js'
import type { Data } from '../lab/train/kind.js'
import { bitsOf, meanRow, textOf, type Log, type Row, type Validation } from '../lab/train/log.js'
import type { Operations } from '../lab/train/operations.js'
import { saveRun, type Run } from '../lab/train/run.js'
import { pixelsOfSteps, stepsThatFit } from '../lab/train/schedule.js'
import { lossesOf, scoreText, type Score } from '../lab/train/score.js'
import { trainStep } from '../lab/train/step.js'
import type { Team } from '../lab/train/team.js'
import { say, type Terminal } from './command.js'
import { writeOutput } from './io.js'
import type { Chosen } from './options.js'
import { liveLineOn } from './progress.js'
import type { Look } from './trainData.js'

/** Steps after which it is known how fast steps are. */
const WARM_UP = 20
/** Seconds between checkpoints, if nothing else is asked for. */
const CHECKPOINT_EVERY = 180
/** Least seconds of training between validations, and of training for each second of the last one: 4 % of the time. */
const VALIDATE = { every: 60, perSecond: 25 }
/** Steps of a row of the log. */
const ROW_STEPS = 10
/** Steps that a line is the mean of, and seconds between lines where none can be written over. */
const LINE = { steps: 50, every: 15 }

export type Loop = Readonly<{
  ops: Operations
  data: Data
  /** null: nothing is held out. */
  look: Look | null
  /** Paths. */
  out: Readonly<{ checkpoint: string; log: string; curves: string }>
  chosen: Chosen
  terminal: Terminal
  /** Of which this loop is the first member. */
  team: Team
}>

/**
 * Trains until the run's end or Ctrl-C. A checkpoint every few minutes and at the end, validation every few minutes and
 * at the end.
 * @param run and its log: changed in place
 * @throws the signal's reason after Ctrl-C, when all is written
 */
export async function trainLoop(run: Run, log: Log, loop: Loop): Promise<void> {
  const { ops, data, chosen, terminal, team } = loop
  const { signal, stdout, stderr } = terminal
  const live = liveLineOn(stderr, chosen.quiet ?? false)
  // The live line shows the rows already.
  const showsRows = !(stdout.isTTY && stderr.isTTY)
  const tell = (line: string): void => {
    live.clear()
    say(line, '', chosen, terminal)
  }
  const { sizes, score } = run.kind
  const first = run.step
  const begun = performance.now()
  let validating = 0
  /** Of training: validation is not counted. */
  const seconds = (): number => (performance.now() - begun) / 1000 - validating
  let saved = 0
  let told = 0
  let warm = { step: first, seconds: 0 }
  let validated = { at: 0, took: 0 }
  let fresh: Row[] = []
  let recent: Row[] = []

  const addRow = (): void => {
    if (fresh.length > 0) log.rows.push(meanRow(fresh))
    fresh = []
  }
  const save = async (): Promise<void> => {
    addRow()
    await writeRun(run, log, await saveRun(run, seconds()), loop)
    saved = seconds()
  }
  const look = async (): Promise<void> => {
    const from = performance.now()
    const validation = await loop.look!(ops, run, signal).catch((cause: unknown) => {
      if (!signal.aborted) throw cause
      return null
    })
    const took = (performance.now() - from) / 1000
    validating += took
    validated = { at: seconds(), took }
    if (!validation) return
    log.validations.push(validation)
    tell(validationLine(validation, score))
  }

  while (run.step < (run.steps ?? Infinity) && !signal.aborted) {
    const row = await trainStep(ops, run, data, team)
    fresh.push(row)
    recent = [...recent, row].slice(-LINE.steps)
    if (run.steps === null) {
      const done = run.step - first
      // The first steps are slower: memory is claimed, kernels are chosen.
      if (done === WARM_UP / 2) warm = { step: run.step, seconds: seconds() }
      if (done === WARM_UP) {
        // The warm-up is all of the first size.
        const pixels = (run.step - warm.step) * sizes[0].batch * sizes[0].crop ** 2
        const left = run.minutes! * 60 - run.secondsBefore - seconds()
        run.steps = stepsThatFit(sizes, run.step, pixels / (seconds() - warm.seconds), left)
      }
    }
    const isLast = run.step === run.steps
    if (fresh.length >= ROW_STEPS || isLast) addRow()
    const line = (): string => stepLine(run, recent, first, seconds())
    live.show(line)
    if (showsRows && (isLast || seconds() - told > LINE.every)) {
      told = seconds()
      tell(line())
    }
    if (loop.look && isDue(validated, seconds())) await look()
    if (seconds() - saved > (chosen.checkpointEvery ?? CHECKPOINT_EVERY)) await save()
    await new Promise((resolve) => setImmediate(resolve)) // Ctrl-C is heard between steps
  }
  if (loop.look && !signal.aborted && log.validations.at(-1)?.step !== run.step) await look()
  await save()
  live.clear()
  signal.throwIfAborted()
}

const isDue = ({ at, took }: { at: number; took: number }, now: number): boolean =>
  now - at > Math.max(VALIDATE.every, VALIDATE.perSecond * took)

/** @param seconds of training since step `first` */
function stepLine({ step, steps, kind }: Run, recent: readonly Row[], first: number, seconds: number): string {
  const { sizes, score } = kind
  // Until the length is known, all steps are of the first size.
  const done =
    steps === null ? (step - first) * sizes[0].batch * sizes[0].crop ** 2 : pixelsOfSteps(sizes, first, step, steps)
  const speed = done / seconds
  const hasBits = recent.some(({ bits }) => bits.some((x) => x !== null))
  return [
    steps === null ? `step ${step}` : `step ${step} of ${steps}`,
    steps === null ? 'warming up' : `${duration(pixelsOfSteps(sizes, step, steps, steps) / speed)} left`,
    scoreText(score, lossesOf(score, meanRow(recent))),
    ...(hasBits ? [`${bitsOf(recent).toFixed(3)} ${score.ofAll}`] : []),
    `${Math.round(speed)} ${score.work} a second`,
  ].join(', ')
}

/** @example duration(100) // '2 min' */
const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`

function validationLine({ step, rates }: Validation, score: Score): string {
  const figures = rates.map(({ bits, psnr }) => `${bits.toFixed(3)} at ${psnr.toFixed(2)} dB`)
  return `validation at step ${step}: ${scoreText(score, rates)}; ${score.ofAll} ${figures.join(', ')}`
}

/** The log before the checkpoint: what is too much in it is cut when the run goes on. */
async function writeRun(run: Run, log: Log, checkpoint: Uint8Array, { out, terminal }: Loop): Promise<void> {
  // Not the terminal's signal: what was trained until Ctrl-C is kept.
  const options = { force: true, stdout: terminal.stdout, signal: new AbortController().signal }
  const { layers, score } = run.kind
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  await writeOutput(out.log, bytes(textOf(log)), options)
  await writeOutput(out.checkpoint, checkpoint, options)
  if (log.rows.length > 0) await writeOutput(out.curves, bytes(curvesSvg(run.recipe.name, layers, score, log)), options)
}
