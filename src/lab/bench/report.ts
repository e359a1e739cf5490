/** A measurement's output: where it was made, a CSV of every value, lines to read. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Model } from '../../index.js'

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
  const facts = [
    `machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} processors, Node ${process.versions.node}`,
    `commit: ${commit()}`,
    `model: ${model.name}, ${Buffer.from(model.hash).toString('hex')}`,
  ]
  for (const fact of facts) say(fact)
  if (out === undefined) return { say, record: () => {} }
  writeFileSync(out, [...facts.map((fact) => `# ${fact}`), csvLine(heading), ''].join('\n'))
  return { say, record: (fields) => appendFileSync(out, `${csvLine(fields)}\n`) }
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
