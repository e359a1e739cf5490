/** A measurement's output: where it was made, a CSV of every value, lines to read. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { DdncError, type Model } from '../../index.js'

/** Takes a line for the reader. The library never prints: the script that calls decides where lines go. */
export type Say = (line: string) => void

export type Field = string | number

export type Report = Readonly<{
  say: Say
  /** Adds a line to the CSV at once, so that a run that is cut short keeps what it measured. */
  record(fields: readonly Field[]): void
}>

/** The checkout that this code was built in. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Begins a measurement: says machine, commit and model, and writes them and the heading to the CSV.
 * @param out path of the CSV, overwritten; undefined: none
 */
export function beginReport(model: Model, out: string | undefined, heading: readonly string[], say: Say): Report {
  return goOnWithReport(model, out, heading, [], say)
}

/**
 * As `beginReport`, but with rows of an earlier run.
 * @param rows that stay, after the heading
 */
export function goOnWithReport(
  model: Model,
  out: string | undefined,
  heading: readonly string[],
  rows: readonly (readonly Field[])[],
  say: Say,
): Report {
  const facts = [...machineFacts(), modelFact(model)]
  for (const fact of facts) say(fact)
  if (out === undefined) return { say, record: () => {} }
  const lines = [...facts.map((fact) => `# ${fact}`), ...[heading, ...rows].map(csvLine)]
  writeFileSync(out, lines.map((line) => `${line}\n`).join(''))
  return { say, record: (fields) => appendFileSync(out, `${csvLine(fields)}\n`) }
}

/** Where a measurement is made: machine and commit, a line each. */
export const machineFacts = (): string[] => [
  `machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} processors, Node ${process.versions.node}`,
  `commit: ${commit()}`,
]

export const modelFact = (model: Model): string => `model: ${model.name}, ${Buffer.from(model.hash).toString('hex')}`

/**
 * The rows of a CSV that `beginReport` began; a last line that was cut by a kill is left out.
 * @returns none where there is no file
 * @throws {DdncError} BadOption if it is another model's, or has another heading
 */
export function rowsOf(model: Model, out: string, heading: readonly string[]): string[][] {
  if (!existsSync(out)) return []
  // What follows the last end of line is empty or cut.
  const lines = readFileSync(out, 'utf8').split('\n').slice(0, -1)
  const facts = lines.filter((line) => line.startsWith('# '))
  const [first, ...rows] = lines.slice(facts.length).map(fieldsOf)
  const isOwn = facts.includes(`# ${modelFact(model)}`) && first?.join() === heading.join()
  if (!isOwn) {
    const allowed = `a name that is free, or rows of ${model.name} with the columns ${heading.join()}`
    throw new DdncError({ tag: 'BadOption', option: '--out', found: out, allowed })
  }
  return rows
}

/** @example fieldsOf('"a,b",1.5') // ['a,b', '1.5'] */
export function fieldsOf(line: string): string[] {
  const fields: string[] = []
  const next = /("(?:[^"]|"")*"|[^,]*)(,|$)/y
  for (;;) {
    const [, field, end] = next.exec(line) ?? ['', '', '']
    fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field)
    if (end === '') return fields
  }
}

/** Commit of the checkout; says so if files that git knows have changed since. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
    return git('rev-parse', 'HEAD') + (changed ? ' with uncommitted changes' : '')
  } catch {
    return 'unknown: not a git checkout'
  }
}

/** @example csvLine(['a,b', 1.5]) // '"a,b",1.5' */
export function csvLine(fields: readonly Field[]): string {
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return fields.map((field) => quoted(String(field))).join(',')
}

/** A number with its sign, or what stands for none. */
export const signed = (value: number, digits: number): string =>
  Number.isFinite(value) ? `${value > 0 ? '+' : ''}${value.toFixed(digits)}` : 'none'
