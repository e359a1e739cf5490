/** The structure of a model, as its file states it in JSON (SPEC 4.2), and the check of every number in it. */
import { MAX_LAMBDA_STEP } from '../engine/limits.js'
import { DdncError } from '../errors.js'

export type BlockStructure = { hidden: number; inputShift: number }

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

export type Structure = {
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

/** Hard limits of a model (SPEC 4.1, 4.2). */
export const MODEL_LIMITS = {
  channels: 1024,
  layers: 64,
  K: 512,
  leaves: 1024,
  rank: 16,
  shift: 15,
  bytes: 1 << 26,
} as const

const corrupt = (where: string, found: unknown, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `the model's ${where}`, found: worded(found), allowed })

/** A value in a few words. Lists and objects are not spelt out: they may be nested deeper than the stack. */
function worded(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/**
 * @param json what JSON.parse gave; nothing about it is trusted
 * @throws {DdncError} Corrupt, naming the field
 * @example checkStructure(JSON.parse(metadata.structure))
 */
export function checkStructure(json: unknown): Structure {
  const root = object(json, 'structure')
  const name = root['name']
  if (typeof name !== 'string' || !/^[\x21-\x7e]{1,8}$/.test(name))
    throw corrupt('name', name, '1 to 8 characters of ASCII')
  const profiles = root['profiles']
  if (!Array.isArray(profiles) || profiles.length === 0 || !profiles.every((p) => p === 'entropy' || p === 'plain')) {
    throw corrupt('profiles', profiles, 'entropy, plain')
  }
  const entry = object(root['entry'], 'entry')
  const closing = object(root['closing'], 'closing')
  const cleanUp = root['cleanUp'] === null ? null : object(root['cleanUp'], 'cleanUp')
  const [coarse, fine] = [grid(root['coarse'], 'coarse', 192), grid(root['fine'], 'fine', 189)]
  if (profiles.includes('plain')) for (const { layers } of [coarse, fine]) layers.forEach(checkPlain)
  return {
    name,
    profiles: profiles as ('entropy' | 'plain')[],
    coarse,
    fine,
    entry: {
      upChannels: whole(entry, 'upChannels', 1, MODEL_LIMITS.channels / 8),
      lowShift: shift(entry, 'lowShift'),
      upShift: shift(entry, 'upShift'),
    },
    closing: { inputShift: shift(closing, 'inputShift') },
    cleanUp: cleanUp && {
      channels: whole(cleanUp, 'channels', 1, 64),
      trunkShift: shift(cleanUp, 'trunkShift'),
      pictureShift: shift(cleanUp, 'pictureShift'),
      block: block(cleanUp['block']),
      outputShift: shift(cleanUp, 'outputShift'),
    },
  }
}

function grid(json: unknown, where: string, most: number): GridStructure {
  const fields = object(json, where)
  const coefficients = whole(fields, 'coefficients', 1, most)
  const layers = fields['layers']
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > MODEL_LIMITS.layers) {
    throw corrupt(
      `${where}.layers`,
      Array.isArray(layers) ? layers.length : layers,
      `1 to ${MODEL_LIMITS.layers} layers`,
    )
  }
  const checked = layers.map((layer, i) => layerOf(layer, `${where}.layers[${i}]`, coefficients))
  checked.forEach((layer, i) => {
    if (i > 0 && layer.until > checked[i - 1].until)
      throw corrupt(`${where}.layers[${i}].until`, layer.until, 'not increasing')
  })
  return { channels: whole(fields, 'channels', 1, MODEL_LIMITS.channels), coefficients, layers: checked }
}

/** Plain choices are fields of whole bits (SPEC 9.2), and have no counts. */
function checkPlain({ K, escape }: LayerStructure): void {
  const isPower = (K & (K - 1)) === 0
  if (isPower && !escape) return
  throw corrupt('profiles', `plain with K = ${K}${escape ? ' and escape' : ''}`, 'K a power of two, no escape')
}

function layerOf(json: unknown, where: string, coefficients: number): LayerStructure {
  const fields = object(json, where)
  const first = whole(fields, 'first', 0, coefficients - 1)
  const K = whole(fields, 'K', 2, MODEL_LIMITS.K)
  const n = whole(fields, 'n', 1, 10)
  if (K ** n > MODEL_LIMITS.leaves) throw corrupt(`${where}: K^n`, K ** n, `at most ${MODEL_LIMITS.leaves}`)
  const { cells, escape } = fields
  if (cells !== 'all' && cells !== 'even' && cells !== 'odd') throw corrupt(`${where}.cells`, cells, 'all, even, odd')
  if (typeof escape !== 'boolean') throw corrupt(`${where}.escape`, escape, 'true, false')
  return {
    first,
    end: whole(fields, 'end', first + 1, coefficients),
    K,
    n,
    rank: whole(fields, 'rank', 1, MODEL_LIMITS.rank),
    cells,
    escape,
    until: whole(fields, 'until', 0, MAX_LAMBDA_STEP),
    block: block(fields['block']),
    headShift: shift(fields, 'headShift'),
    // At least 1: logits stay below 2^30, so that their differences fit in 32 bits.
    priorShift: whole(fields, 'priorShift', 1, 30),
  }
}

function block(json: unknown): BlockStructure {
  const fields = object(json, 'block')
  return { hidden: whole(fields, 'hidden', 1, MODEL_LIMITS.channels), inputShift: shift(fields, 'inputShift') }
}

function object(json: unknown, where: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw corrupt(where, json, 'an object')
  return json as Record<string, unknown>
}

function whole(fields: Record<string, unknown>, name: string, low: number, high: number): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw corrupt(name, value, `${low}…${high}`)
  return value
}

const shift = (fields: Record<string, unknown>, name: string): number => whole(fields, name, 0, MODEL_LIMITS.shift)
