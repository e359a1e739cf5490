import { totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { limitsOf, overLimit } from '../../src/cli/limits.js'

test('half an hour and 8 GiB, or three quarters of what there is', () => {
  const { seconds, memory } = limitsOf({})
  expect(seconds).toBe(1800)
  expect(memory).toBe(Math.min(8192, Math.floor((totalmem() * 3) / 4 / 2 ** 20)))
})

test('what is asked for', () => {
  expect(limitsOf({ maxSeconds: 0.5, maxMemory: 300 })).toEqual({ seconds: 0.5, memory: 300 })
})

test('a limit that is met is named, and what raises it', () => {
  const limits = { seconds: 5, memory: 300 }
  expect(overLimit('seconds', limits)).toBe(
    'the file takes more time than 5 seconds, the limit; --max-seconds raises it',
  )
  expect(overLimit('memory', limits)).toBe('the file takes more memory than 300 MiB, the limit; --max-memory raises it')
})
