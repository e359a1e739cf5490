/** Progress on a terminal, for work that lasts over a second. Nothing in a pipe. */
import type { Writable } from 'node:stream'

/** Quiet for this long, in ms; then a line at most every `INTERVAL`. */
const PATIENCE = 1000
const INTERVAL = 100

export type Progress = Readonly<{
  /** @param fraction done, 0…1 */
  report(fraction: number): void
  /** Removes the line. */
  end(): void
}>

/**
 * @param now ms, rising; a parameter for tests
 * @example const progress = progressOn(process.stderr, 'encoding', false)
 */
export function progressOn(
  stream: Writable & { isTTY?: boolean },
  doing: string,
  quiet: boolean,
  now: () => number = () => performance.now(),
): Progress {
  if (quiet || !stream.isTTY) return { report() {}, end() {} }
  const begun = now()
  let last = -Infinity
  const CLEAR = '\r\u001b[K'
  return {
    report(fraction) {
      const time = now()
      if (time - begun < PATIENCE || time - last < INTERVAL) return
      last = time
      stream.write(`${CLEAR}${doing} ${Math.floor(Math.min(Math.max(fraction, 0), 1) * 100)} %`)
    },
    end() {
      if (last > -Infinity) stream.write(CLEAR)
    },
  }
}
