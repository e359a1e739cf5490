/** The plain profile of a grid (SPEC 9): n·log2 K bits a cell, no entropy coder. */
import { forEachCell } from '../engine/cells.js'
import type { CellTables, Size } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import { openBits, readBits, writeBits } from '../format/bits.js'
import type { Layer } from '../network/model.js'
import { cellsOf, choicesOf, endsLayer, type Coded, type Sink, type Source } from './streams.js'

/** Bits of a cell's choices. A model with the profile has K a power of two and no escape: checked when it is loaded. */
export const bitsOfCell = ({ K, n }: Pick<CellTables, 'K' | 'n'>): number => n * Math.log2(K)

/** Bits of a whole stream: Σ cells·n·log2 K. */
const plainBits = (layers: readonly Layer[], size: Size): number =>
  layers.reduce((sum, layer) => sum + cellsOf(layer, size) * bitsOfCell(layer), 0)

/**
 * Packs choices as they come.
 * @throws {DdncError} LimitExceeded over 2^31 − 1 bits
 * @example const sink = plainSink(layers, size)
 *   recording(nearest(target), sink.listen)
 */
export function plainSink(layers: readonly Layer[], size: Size): Sink {
  const total = plainBits(layers, size)
  const data = new Uint8Array(Math.ceil(total / 8))
  const bits = openBits(data)
  return {
    listen({ layer, size: part }, chosen) {
      const each = bitsOfCell(layer)
      forEachCell(layer, part, (cell) => writeBits(bits, chosen.leaves[cell], each))
    },
    finish: () => ({ data, bits: total, escapes: 0 }),
  }
}

/**
 * Where the stream is cut, what is missing of the layer is index 0 and the walk ends (SPEC 9.3).
 * @throws {DdncError} Corrupt
 */
export function plainSource({ data, complete, layers, size, where }: Coded): Source {
  const total = plainBits(layers, size)
  const bytes = Math.ceil(total / 8)
  const padding = bytes * 8 - total
  const expect = (met: boolean, found: string): void => {
    if (!met) throw new DdncError({ tag: 'Corrupt', where, found, allowed: `${bytes} bytes, padded with zeros` })
  }
  expect(!complete || data.length === bytes, `${data.length} bytes`)
  expect(!complete || padding === 0 || (data[bytes - 1] & (2 ** padding - 1)) === 0, 'not padded with zeros')
  const bits = openBits(data)
  let there = Math.min(data.length * 8, total)
  // A half-pass without cells (one position) takes nothing from the stream, and is run while no choice is missing.
  const coded = layers.filter((layer) => choicesOf(layer, size) > 0)
  let read = 0
  /** The stream ends before the next layer's first choice: fewer bits than one are as good as none. */
  const ends = (): boolean => read < coded.length && there < bitsOfCell(coded[read])
  return {
    empty: ends(),
    next(candidates, chosen) {
      const { layer, size: part } = candidates
      const each = bitsOfCell(layer)
      forEachCell(layer, part, (cell) => {
        chosen.leaves[cell] = there >= each ? readBits(bits, each) : 0
        there = there >= each ? there - each : 0
      })
      if (layer === coded[read] && endsLayer(candidates, size)) read++
      chosen.last = ends()
    },
  }
}
