/** What one file may take: of time, of memory. Watched from outside the process that works on it. */
import { totalmem } from 'node:os'
import type { Chosen } from './options.js'

export type Limits = Readonly<{
  /** From the input being read to the file being made. */
  seconds: number
  /** MiB, of the process that works on it, all included. */
  memory: number
}>

/** Half an hour: the largest picture takes minutes. */
const SECONDS = 1800
/**
 * Much more than strips of a picture take. With `--effort` or transparency all of it is there at once, about 100 bytes a
 * pixel: of more than 80 megapixels over this limit.
 */
const MEMORY = 8192

/** @example limitsOf({ maxSeconds: 10 }).seconds // 10 */
export const limitsOf = ({ maxSeconds, maxMemory }: Chosen): Limits => ({
  seconds: maxSeconds ?? SECONDS,
  memory: maxMemory ?? Math.min(MEMORY, Math.floor((totalmem() / 2 ** 20) * 0.75)),
})

const WORDS: Readonly<Record<keyof Limits, readonly [what: string, unit: string, option: string]>> = {
  seconds: ['time', 'seconds', '--max-seconds'],
  memory: ['memory', 'MiB', '--max-memory'],
}

/**
 * A sentence part that says which limit was met and what raises it.
 * @example overLimit('seconds', limits) // 'the file takes more time than 1800 seconds, the limit; --max-seconds raises it'
 */
export function overLimit(name: keyof Limits, limits: Limits): string {
  const [what, unit, option] = WORDS[name]
  return `the file takes more ${what} than ${limits[name]} ${unit}, the limit; ${option} raises it`
}
