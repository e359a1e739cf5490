/** The structure of a model, as its file states it in JSON (SPEC 4.2), and the check of every number in it. */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import {
  badField,
  blockOf,
  booleanOf,
  integerOf,
  listOf,
  MODEL_LIMITS,
  nameOf,
  objectOf,
  priorShiftOf,
  shiftOf,
  type BlockStructure,
} from './structureFields.js'
import { checkWholeImage, type WholeImageStructure } from './wholeStructure.js'

export type LayerStructure = {
  first: number
  end: number
  K: number
  n: number
  rank: number
  cells: 'all' | 'even' | 'odd'
  escape: boolean
  /** Largest s at which an encoder codes the layer. */
  until: number
  block: BlockStructure
  headShift: number
  priorShift: number
}

export type GridStructure = { channels: number; coefficients: number; layers: LayerStructure[] }

/** A cell-grid network: photographs of any size. */
export type CellGridStructure = {
  name: string
  profiles: ('entropy' | 'plain')[]
  coarse: GridStructure
  fine: GridStructure
  entry: { upChannels: number; lowShift: number; upShift: number }
  closing: { inputShift: number }
  cleanUp: null | {
    channels: number
    trunkShift: number
    pictureShift: number
    block: BlockStructure
    outputShift: number
  }
}

/** What a model file states. A structure with the field `whole` is a whole-image network. */
export type Structure = CellGridStructure | WholeImageStructure

/**
 * @param json what JSON.parse gave; nothing about it is trusted
 * @throws {DdncError} Corrupt, naming the field
 * @example checkStructure(JSON.parse(metadata.structure))
 */
export function checkStructure(json: unknown): Structure {
  const root = objectOf(json, 'structure')
  return 'whole' in root ? checkWholeImage(root) : checkCellGrid(root)
}

/**
 * The same for a network that must be a cell-grid one.
 * @example checkCellGrid(recipe.structure).fine.layers.length
 */
export function checkCellGrid(json: unknown): CellGridStructure {
  const root = objectOf(json, 'structure')
  const name = nameOf(root)
  const profiles = root['profiles']
  if (!Array.isArray(profiles) || profiles.length === 0 || !profiles.every((p) => p === 'entropy' || p === 'plain')) {
    throw badField('profiles', profiles, 'entropy, plain')
  }
  const entry = objectOf(root['entry'], 'entry')
  const closing = objectOf(root['closing'], 'closing')
  const cleanUp = root['cleanUp'] === null ? null : objectOf(root['cleanUp'], 'cleanUp')
  const [coarse, fine] = [grid(root['coarse'], 'coarse', 192), grid(root['fine'], 'fine', 189)]
  if (profiles.includes('plain')) for (const { layers } of [coarse, fine]) layers.forEach(checkPlain)
  return {
    name,
    profiles: profiles as ('entropy' | 'plain')[],
    coarse,
    fine,
    entry: {
      upChannels: integerOf(entry, 'upChannels', 1, MODEL_LIMITS.channels / 8),
      lowShift: shiftOf(entry, 'lowShift'),
      upShift: shiftOf(entry, 'upShift'),
    },
    closing: { inputShift: shiftOf(closing, 'inputShift') },
    cleanUp: cleanUp && {
      channels: integerOf(cleanUp, 'channels', 1, 64),
      trunkShift: shiftOf(cleanUp, 'trunkShift'),
      pictureShift: shiftOf(cleanUp, 'pictureShift'),
      block: blockOf(cleanUp['block']),
      outputShift: shiftOf(cleanUp, 'outputShift'),
    },
  }
}

function grid(json: unknown, where: string, most: number): GridStructure {
  const fields = objectOf(json, where)
  const coefficients = integerOf(fields, 'coefficients', 1, most)
  const layers = listOf(fields['layers'], `${where}.layers`, 1, MODEL_LIMITS.layers, 'layers')
  const checked = layers.map((layer, i) => layerOf(layer, `${where}.layers[${i}]`, coefficients))
  checked.forEach((layer, i) => {
    if (i > 0 && layer.until > checked[i - 1].until)
      throw badField(`${where}.layers[${i}].until`, layer.until, 'not increasing')
  })
  return { channels: integerOf(fields, 'channels', 1, MODEL_LIMITS.channels), coefficients, layers: checked }
}

/** Plain choices are fields of whole bits (SPEC 9.2), and have no counts. */
function checkPlain({ K, escape }: LayerStructure): void {
  const isPower = (K & (K - 1)) === 0
  if (isPower && !escape) return
  throw badField('profiles', `plain with K = ${K}${escape ? ' and escape' : ''}`, 'K a power of two, no escape')
}

function layerOf(json: unknown, where: string, coefficients: number): LayerStructure {
  const fields = objectOf(json, where)
  const first = integerOf(fields, 'first', 0, coefficients - 1)
  const K = integerOf(fields, 'K', 2, MODEL_LIMITS.K)
  const n = integerOf(fields, 'n', 1, 10)
  if (K ** n > MODEL_LIMITS.leaves) throw badField(`${where}: K^n`, K ** n, `at most ${MODEL_LIMITS.leaves}`)
  const { cells } = fields
  if (cells !== 'all' && cells !== 'even' && cells !== 'odd') throw badField(`${where}.cells`, cells, 'all, even, odd')
  return {
    first,
    end: integerOf(fields, 'end', first + 1, coefficients),
    K,
    n,
    rank: integerOf(fields, 'rank', 1, MODEL_LIMITS.rank),
    cells,
    escape: booleanOf(fields, 'escape', `${where}.escape`),
    until: integerOf(fields, 'until', 0, MAX_LAMBDA_STEP),
    block: blockOf(fields['block']),
    headShift: shiftOf(fields, 'headShift'),
    priorShift: priorShiftOf(fields),
  }
}
