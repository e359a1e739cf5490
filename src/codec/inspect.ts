/** What a file says of itself, without and with its model. */
import { forEachCell } from '../engine/cells.js'
import { hexOf } from '../errors.js'
import { readFile } from '../format/file.js'
import { readHeader } from '../format/header.js'
import type { CandidateSet } from '../network/candidates.js'
import type { Choices } from '../engine/engine.js'
import { choiceBits } from './choiceBits.js'
import { decompressAnd, type DecompressOptions } from './decompress.js'
import { lambdaOf } from './lambda.js'
import type { Profile } from './streams.js'

export type Info = {
  version: 0
  width: number
  height: number
  components: 1 | 3
  bitDepth: 8
  profile: Profile
  /** Grey level² per bit. */
  lambda: number
  /** s, 0…73: ln λ = 1 + s/10. */
  lambdaStep: number
  /** Fine layers coded. */
  fineLayers: number
  /** Pixels; 0: one tile. */
  tileSide: number
  /** `hash`: first 8 bytes of its SHA-256, hex. */
  model: { name: string; hash: string }
  bytes: number
  bitsPerPixel: number
  /** Streams in the file's order; complete is false where the file is cut. */
  streams: { name: string; bytes: number; complete: boolean }[]
}

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

export type PathInfo = { layers: LayerInfo[] }

/**
 * Reads header and chunks; needs no model. A cut file is described as far as it goes.
 * @throws {DdncError} BadSignature, UnsupportedVersion, Corrupt, Truncated (within the header), LimitExceeded
 * @example inspect(file).width
 */
export function inspect(file: Uint8Array): Info {
  const { header, coarse, tiles } = readFile(file, { partial: true })
  const { width, height, components, profile, lambdaStep, fineLayers, tileSide, modelName, modelHash } = header
  return {
    version: 0,
    width,
    height,
    components,
    bitDepth: 8,
    profile,
    lambda: lambdaOf(lambdaStep),
    lambdaStep,
    fineLayers,
    tileSide,
    model: { name: modelName, hash: hexOf(modelHash) },
    bytes: file.length,
    bitsPerPixel: (8 * file.length) / (width * height),
    streams: [coarse, ...tiles].map(({ data, complete }, i) => ({
      name: i === 0 ? 'coarse' : `tile ${i - 1}`,
      bytes: data.length,
      complete,
    })),
  }
}

/**
 * Decodes a file for its path: cells, bits and choices of every layer, in walk order.
 * @throws {DdncError} as decompress
 * @example (await inspectPath(file, { model })).layers[0].bits
 */
export async function inspectPath(file: Uint8Array, options: DecompressOptions): Promise<PathInfo> {
  const { profile } = readHeader(file).header
  const layers: LayerInfo[] = []
  await decompressAnd(file, options, (...told) => layers.push(layerInfo(profile, ...told)))
  return { layers }
}

function layerInfo(profile: Profile, tile: number | null, candidates: CandidateSet, chosen: Choices): LayerInfo {
  const { layer, size } = candidates
  const choices: number[] = []
  forEachCell(layer, size, (cell) => choices.push(chosen.leaves[cell]))
  const bits = choiceBits(candidates, chosen, profile)
  return { name: layer.name, tile, cells: choices.length, bits, choices: Uint16Array.from(choices) }
}
