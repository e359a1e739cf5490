/** How far a run over many files is: a bar, the rate and the time left, on a terminal. */
import { liveLineOn } from '../progress.js'
import type { Terminal } from '../command.js'

export type Counts = Readonly<{ all: number; done: number; skipped: number; failed: number }>

const BAR = 24

/**
 * @param running shares of the files that are worked on, 0…1
 * @param elapsed seconds
 * @example batchLine({ all: 4, done: 2, skipped: 0, failed: 0 }, [], 10)
 *   // '[############------------] 2 of 4, 0.20 files a second, 10 s left'
 */
export function batchLine({ all, done, skipped, failed }: Counts, running: readonly number[], elapsed: number): string {
  const parts = running.reduce((sum, share) => sum + Math.min(Math.max(share, 0), 1), 0)
  const ended = done + skipped + failed
  const filled = Math.floor((BAR * Math.min(ended + parts, all)) / all)
  const worked = done + failed + parts // what is skipped takes no time, and says nothing of the rest
  const facts = [`[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${ended} of ${all}`]
  if (failed > 0) facts.push(`${failed} failed`)
  if (worked > 0 && elapsed > 0) {
    const rate = worked / elapsed
    facts.push(`${rate.toPrecision(2)} files a second`, `${durationText((all - ended - parts) / rate)} left`)
  }
  return facts.join(', ')
}

/** @example durationText(3725) // '1 h 2 min' */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

export type BatchProgress = Readonly<{
  /** A file is so far. */
  report(job: number, share: number): void
  /** A file has ended. */
  next(job: number, counts: Counts): void
  /** Removes the line, before others are written, or for good. */
  clear(): void
}>

/**
 * @param now as of `liveLineOn`
 * @example const progress = batchProgressOn(process.stderr, false, counts)
 */
export function batchProgressOn(
  stream: Terminal['stderr'],
  quiet: boolean,
  start: Counts,
  now: () => number = () => performance.now(),
): BatchProgress {
  const line = liveLineOn(stream, quiet, now)
  const begun = now()
  const running = new Map<number, number>()
  let counts = start
  const show = (): void => line.show(() => batchLine(counts, [...running.values()], (now() - begun) / 1000))
  return {
    report(job, share) {
      running.set(job, share)
      show()
    },
    next(job, newer) {
      running.delete(job)
      counts = newer
      show()
    },
    clear: line.clear,
  }
}
