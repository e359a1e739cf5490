/** What a file says of itself, without and with its model. */
import { forEachCell } from '../engine/cells.js'
import { hexOf } from '../errors.js'
import { BESIDE, readFile, streamName, type BesideName } from '../format/file.js'
import { readHeader } from '../format/header.js'
import type { CandidateSet } from '../network/candidates.js'
import type { Choices } from '../engine/engine.js'
import { choiceBits } from './choiceBits.js'
import { decompressAnd, type DecompressOptions } from './decompress.js'
import { lambdaOf } from './lambda.js'
import { bitsOfPath } from './path.js'
import type { Profile } from './streams.js'

type CommonInfo = {
  version: 0
  width: number
  height: number
  components: 1 | 3
  bitDepth: 8
  profile: Profile
  /** `hash`: first 8 bytes of its SHA-256, hex. */
  model: { name: string; hash: string }
  bytes: number
  bitsPerPixel: number
  /** Streams in the file's order; complete is false where the file is cut. */
  streams: { name: string; bytes: number; complete: boolean }[]
  /** What is kept beside the streams, packed. */
  beside: { name: BesideName; bytes: number }[]
}

/** Of a file of grids: photographs of any size. */
export type GridInfo = CommonInfo & {
  kind: 'grid'
  /** Grey level² per bit. */
  lambda: number
  /** s, 0…73: ln λ = 1 + s/10. */
  lambdaStep: number
  /** Fine layers coded. */
  fineLayers: number
  /** Pixels; 0: one tile. */
  tileSide: number
}

/** Of a file of whole-image choices. */
export type WholeInfo = CommonInfo & {
  kind: 'whole'
  /** Class; 0 for a model without classes. */
  label: number
  /** Choices coded. */
  choices: number
}

export type Info = GridInfo | WholeInfo

export type LayerInfo = {
  /** Layer of the model, such as `fine.3`. */
  name: string
  /** Tile, or null for the coarse grid. */
  tile: number | null
  cells: number
  /** Σ −log2 p of its choices, escape counts included; plain: n·log2 K a cell. */
  bits: number
  /** Chosen leaf of every cell, in the order of the stream. */
  choices: Uint16Array
}

export type PathInfo = {
  layers: LayerInfo[]
  /** The choices as text, ceil(L·log2 K) characters 0 and 1, of a file of whole-image choices; null for grids. */
  bits: string | null
}

/**
 * Reads header and chunks; needs no model. A cut file is described as far as it goes.
 * @throws {DdncError} BadSignature, UnsupportedVersion, Corrupt, Truncated (within the header), LimitExceeded
 * @example inspect(file).width
 */
export function inspect(file: Uint8Array): Info {
  const { header, streams, beside } = readFile(file, { partial: true })
  const { width, height, components, profile, modelName, modelHash } = header
  const common = {
    version: 0,
    width,
    height,
    components,
    bitDepth: 8,
    profile,
    model: { name: modelName, hash: hexOf(modelHash) },
    bytes: file.length,
    bitsPerPixel: (8 * file.length) / (width * height),
    streams: streams.map(({ data, complete }, i) => ({
      name: streamName(header, i)
        .replace(/^the (stream of )?/, '')
        .replace(/ stream$/, ''),
      bytes: data.length,
      complete,
    })),
    beside: BESIDE.flatMap((name) => {
      const data = beside[name]
      return data === undefined ? [] : [{ name, bytes: data.length }]
    }),
  } as const
  if (header.kind === 'whole') return { kind: 'whole', ...common, label: header.label, choices: header.choices }
  const { lambdaStep, fineLayers, tileSide } = header
  return { kind: 'grid', ...common, lambda: lambdaOf(lambdaStep), lambdaStep, fineLayers, tileSide }
}

/**
 * Decodes a file for its path: cells, bits and choices of every layer, in walk order.
 * @throws {DdncError} as decompress
 * @example (await inspectPath(file, { model })).layers[0].bits
 */
export async function inspectPath(file: Uint8Array, options: DecompressOptions): Promise<PathInfo> {
  const { kind, profile } = readHeader(file).header
  const layers: LayerInfo[] = []
  let K = 2
  await decompressAnd(file, options, (tile, candidates, chosen) => {
    K = candidates.layer.K
    const part = layerInfo(profile, tile, candidates, chosen)
    layers.push(candidates.from === 0 ? part : joined(layers.pop()!, part))
  })
  const path = layers.map(({ choices }) => choices[0])
  return { layers, bits: kind === 'whole' ? bitsOfPath(path, K) : null }
}

/** Of two parts of a layer. */
const joined = (before: LayerInfo, part: LayerInfo): LayerInfo => ({
  ...before,
  cells: before.cells + part.cells,
  bits: before.bits + part.bits,
  choices: concatenated(before.choices, part.choices),
})

function concatenated(a: Uint16Array, b: Uint16Array): Uint16Array {
  const both = new Uint16Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

function layerInfo(profile: Profile, tile: number | null, candidates: CandidateSet, chosen: Choices): LayerInfo {
  const { layer, size } = candidates
  const choices: number[] = []
  forEachCell(layer, size, (cell) => choices.push(chosen.leaves[cell]))
  const bits = choiceBits(candidates, chosen, profile)
  return { name: layer.name, tile, cells: choices.length, bits, choices: Uint16Array.from(choices) }
}
