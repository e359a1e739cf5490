/** What a command is, and what it may touch. One file per command; `main.ts` runs them. */
import type { Readable, Writable } from 'node:stream'
import type { Chosen, OptionName } from './options.js'

export type Terminal = Readonly<{
  stdin: Readable
  stdout: Writable & { isTTY?: boolean }
  stderr: Writable & { isTTY?: boolean }
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}>

export type Command = Readonly<{
  name: string
  summary: string
  /** As commander writes them: `<in>` must be given, `[out]` may, `[out...]` stands for any number. */
  arguments: readonly (readonly [name: string, help: string])[]
  options: readonly OptionName[]
  examples: readonly string[]
  run(args: readonly (string | undefined)[], chosen: Chosen, terminal: Terminal): Promise<void>
}>

/** The properties that are not undefined: under exactOptionalPropertyTypes a missing option is no key at all. */
export function given<T extends Record<string, unknown>>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(pairs) as { [Key in keyof T]?: Exclude<T[Key], undefined> }
}

/** Summaries go beside the data: to standard error if the data goes to standard output. JSON is no summary. */
export function say(line: string, out: string, chosen: Chosen, terminal: Terminal): void {
  if (chosen.quiet && !chosen.json) return
  const stream = out === '-' ? terminal.stderr : terminal.stdout
  stream.write(`${line}\n`)
}

/**
 * OUT for an IN: the same name with another extension, in the same folder.
 * @example beside('photos/a.b.jpg', '.ddn') // 'photos/a.b.ddn'
 */
export function beside(input: string, extension: string): string {
  return input === '-' ? '-' : input.replace(/(?<=[^/\\])\.[^./\\]*$/, '') + extension
}
