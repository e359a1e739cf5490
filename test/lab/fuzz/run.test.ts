import { expect, test } from 'vitest'
import { emptyTally, fuzz, joinTallies, type Finding } from '../../../src/lab/fuzz/run.js'
import { hold, type Target } from '../../../src/lab/fuzz/target.js'

/** Makes one byte; some bytes break a promise. */
const small: Target = {
  name: 'small',
  bound: 10_000,
  make: (draw) => Uint8Array.of(draw(9)),
  run([byte]) {
    hold(byte !== 4, 'no byte is 4')
    return byte % 2 === 0 ? 'even' : 'odd'
  },
}

test('every execution has an outcome; a promise that does not hold is a finding, with its bytes', async () => {
  const findings: Finding[] = []
  const tally = await fuzz(small, { seed: 1, first: 0, count: 200 }, (finding) => findings.push(finding))
  const { even, odd, FINDING } = tally.outcomes
  expect(even + odd + FINDING).toBe(200)
  expect(Math.min(even, odd, FINDING)).toBeGreaterThan(0)
  expect(findings.length).toBe(FINDING)
  expect(tally.findings).toBe(FINDING)
  for (const { bytes, what } of findings) expect([[...bytes], what]).toEqual([[4], 'Broken: no byte is 4'])
  const [{ index }] = findings
  const again: Finding[] = []
  await fuzz(small, { seed: 1, first: index, count: 1 }, (finding) => again.push(finding))
  expect(again).toEqual([findings[0]])
})

test('parts of a run are the run', async () => {
  const none = (): void => {}
  const whole = await fuzz(small, { seed: 3, first: 0, count: 50 }, none)
  const parts = joinTallies(
    await fuzz(small, { seed: 3, first: 0, count: 20 }, none),
    await fuzz(small, { seed: 3, first: 20, count: 30 }, none),
  )
  expect(parts).toMatchObject({ executions: 50, outcomes: whole.outcomes, findings: whole.findings })
  expect(joinTallies(emptyTally(), whole)).toEqual(whole)
})

test('what takes longer than the bound is a finding', async () => {
  const findings: Finding[] = []
  const slow: Target = { ...small, bound: -1, run: () => Promise.resolve('done') }
  await fuzz(slow, { seed: 1, first: 0, count: 1 }, (finding) => findings.push(finding))
  expect(findings[0].what).toMatch(/^takes \d+ ms, allowed are -1$/)
})
