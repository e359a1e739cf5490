/** Many executions of a target, one after the other, and what came of them. */
import { drawsOf } from './draw.js'
import type { Target } from './target.js'

export type Finding = Readonly<{ index: number; bytes: Uint8Array; what: string }>

export type Tally = {
  executions: number
  /** How often each outcome came. */
  outcomes: Record<string, number>
  slowest: { ms: number; index: number }
  longest: { bytes: number; index: number }
  findings: number
}

export type Span = Readonly<{ seed: number; first: number; count: number }>

/**
 * Runs executions first … first + count − 1 of a seed.
 * @param found told of everything that is neither an outcome nor a tag, and of what took longer than the bound
 * @example const tally = await fuzz(rans, { seed: 1, first: 0, count: 1000 }, (finding) => findings.push(finding))
 */
export async function fuzz(target: Target, span: Span, found: (finding: Finding) => void): Promise<Tally> {
  const tally = emptyTally()
  for (let index = span.first; index < span.first + span.count; index++) {
    const bytes = target.make(drawsOf(span.seed, index))
    const begun = performance.now()
    let outcome: string
    try {
      const result = target.run(bytes)
      outcome = typeof result === 'string' ? result : await result // a turn of the loop costs more than a small case
    } catch (error) {
      outcome = 'FINDING'
      found({ index, bytes, what: String(error) })
    }
    const ms = performance.now() - begun
    if (ms > target.bound && outcome !== 'FINDING') {
      const computed = await computingTime(target, bytes)
      if (computed > target.bound) {
        outcome = 'FINDING'
        found({ index, bytes, what: `takes ${Math.round(computed)} ms, allowed are ${target.bound}` })
      }
    }
    tally.executions++
    tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1
    if (outcome === 'FINDING') tally.findings++
    if (ms > tally.slowest.ms) tally.slowest = { ms, index }
    if (bytes.length > tally.longest.bytes) tally.longest = { bytes: bytes.length, index }
  }
  return tally
}

/** Milliseconds of the processor: on a machine that is shared an execution may wait for long. */
async function computingTime(target: Target, bytes: Uint8Array): Promise<number> {
  const before = process.cpuUsage()
  await target.run(bytes)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

export const emptyTally = (): Tally => ({
  executions: 0,
  outcomes: {},
  slowest: { ms: 0, index: -1 },
  longest: { bytes: 0, index: -1 },
  findings: 0,
})

/** @example joinTallies(first, second).executions */
export function joinTallies(a: Tally, b: Tally): Tally {
  const outcomes = { ...a.outcomes }
  for (const [outcome, count] of Object.entries(b.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count
  return {
    executions: a.executions + b.executions,
    outcomes,
    slowest: b.slowest.ms > a.slowest.ms ? b.slowest : a.slowest,
    longest: b.longest.bytes > a.longest.bytes ? b.longest : a.longest,
    findings: a.findings + b.findings,
  }
}
