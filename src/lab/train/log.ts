/** The log of a run: a row every few steps, as lines of JSON, from which curves are drawn. */
import { DdncError } from '../../errors.js'
import { RATES } from './balance.js'

/** Means over the steps since the row before. null: nothing was seen. */
export type Row = Readonly<{
  /** Number of steps done. */
  step: number
  /** (D + λ·bits) / pixels by rate, from the lowest λ to the highest. */
  loss: readonly (number | null)[]
  /** Bits a pixel by layer, coarse then fine. */
  bits: readonly (number | null)[]
  /** Entropy of the choices over log2 of the number of candidates, by layer: 1 if all are used equally, 0 if one is. */
  usage: readonly (number | null)[]
}>

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

/** @returns one line, with its end */
export const lineOf = ({ step, loss, bits, usage }: Row): string => `${JSON.stringify({ step, loss, bits, usage })}\n`

/**
 * @param text lines of `lineOf`; a last line that was cut by a kill is left out
 * @param layers of the network
 * @param steps those of a checkpoint that training goes on from: later rows are left out, they will be made again
 * @throws {DdncError} Corrupt, naming the line
 * @example const rows = readLog(await readFile('log.jsonl', 'utf8'), 14, checkpoint.step)
 */
export function readLog(text: string, layers: number, steps = Infinity): Row[] {
  // What follows the last end of line is empty or cut.
  const lines = text.split('\n').slice(0, -1)
  const rows = lines.map((line, i) => rowOf(line, i, layers))
  rows.forEach(({ step }, i) => {
    if (i > 0 && step <= rows[i - 1].step) throw corrupt(i, `step ${step}`, `one over ${rows[i - 1].step}`)
  })
  return rows.filter(({ step }) => step <= steps)
}

function rowOf(line: string, i: number, layers: number): Row {
  const isFigure = (x: unknown): boolean => x === null || typeof x === 'number'
  const isList = (x: unknown, length: number): boolean => Array.isArray(x) && x.length === length && x.every(isFigure)
  try {
    const row = JSON.parse(line) as Row
    const isStep = Number.isSafeInteger(row.step) && row.step >= 0
    if (isStep && isList(row.loss, RATES) && isList(row.bits, layers) && isList(row.usage, layers)) return row
  } catch {
    // named below
  }
  throw corrupt(i, line.slice(0, 40), `a step, ${RATES} losses, bits and usage of ${layers} layers`)
}

const corrupt = (line: number, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `line ${line + 1} of the log`, found, allowed })

/**
 * How evenly the candidates of a layer are chosen.
 * @param counts choices of each candidate
 * @returns entropy / log2(number of candidates), 0…1; null of no choice
 * @example usageOf([2, 2, 0, 0]) // 0.5
 */
export function usageOf(counts: ArrayLike<number>): number | null {
  const all = Array.from(counts)
  const sum = all.reduce((a, b) => a + b, 0)
  if (sum === 0) return null
  const entropy = all.reduce((bits, count) => (count === 0 ? bits : bits - (count / sum) * Math.log2(count / sum)), 0)
  return all.length === 1 ? 1 : entropy / Math.log2(all.length)
}
