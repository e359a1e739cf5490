/** What the profiles have in common: where an encoder's choices go, where a decoder's come from. */
import type { CellTables, Choices, Size } from '../engine/engine.js'
import type { Layout } from '../network/layout.js'
import type { ChoiceSource } from '../network/guides.js'
import type { CandidateSet } from '../network/candidates.js'
import type { CellGridModel, Layer, Model } from '../network/model.js'

export type Profile = 'entropy' | 'plain'

/**
 * The profile of an encoder that is told none: entropy, if the model has it.
 * @example defaultProfile({ ...model, profiles: ['plain'] }) // 'plain'
 */
export const defaultProfile = ({ profiles }: Pick<Model, 'profiles'>): Profile =>
  profiles.includes('entropy') ? 'entropy' : 'plain'

export interface Sink {
  /** Takes the choices of a layer, or of its next part. */
  listen(candidates: CandidateSet, chosen: Choices): void
  /** The stream, once all its choices are told. */
  finish(): Written
}

export type Written = Readonly<{
  data: Uint8Array
  /** What the choices cost by the prior: Σ −log2 p; plain: their number of bits. */
  bits: number
  /** Cells whose escape count is not 0. */
  escapes: number
}>

/**
 * Choices of one stream. Of a complete stream, whatever contradicts it is Corrupt as soon as it is seen: its length
 * before anything is allocated for the walk, the rest within the walk.
 */
export interface Source extends ChoiceSource {
  /** Holds not even one of its choices: no layer is run. */
  readonly empty: boolean
}

/** What a source is made of. */
export type Coded = Readonly<{
  data: Uint8Array
  /** False: the file ends within or before the stream. */
  complete: boolean
  /** Layers that the stream holds, on a grid of this size. */
  layers: readonly Layer[]
  size: Size
  /** Name of the stream, for errors. */
  where: string
}>

/** Choosing positions of a layer on a grid: all, or half of them. */
function choosingPositions({ cells }: CellTables, { width, height }: Size): number {
  const positions = width * height
  return cells === 'all' ? positions : cells === 'even' ? Math.ceil(positions / 2) : Math.floor(positions / 2)
}

/**
 * Cells of a layer that choose on a grid.
 * @example cellsOf({ ...layer, first: 0, end: 4, cells: 'even' }, { width: 3, height: 1 }) // 8
 */
export const cellsOf = (layer: CellTables, size: Size): number =>
  choosingPositions(layer, size) * (layer.end - layer.first)

/**
 * Choices of a layer on a grid: cells that choose, n each.
 * @example choicesOf({ ...layer, first: 0, end: 4, n: 1, cells: 'even' }, { width: 3, height: 1 }) // 8
 */
export const choicesOf = (layer: CellTables, size: Size): number => cellsOf(layer, size) * layer.n

/** Is a part of a layer's candidates the last one, on a grid of this size? */
export const endsLayer = ({ from, size: part }: CandidateSet, size: Size): boolean =>
  from + part.width * part.height === size.width * size.height

/** Layers and grid of a stream: the coarse one (tile null) or a tile's. */
export function streamOf(
  model: CellGridModel,
  layout: Layout,
  fineLayers: number,
  tile: number | null,
): { layers: readonly Layer[]; size: Size } {
  if (tile === null) return { layers: model.coarse.layers, size: layout.coarse }
  return { layers: model.fine.layers.slice(0, fineLayers), size: layout.tiles[tile] }
}
