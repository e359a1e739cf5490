/** The entropy profile (SPEC 8): choices to and from a rANS stream, each coded with the model's own prior. */
import { BITS, childrenOf, forEachPosition, isEnd } from '../engine/cells.js'
import type { Choices, Numbers } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import { readExpGolomb, writeExpGolomb } from '../format/expGolomb.js'
import { intervalList } from '../format/intervals.js'
import {
  BIT_FREQUENCY,
  fewestRansBytes,
  openRans,
  ransAdvance,
  ransBit,
  ransFinished,
  ransSlot,
  type RansDecoder,
} from '../format/rans.js'
import type { CandidateSet } from '../network/candidates.js'
import { choicesOf, type Coded, type Sink, type Source } from './streams.js'

/**
 * Collects intervals in walk order; the stream is made at the end, backwards.
 * @param intervals empty; used by one sink after the other
 * @example const sink = entropySink()
 *   recording(guide, sink.listen)
 */
export function entropySink(intervals = intervalList()): Sink {
  const { put } = intervals
  let escapes = 0
  return {
    listen(candidates, chosen) {
      const { layer, size } = candidates
      const { K, n, rows } = layer
      const prior = candidates.frequencies()
      const r = layer.end - layer.first
      const { leaves, counts } = chosen
      const putBit = (bit: number): void => put(bit * BIT_FREQUENCY, BIT_FREQUENCY)
      forEachPosition(layer, size, (position) => {
        for (let cell = position * r; cell < (position + 1) * r; cell++) {
          const leaf = leaves[cell]
          let node = 0
          for (let depth = 1; depth <= n; depth++) {
            const child = n === 1 ? leaf : Math.floor(leaf / K ** (n - depth))
            const first = cell * rows + childrenOf(layer, node, depth)
            const end = first + child - node * K
            let start = 0
            for (let i = first; i < end; i++) start += prior[i]
            put(start, prior[end])
            node = child
          }
          if (isEnd(layer, leaf)) {
            writeExpGolomb(counts[cell], putBit)
            if (counts[cell] > 0) escapes++
          }
        }
      })
    },
    finish() {
      let bits = 0
      for (const frequency of intervals.frequencies()) bits += BITS[frequency]
      return { data: intervals.stream(), bits, escapes }
    },
  }
}

/**
 * Reads a stream forwards. Where it is cut, the first choice whose renormalisation lacks a word is still decoded, the
 * rest of the layer takes the most probable candidates, and the walk ends (SPEC 8.3).
 * @throws {DdncError} Corrupt, here or within the walk
 */
export function entropySource({ data, complete, layers, size, where }: Coded): Source {
  const kinds = layers.map((layer) => ({ choices: choicesOf(layer, size), K: layer.K }))
  const total = kinds.reduce((sum, { choices }) => sum + choices, 0)
  const expect = (met: boolean, found: string): void => {
    if (complete && !met)
      throw new DdncError({ tag: 'Corrupt', where, found, allowed: 'a stream that ends with its last choice' })
  }
  expect(data.length >= fewestRansBytes(kinds), `${data.length} bytes for ${total} choices`)
  expect(total > 0 || data.length === 0, `${data.length} bytes for no choices`)
  const decoder = openRans(data)
  let left = total
  return {
    empty: decoder.exhausted && total > 0,
    next(candidates, chosen) {
      decodeLayer(decoder, candidates, chosen)
      left -= choicesOf(candidates.layer, candidates.size)
      expect(left === 0 || !decoder.exhausted, 'too short')
      expect(left > 0 || ransFinished(decoder), decoder.exhausted ? 'too short' : 'too long or inconsistent')
      // A half-pass without cells (one position) takes nothing from the stream, and is run all the same.
      chosen.last = decoder.exhausted && left > 0
    },
  }
}

function decodeLayer(decoder: RansDecoder, candidates: CandidateSet, chosen: Choices): void {
  const { layer, size } = candidates
  const { K, n, rows } = layer
  const r = layer.end - layer.first
  const prior = candidates.frequencies()
  const { leaves, counts } = chosen
  const nextBit = (): number => ransBit(decoder)
  forEachPosition(layer, size, (position) => {
    for (let cell = position * r; cell < (position + 1) * r; cell++) {
      let node = 0
      for (let depth = 1; depth <= n; depth++) {
        const first = cell * rows + childrenOf(layer, node, depth)
        node = node * K + (decoder.exhausted ? mostProbable(prior, first, K) : decodeChoice(decoder, prior, first))
      }
      leaves[cell] = node
      if (isEnd(layer, node)) counts[cell] = decoder.exhausted ? 0 : readExpGolomb(nextBit)
    }
  })
}

/** Frequencies of siblings sum to 2^15, above every slot: the search ends. */
function decodeChoice(decoder: RansDecoder, prior: Numbers, first: number): number {
  const slot = ransSlot(decoder)
  let at = first
  let start = 0
  let frequency = prior[at]
  while (start + frequency <= slot) {
    start += frequency
    frequency = prior[++at]
  }
  ransAdvance(decoder, start, frequency)
  return at - first
}

function mostProbable(prior: Numbers, first: number, K: number): number {
  let best = 0
  for (let k = 1; k < K; k++) if (prior[first + k] > prior[first + best]) best = k
  return best
}
