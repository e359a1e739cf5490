/** Puts a model together from its structure and its tensors: one place for names and shapes (SPEC 4.3). */
import type { CellTables } from '../engine/engine.js'
import { COARSE_LIMIT, FINE_LIMIT } from '../engine/limits.js'
import type { CellGridModel, CleanUp, Grid, Layer, Model } from './model.js'
import {
  convolutionsOfBlock,
  pullBlock,
  pullConvolution,
  pullQuadratic,
  rectified,
  signed,
  type ConvolutionUse,
  type Pull,
} from './pull.js'
import type { CellGridStructure, GridStructure, LayerStructure, Structure } from './structure.js'
import { assembleWholeImage, convolutionsOfWholeImage } from './wholeAssemble.js'
import type { WholeImageModel } from './wholeModel.js'
import type { WholeImageStructure } from './wholeStructure.js'

/**
 * Pulls every tensor of a structure; proves nothing.
 * @param hash SHA-256 of the file; 32 zeros for a model that has none
 * @throws {DdncError} as `pull`
 * @example assembleModel(structure, (name) => tensors.get(name), new Uint8Array(32))
 */
export function assembleModel(structure: CellGridStructure, pull: Pull, hash: Uint8Array): CellGridModel
export function assembleModel(structure: WholeImageStructure, pull: Pull, hash: Uint8Array): WholeImageModel
export function assembleModel(structure: Structure, pull: Pull, hash: Uint8Array): Model
export function assembleModel(structure: Structure, pull: Pull, hash: Uint8Array): Model {
  return 'whole' in structure ? assembleWholeImage(structure, pull, hash) : assembleCellGrid(structure, pull, hash)
}

function assembleCellGrid(structure: CellGridStructure, pull: Pull, hash: Uint8Array): CellGridModel {
  const { coarse, fine, entry, closing, cleanUp } = structure
  return {
    kind: 'grid',
    name: structure.name,
    hash,
    profiles: structure.profiles,
    coarse: grid(coarse, 'coarse', COARSE_LIMIT, pull),
    entry: {
      lowShift: entry.lowShift,
      low: pullConvolution('entry.low', 3, 3, fine.channels, pull),
      upShift: entry.upShift,
      up: pullConvolution('entry.up', 1, coarse.channels, 64 * entry.upChannels, pull),
      mix: pullConvolution('entry.mix', 1, entry.upChannels, fine.channels, pull),
    },
    fine: grid(fine, 'fine', FINE_LIMIT, pull),
    closing: { inputShift: closing.inputShift, convolution: pullConvolution('closing', 1, fine.channels, 192, pull) },
    cleanUp: cleanUp && cleanUpOf(cleanUp, fine.channels, pull),
  }
}

function grid(structure: GridStructure, name: 'coarse' | 'fine', limit: number, pull: Pull): Grid {
  const { channels, coefficients } = structure
  return {
    name,
    channels,
    order: Uint8Array.from(pull(`${name}.order`, [coefficients], ['U8'])),
    start: pullQuadratic(`${name}.start`, channels, pull),
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
    block: pullBlock(structure.block, `${name}.block`, channels, true, pull),
    headLambda: pullQuadratic(`${name}.headLambda`, channels, pull),
    headShift: structure.headShift,
    z: pullConvolution(`${name}.z`, 1, channels, r * rank, pull),
    rank,
    meanScale: pullConvolution(`${name}.meanScale`, 1, channels, 2 * r, pull),
    scaleLambda: pullQuadratic(`${name}.scaleLambda`, r, pull),
    scaleBase: pull(`${name}.scaleBase`, [r], ['I16']),
    u: pull(`${name}.u`, [r, rows], ['I16']),
    priorTable: pull(`${name}.priorTable`, [r, rows, rank], ['I16']),
    priorBias: pull(`${name}.priorBias`, [r, rows], ['I32']),
    priorShift: structure.priorShift,
    feedback: pullConvolution(`${name}.feedback`, 1, 3 * r, channels, pull),
  }
}

function cleanUpOf(structure: NonNullable<CellGridStructure['cleanUp']>, trunkChannels: number, pull: Pull): CleanUp {
  const { channels, trunkShift, pictureShift, outputShift } = structure
  return {
    channels,
    trunkShift,
    fromTrunk: pullConvolution('cleanUp.fromTrunk', 1, trunkChannels, 16 * channels, pull),
    pictureShift,
    fromPicture: pullConvolution('cleanUp.fromPicture', 3, 12, channels, pull),
    block: pullBlock(structure.block, 'cleanUp.block', channels, false, pull),
    outputShift,
    output: pullConvolution('cleanUp.output', 3, channels, 12, pull),
  }
}

/** Every convolution of a model, and how its input is clipped. */
export const convolutionsOf = (model: Model): ConvolutionUse[] =>
  model.kind === 'whole' ? convolutionsOfWholeImage(model) : convolutionsOfCellGrid(model)

function convolutionsOfCellGrid({ coarse, fine, entry, closing, cleanUp }: CellGridModel): ConvolutionUse[] {
  const ofLayer = (layer: Layer) => [
    ...convolutionsOfBlock(layer.block),
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
          ...convolutionsOfBlock(cleanUp.block),
          rectified(cleanUp.output),
        ]
      : []),
  ]
}

/** The layers of which an engine keeps tables: those that have a prior. */
export const cellTablesOf = (model: Model): CellTables[] =>
  model.kind === 'whole'
    ? model.stages.flatMap(({ layers }) => layers.filter(({ z }) => z !== null).map(({ cell }) => cell))
    : [...model.coarse.layers, ...model.fine.layers]
