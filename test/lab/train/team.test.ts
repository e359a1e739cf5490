import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alone, commonOf, fail, memberOf, MESSAGE, shardOf } from '../../../src/lab/train/team.js'

describe('shards of a batch', () => {
  test('are as equal as can be', () => {
    expect(shardOf(2, { index: 0, size: 2 })).toEqual({ first: 0, end: 1 })
    expect(shardOf(3, { index: 1, size: 2 })).toEqual({ first: 2, end: 3 })
    expect(shardOf(1, { index: 1, size: 2 })).toEqual({ first: 1, end: 1 })
  })

  test('cover it once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 }), (batch, size) => {
        const shards = Array.from({ length: size }, (_, index) => shardOf(batch, { index, size }))
        const all = shards.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i))
        expect(all).toEqual(Array.from({ length: batch }, (_, i) => i))
      }),
    )
  })
})

test('a trainer alone hears itself, and gets copies', () => {
  expect(alone.share([1, 2])).toEqual([[1, 2]])
  const own = Float32Array.of(1, 2)
  const [sum] = alone.sum([own])
  expect(sum).toEqual(own)
  expect(sum).not.toBe(own)
})

describe('members in threads', () => {
  /** A second member that says and adds what the test expects, many times without a pause. */
  const ROUNDS = 200
  const code = async (): Promise<string> => {
    const team = new URL('../../../dist/lab/train/team.js', import.meta.url)
    await readFile(team) // `npm test` builds it
    return `import { workerData } from 'node:worker_threads'
      import { memberOf } from ${JSON.stringify(team.href)}
      const team = memberOf(workerData, 1)
      for (let i = 0; i < ${ROUNDS}; i++) {
        team.share([i, 7])
        team.sum([Float32Array.of(i), Float32Array.of(0.5, 2 * i)])
      }
      team.share([])`
  }

  test('everyone gets what everyone says, and the same sums, round after round', async () => {
    const common = commonOf(2, 3)
    const url = new URL(`data:text/javascript,${encodeURIComponent(await code())}`)
    const worker = new Worker(url, { workerData: common })
    const ended = new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject))
    const team = memberOf(common, 0)
    for (let i = 0; i < ROUNDS; i++) {
      expect(team.share([-i])).toEqual([[-i], [i, 7]])
      expect(team.sum([Float32Array.of(1), Float32Array.of(3, i)])).toEqual([
        Float32Array.of(1 + i),
        Float32Array.of(3.5, 3 * i),
      ])
    }
    expect(team.share([1])).toEqual([[1], []])
    expect(await ended).toBe(0)
  })
})

test('who waits for a member that has failed is told so', () => {
  const common = commonOf(2, 1)
  fail(common)
  expect(() => memberOf(common, 0).share([1])).toThrow('another thread of the training has failed')
})

test('a message has its limit, and so has a sum', () => {
  const team = memberOf(commonOf(1, 1), 0)
  expect(() => team.sum([Float32Array.of(1), Float32Array.of(2)])).toThrow(RangeError)
  expect(team.share(new Array<number>(MESSAGE).fill(1))[0].length).toBe(MESSAGE)
  expect(() => team.share(new Array<number>(MESSAGE + 1).fill(1))).toThrow(RangeError)
})
