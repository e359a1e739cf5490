/** Progress on a terminal, for work that lasts over a second. Nothing in a pipe. */
import type { Writable } from 'node:stream'

/** Quiet for this long, in ms; then a line at most every `INTERVAL`. */
const PATIENCE = 1000
const INTERVAL = 100

const CLEAR = '\r\u001b[K'

type Screen = Writable & { isTTY?: boolean; columns?: number }

/** One line of a terminal that is written over and over. */
export type LiveLine = Readonly<{
  /** @param text made only if it is shown */
  show(text: () => string): void
  /** Removes the line, before others are written, or for good. */
  clear(): void
}>

/**
 * @param now ms, rising; a parameter for tests
 * @example liveLineOn(process.stderr, false).show(() => `step ${step}`)
 */
export function liveLineOn(stream: Screen, quiet: boolean, now: () => number = () => performance.now()): LiveLine {
  if (quiet || !stream.isTTY) return { show() {}, clear() {} }
  const begun = now()
  let last = -Infinity
  return {
    show(text) {
      const time = now()
      if (time - begun < PATIENCE || time - last < INTERVAL) return
      last = time
      // A line that is broken cannot be written over.
      stream.write(CLEAR + text().slice(0, (stream.columns ?? Infinity) - 1))
    },
    clear() {
      if (last === -Infinity) return
      stream.write(CLEAR)
      last = -Infinity
    },
  }
}

export type Progress = Readonly<{
  /** @param fraction done, 0…1 */
  report(fraction: number): void
  /** Removes the line. */
  end(): void
}>

/**
 * @param now as of `liveLineOn`
 * @example const progress = progressOn(process.stderr, 'encoding', false)
 */
export function progressOn(stream: Screen, doing: string, quiet: boolean, now?: () => number): Progress {
  const line = liveLineOn(stream, quiet, now)
  const percent = (fraction: number): number => Math.floor(Math.min(Math.max(fraction, 0), 1) * 100)
  return { report: (fraction) => line.show(() => `${doing} ${percent(fraction)} %`), end: () => line.clear() }
}
