import { expect, test } from 'vitest'
import { summarise } from '../../../src/lab/bench/effort.js'

/** A picture's files at one effort: so many times the bytes of effort 1. */
const files = (name: string, effort: number, share: number, seconds: number) =>
  [100, 200, 400, 800].map((bytes, i) => ({ name, effort, seconds, bytes: share * bytes, psnr: 30 + 3 * i }))

test('half the bytes of one picture and all of another, in three times the time', () => {
  const first = [...files('a', 1, 1, 2), ...files('b', 1, 1, 2)]
  const [heading, ...table] = summarise([...first, ...files('a', 4, 0.5, 6), ...files('b', 4, 1, 6)], [4])
  expect(heading).toContain('2 pictures')
  // ln ½ and ln 1 have the mean ln √½: 29.29 % less.
  expect(table.at(-1)!.trim().split(/ +/)).toEqual(['4', '-29.29', '-50.00', '0.00', '3.00'])
})
