/** The log of a run: rows of training and of validation, as lines of JSON, from which curves are drawn. */
import { DdncError } from '../../errors.js'
import { RATES } from './balance.js'

/** Means over the steps since the row before. null: nothing was seen. */
export type Row = Readonly<{
  /** Number of steps done. */
  step: number
  /**
   * Cell grids: (D + λ·bits) / pixels by rate, from the lowest λ to the highest; plain: D / pixels. Whole images: mean
   * squared error after every choice, in grey levels.
   */
  loss: readonly (number | null)[]
  /** Cell grids: bits a pixel by layer, coarse then fine. Whole images: bits of every choice by the prior. */
  bits: readonly (number | null)[]
  /** How evenly candidates are chosen, by layer (counts.ts). */
  usage: readonly (number | null)[]
}>

export type RateFigures = Readonly<{
  /** ln λ; whole images: number of choices. */
  at: number
  /** As that of a row. */
  loss: number
  /** A pixel; whole images: of the path. */
  bits: number
  /** Of rounded pixels, in dB. */
  psnr: number
}>

/** Means over pictures that are held out. */
export type Validation = Readonly<{
  step: number
  /** By rising λ, or number of choices. */
  rates: readonly RateFigures[]
  /** As that of a row, of the choices at all rates together. */
  usage: readonly (number | null)[]
  /** Share of the candidates that were never chosen, by layer. */
  dead: readonly (number | null)[]
}>

/** Rising steps, both of them. */
export type Log = Readonly<{ rows: Row[]; validations: Validation[] }>

/**
 * One row for several: means of what each of them saw, at the step of the last.
 * @param rows one or more, of the same layers; steps of a run, or rows of a log
 * @example meanRow(rowsOfSteps) // what goes into the log
 */
export function meanRow(rows: readonly Row[]): Row {
  const means = (figure: 'loss' | 'bits' | 'usage'): (number | null)[] =>
    rows[0][figure].map((_, i) => {
      const seen = rows.map((row) => row[figure][i]).filter((value) => value !== null)
      return seen.length === 0 ? null : seen.reduce((a, b) => a + b, 0) / seen.length
    })
  return { step: rows.at(-1)!.step, loss: means('loss'), bits: means('bits'), usage: means('usage') }
}

/**
 * Bits a pixel of all layers, mean of rows of steps. Not the sum of what `meanRow` gives, which is of the steps that coded
 * a layer: a layer that a step left out cost nothing in it.
 * @param rows one or more, of single steps
 * @example bitsOf([{ ...row, bits: [1, null] }, { ...row, bits: [1, 2] }]) // 2
 */
export const bitsOf = (rows: readonly Row[]): number =>
  rows.flatMap(({ bits }) => bits).reduce<number>((sum, x) => sum + (x ?? 0), 0) / rows.length

/** @returns lines of JSON by rising step; validation lines have the key `validation` */
export function textOf({ rows, validations }: Log): string {
  const lines = [
    ...rows.map(({ step, loss, bits, usage }) => ({ step, loss, bits, usage })),
    ...validations.map(({ step, rates, usage, dead }) => ({ step, validation: rates, usage, dead })),
  ]
  // The sort is stable: training before validation.
  return lines
    .sort((a, b) => a.step - b.step)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
}

/**
 * @param text as `textOf` gives it; a last line that was cut by a kill is left out
 * @param layers of the network
 * @param losses of a row (score.ts: places)
 * @param steps those of a checkpoint that training goes on from: later lines are left out, they will be made again
 * @throws {DdncError} Corrupt, naming the line
 * @example const { rows } = readLog(await readFile('log.jsonl', 'utf8'), 14, checkpoint.step)
 */
export function readLog(text: string, layers: number, steps = Infinity, losses = RATES): Log {
  const log: Log = { rows: [], validations: [] }
  // What follows the last end of line is empty or cut.
  const lines = text.split('\n').slice(0, -1)
  lines.forEach((line, i) => {
    const parsed = parse(line)
    const row = isRow(parsed, layers, losses) ? parsed : null
    const entry = row ?? validationOf(parsed, layers)
    const list: { step: number }[] = row ? log.rows : log.validations
    if (!entry) {
      const allowed = `a step, ${losses} losses or validation, bits or dead candidates and usage of ${layers} layers`
      throw corrupt(i, line.slice(0, 40), allowed)
    }
    const before = list.at(-1)?.step ?? -1
    if (entry.step <= before) throw corrupt(i, `step ${entry.step}`, `one over ${before}`)
    list.push(entry)
  })
  const isDone = ({ step }: { step: number }): boolean => step <= steps
  return { rows: log.rows.filter(isDone), validations: log.validations.filter(isDone) }
}

function parse(line: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>
  } catch {
    return {} // has no step: the caller names the line
  }
}

/** JSON has null for what is no number. */
const isFigure = (x: unknown): boolean => x === null || typeof x === 'number'
const isList = (x: unknown, length: number): boolean => Array.isArray(x) && x.length === length && x.every(isFigure)
const isStep = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0

const isRow = (line: object, layers: number, losses: number): line is Row => {
  const { step, loss, bits, usage } = line as Record<string, unknown>
  return isStep(step) && isList(loss, losses) && isList(bits, layers) && isList(usage, layers)
}

function validationOf(line: Record<string, unknown>, layers: number): Validation | null {
  const { step, validation, usage, dead } = line
  if (!isStep(step) || !Array.isArray(validation) || !isList(usage, layers) || !isList(dead, layers)) return null
  const figure = (x: unknown): number => (typeof x === 'number' ? x : NaN)
  const rates = validation.map((rate: Record<string, unknown> | null) => ({
    // Logs of before whole images had a name of its own for it.
    at: figure(rate?.['at'] ?? rate?.['logLambda']),
    loss: figure(rate?.['loss']),
    bits: figure(rate?.['bits']),
    psnr: figure(rate?.['psnr']),
  }))
  return { step: step as number, rates, usage: usage as (number | null)[], dead: dead as (number | null)[] }
}

const corrupt = (line: number, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `line ${line + 1} of the log`, found, allowed })
