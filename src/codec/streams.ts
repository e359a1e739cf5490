/** What the profiles have in common: where an encoder's choices go, where a decoder's come from. */
import type { Choices, Size } from '../engine/engine.js'
import type { Layout } from '../network/layout.js'
import type { ChoiceSource } from '../network/guides.js'
import type { CandidateSet } from '../network/candidates.js'
import type { Layer, Model } from '../network/model.js'

export interface Sink {
  /** Takes the choices of a layer. */
  listen(candidates: CandidateSet, chosen: Choices): void
  /** What the choices cost by the prior: Σ −log2 p. */
  bits(): number
  /** The stream. */
  finish(): Uint8Array
}

export interface Source extends ChoiceSource {
  /** Holds not even one of its choices: no layer is run. */
  empty: boolean
  /**
   * Called before the walk of a complete stream, so that nothing is allocated for a length that cannot be.
   * @throws {DdncError} Corrupt
   */
  checkLength(where: string): void
  /**
   * Called after the walk of a complete stream.
   * @throws {DdncError} Corrupt if the stream does not end exactly with the last choice
   */
  check(where: string): void
}

/** Choosing positions of a layer on a grid: all, or half of them. */
export function choosingPositions({ cells }: Layer, { width, height }: Size): number {
  const positions = width * height
  return cells === 'all' ? positions : cells === 'even' ? Math.ceil(positions / 2) : Math.floor(positions / 2)
}

/** Choices of a layer on a grid: cells that choose, n each. */
export const choicesOf = (layer: Layer, size: Size): number => choosingPositions(layer, size) * (layer.end - layer.first) * layer.n

/** Layers and grid of a stream: the coarse one (tile null) or a tile's. */
export function streamOf(
  model: Model,
  layout: Layout,
  fineLayers: number,
  tile: number | null,
): { layers: readonly Layer[]; size: Size } {
  if (tile === null) return { layers: model.coarse.layers, size: layout.coarse }
  return { layers: model.fine.layers.slice(0, fineLayers), size: layout.tiles[tile] }
}
