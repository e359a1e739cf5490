/** Puts a model together from its structure and its tensors: one place for names and shapes (SPEC 4.3). */
import type { Convolution, Numbers, Quadratic } from '../engine/engine.js'
import { COARSE_LIMIT, FINE_LIMIT } from '../engine/limits.js'
import type { Block, CleanUp, Grid, Layer, Model } from './model.js'
import type { BlockStructure, GridStructure, LayerStructure, Structure } from './structure.js'

export type TensorType = 'I8' | 'U8' | 'I16' | 'I32'

/** Gives the tensor of a name; it must have this shape and, in an integer model, one of these types. */
export type Pull = (name: string, shape: readonly number[], types: readonly TensorType[]) => Numbers

/**
 * Pulls every tensor of a structure; proves nothing.
 * @param hash SHA-256 of the file; 32 zeros for a model that has none
 * @throws {DdncError} as `pull`
 * @example assembleModel(structure, (name) => tensors.get(name), new Uint8Array(32))
 */
export function assembleModel(structure: Structure, pull: Pull, hash: Uint8Array): Model {
  const { coarse, fine, entry, closing, cleanUp } = structure
  return {
    name: structure.name,
    hash,
    profiles: structure.profiles,
    coarse: grid(coarse, 'coarse', COARSE_LIMIT, pull),
    entry: {
      lowShift: entry.lowShift,
      low: convolution('entry.low', 3, 3, fine.channels, pull),
      upShift: entry.upShift,
      up: convolution('entry.up', 1, coarse.channels, 64 * entry.upChannels, pull),
      mix: convolution('entry.mix', 1, entry.upChannels, fine.channels, pull),
    },
    fine: grid(fine, 'fine', FINE_LIMIT, pull),
    closing: { inputShift: closing.inputShift, convolution: convolution('closing', 1, fine.channels, 192, pull) },
    cleanUp: cleanUp && cleanUpOf(cleanUp, fine.channels, pull),
  }
}

function grid(structure: GridStructure, name: 'coarse' | 'fine', limit: number, pull: Pull): Grid {
  const { channels, coefficients } = structure
  return {
    name,
    channels,
    order: Uint8Array.from(pull(`${name}.order`, [coefficients], ['U8'])),
    start: quadratic(`${name}.start`, channels, pull),
    layers: structure.layers.map((layer, i) => layerOf(layer, `${name}.${i}`, channels, pull)),
    limit,
  }
}

function layerOf(structure: LayerStructure, name: string, channels: number, pull: Pull): Layer {
  const { first, end, K, n, rank } = structure
  const r = end - first
  let rows = 0
  for (let depth = 1; depth <= n; depth++) rows += K ** depth
  return {
    name,
    first,
    end,
    K,
    n,
    leaves: K ** n,
    rows,
    cells: structure.cells,
    escape: structure.escape,
    until: structure.until,
    block: block(structure.block, `${name}.block`, channels, true, pull),
    headLambda: quadratic(`${name}.headLambda`, channels, pull),
    headShift: structure.headShift,
    z: convolution(`${name}.z`, 1, channels, r * rank, pull),
    rank,
    meanScale: convolution(`${name}.meanScale`, 1, channels, 2 * r, pull),
    scaleLambda: quadratic(`${name}.scaleLambda`, r, pull),
    scaleBase: pull(`${name}.scaleBase`, [r], ['I16']),
    u: pull(`${name}.u`, [r, rows], ['I16']),
    priorTable: pull(`${name}.priorTable`, [r, rows, rank], ['I16']),
    priorBias: pull(`${name}.priorBias`, [r, rows], ['I32']),
    priorShift: structure.priorShift,
    feedback: convolution(`${name}.feedback`, 1, 3 * r, channels, pull),
  }
}

function block(
  { hidden, inputShift }: BlockStructure,
  name: string,
  channels: number,
  hasLambda: boolean,
  pull: Pull,
): Block {
  return {
    lambda: hasLambda ? quadratic(`${name}.lambda`, channels, pull) : null,
    inputShift,
    hidden: convolution(`${name}.hidden`, 3, channels, hidden, pull),
    output: convolution(`${name}.output`, 1, hidden, channels, pull),
  }
}

function cleanUpOf(structure: NonNullable<Structure['cleanUp']>, trunkChannels: number, pull: Pull): CleanUp {
  const { channels, trunkShift, pictureShift, outputShift } = structure
  return {
    channels,
    trunkShift,
    fromTrunk: convolution('cleanUp.fromTrunk', 1, trunkChannels, 16 * channels, pull),
    pictureShift,
    fromPicture: convolution('cleanUp.fromPicture', 3, 12, channels, pull),
    block: block(structure.block, 'cleanUp.block', channels, false, pull),
    outputShift,
    output: convolution('cleanUp.output', 3, channels, 12, pull),
  }
}

function convolution(name: string, side: 1 | 3, inputs: number, outputs: number, pull: Pull): Convolution {
  return {
    name,
    side,
    inputs,
    outputs,
    weights: pull(`${name}.weights`, [outputs, side, side, inputs], ['I8', 'I16']),
    bias: pull(`${name}.bias`, [outputs], ['I32']),
    shift: pull(`${name}.shift`, [outputs], ['U8']),
  }
}

function quadratic(name: string, channels: number, pull: Pull): Quadratic {
  return { name, channels, coefficients: pull(name, [3, channels], ['I32']) }
}

/** Every convolution of a model, and how its input is clipped: `rectified` to 0…8191, `signed` to ±8191. */
export function convolutionsOf(
  model: Model,
): { convolution: Convolution; input: 'rectified' | 'signed'; accumulates: boolean }[] {
  const { coarse, fine, entry, closing, cleanUp } = model
  const rectified = (convolution: Convolution, accumulates = false) => ({
    convolution,
    input: 'rectified' as const,
    accumulates,
  })
  const signed = (convolution: Convolution, accumulates = true) => ({
    convolution,
    input: 'signed' as const,
    accumulates,
  })
  const ofBlock = ({ hidden, output }: Block) => [rectified(hidden), rectified(output, true)]
  const ofLayer = (layer: Layer) => [
    ...ofBlock(layer.block),
    rectified(layer.z),
    rectified(layer.meanScale),
    signed(layer.feedback),
  ]
  return [
    ...coarse.layers.flatMap(ofLayer),
    signed(entry.low),
    rectified(entry.up),
    signed(entry.mix),
    ...fine.layers.flatMap(ofLayer),
    rectified(closing.convolution),
    ...(cleanUp
      ? [
          rectified(cleanUp.fromTrunk, true),
          signed(cleanUp.fromPicture),
          ...ofBlock(cleanUp.block),
          rectified(cleanUp.output),
        ]
      : []),
  ]
}
