/**
 * Reads the float weights of the PyTorch reference (prototype/photo, its tensor names) as a model for the float engine:
 * the same network in this project's names, layouts and units (h in 1/256, values in 1/64, ln σ in 1/256, logits in
 * 1/256 nat).
 */
import { MAX_LAMBDA_STEP } from '../../engine/limits.js'
import { DdncError } from '../../errors.js'
import { assembleModel } from '../../network/assemble.js'
import type { CellGridModel } from '../../network/model.js'
import { readSafetensors, type TensorFile } from '../../network/safetensors.js'
import {
  type CellGridStructure,
  checkCellGrid,
  type GridStructure,
  type LayerStructure,
} from '../../network/structure.js'
import { finitePull, floatsOf, putConvolution } from './floatTensors.js'

/** Float weights of a model, by our names, in engine units. */
export type FloatModel = Readonly<{
  structure: CellGridStructure
  tensors: ReadonlyMap<string, Float32Array>
  model: CellGridModel
}>

type Config = {
  c0: number
  c1: number
  dc: number[]
  dc_k: [number, number, number]
  dc_q: number
  ac: [
    coefficients: number,
    K: number,
    scale: number,
    power: number,
    rank: number,
    n?: number,
    cells?: 'all' | 'even' | 'odd',
  ][]
  refine: [coefficients: number, K: number, rank: number][]
  until: number[]
  post: number
}

/**
 * @param bytes a safetensors file with the prototype's names and its `config` in the metadata
 * @param name of the model, at most 8 characters
 * @param escape gives every layer an escape, which the prototype has not
 * @throws {DdncError} BadSignature: no config; Corrupt: a config that is none, or a tensor that is missing, has another size
 *   or numbers that are not finite
 */
export function readPrototype(bytes: Uint8Array, name: string, escape: boolean): FloatModel {
  const file = readSafetensors(bytes)
  const structure = structureOf(configOf(file.metadata['config']), name, escape)
  return floatModelOf(checkCellGrid(structure), file.tensors)
}

/** Its numbers are the structure's, which are checked there: here is seen that they are in lists as they should be. */
function configOf(json: string | undefined): Config {
  if (json === undefined) {
    throw new DdncError({ tag: 'BadSignature', what: "the prototype's weights", found: 'no config in the metadata' })
  }
  const config = parse(json)
  const isList = (name: string): boolean => Array.isArray(config[name])
  const isTable = (name: string): boolean => isList(name) && (config[name] as unknown[]).every(Array.isArray)
  const bad = ['dc', 'dc_k', 'until'].find((name) => !isList(name)) ?? ['ac', 'refine'].find((name) => !isTable(name))
  if (bad === undefined) return config as Config
  const where = `the config's ${bad}`
  throw new DdncError({ tag: 'Corrupt', where, found: bad in config ? 'no such list' : 'missing', allowed: 'a list' })
}

function parse(json: string): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(json)
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>
  } catch {
    // named below
  }
  throw new DdncError({ tag: 'Corrupt', where: 'the config', found: 'no JSON object', allowed: 'a JSON object' })
}

/**
 * Weights in the prototype's names, layouts and units, as the trainer has them, as a model for the float engine.
 * @throws {DdncError} Corrupt if a tensor is missing, has another size or numbers that are not finite
 * @example floatModelOf(structure, readSafetensors(bytes).tensors).model
 */
export function floatModelOf(structure: CellGridStructure, weights: TensorFile['tensors']): FloatModel {
  const tensors = convert(weights, structure)
  return { structure, tensors, model: assembleModel(structure, finitePull(tensors), new Uint8Array(32)) }
}

/** Shifts are 0 here: the quantiser chooses them. */
function structureOf(config: Config, name: string, escape: boolean): CellGridStructure {
  const layer = (
    first: number,
    r: number,
    K: number,
    rank: number,
    channels: number,
    until: number,
    n = 1,
    cells: LayerStructure['cells'] = 'all',
  ) => ({
    first,
    end: first + r,
    K,
    n,
    rank,
    cells,
    escape,
    until,
    block: { hidden: channels / 2, inputShift: 0 },
    headShift: 0,
    priorShift: 1,
  })
  const { c0, c1, dc, dc_k, dc_q, ac, refine, until, post } = config
  let first = 0
  const coarse: GridStructure = {
    channels: c0,
    coefficients: 192,
    layers: [
      ...dc.map((r) => layer((first += r) - r, r, dc_k[0], 8, c0, MAX_LAMBDA_STEP)),
      layer(0, 192, dc_k[1], dc_q, c0, MAX_LAMBDA_STEP),
      layer(0, 192, dc_k[2], dc_q, c0, MAX_LAMBDA_STEP),
    ],
  }
  // ln λ = 1 + s/10 up to which a layer is coded.
  const untilStep = (i: number): number => Math.min(MAX_LAMBDA_STEP, Math.floor((until[i] - 1) * 10 + 1e-6))
  let end = 0
  const bands = ac.map(([r, K, , , rank, n, cells], i) => {
    if (cells !== 'odd') end += r
    return layer(end - r, r, K, rank, c1, untilStep(i), n, cells)
  })
  const fine: GridStructure = {
    channels: c1,
    coefficients: end,
    layers: [...bands, ...refine.map(([r, K, rank], i) => layer(0, r, K, rank, c1, untilStep(ac.length + i)))],
  }
  return {
    name,
    profiles: ['entropy'],
    coarse,
    fine,
    entry: { upChannels: 16, lowShift: 0, upShift: 0 },
    closing: { inputShift: 0 },
    cleanUp: post
      ? { channels: post, trunkShift: 0, pictureShift: 0, block: { hidden: post, inputShift: 0 }, outputShift: 0 }
      : null,
  }
}

function convert(weights: TensorFile['tensors'], structure: CellGridStructure): Map<string, Float32Array> {
  const out = new Map<string, Float32Array>()
  const get = floatsOf(weights)
  const optional = (name: string, length: number): Float32Array =>
    weights.has(name) ? get(name) : new Float32Array(length)

  /** scale turns the prototype's output per input into ours; biasScale its output into ours. */
  const convolution = (
    to: string,
    from: string,
    side: 1 | 3,
    inputs: number,
    scale: number,
    biasScale: number,
  ): void => {
    const weights = get(`${from}.weight`)
    const bias = optional(`${from}.bias`, weights.length / (inputs * side * side))
    putConvolution(out, to, side, weights, inputs, bias, [scale, biasScale])
  }
  /** A linear layer of (ln λ − 5) / 2 = t / 20 and its square, rows from … from + channels. */
  const quadratic = (to: string, from: string, first: number, channels: number): void => {
    const weights = get(`${from}.weight`)
    const bias = get(`${from}.bias`)
    const coefficients = new Float32Array(3 * channels)
    for (let c = 0; c < channels; c++) {
      coefficients[c] = bias[first + c] * 256
      coefficients[channels + c] = (weights[2 * (first + c)] / 20) * 256
      coefficients[2 * channels + c] = (weights[2 * (first + c) + 1] / 400) * 256
    }
    out.set(to, coefficients)
  }
  const grid = ({ channels, layers }: GridStructure, to: string, from: string): void => {
    out.set(`${to}.order`, get(`${from}_ids`))
    layers.forEach(({ first, end, block: { hidden } }, i) => {
      const r = end - first
      const [a, b] = [`${to}.${i}`, `${from}.${i}`]
      quadratic(`${a}.block.lambda`, `${b}.rate`, 0, channels)
      convolution(`${a}.block.hidden`, `${b}.block.a`, 3, channels, 1, 256)
      convolution(`${a}.block.output`, `${b}.block.b`, 1, hidden, 1, 256)
      quadratic(`${a}.headLambda`, `${b}.rate`, channels, channels)
      convolution(`${a}.z`, `${b}.z`, 1, channels, 1, 256)
      convolution(`${a}.meanScale`, `${b}.mean_scale`, 1, channels, 1 / 256, 1)
      const scale = get(`${b}.scale`)
      // Outputs 0 … r − 1: μ times the coefficient's scale, in 1/64; r … 2r − 1: ln σ in 1/256.
      const unit = (o: number): number => (o < r ? 64 * scale[o] : 256)
      out.set(
        `${a}.meanScale.weights`,
        out.get(`${a}.meanScale.weights`)!.map((w, j) => w * unit(Math.floor(j / channels))),
      )
      out.set(
        `${a}.meanScale.bias`,
        out.get(`${a}.meanScale.bias`)!.map((w, o) => w * unit(o)),
      )
      const scaleLambda = new Float32Array(3 * r)
      scaleLambda.set(
        get(`${b}.power`).map((p) => (p * 256) / 20),
        r,
      )
      out.set(`${a}.scaleLambda`, scaleLambda)
      out.set(
        `${a}.scaleBase`,
        scale.map((x) => 256 * Math.log(x)),
      )
      out.set(
        `${a}.u`,
        get(`${b}.nodes`).map((u) => 256 * u),
      )
      out.set(`${a}.priorTable`, get(`${b}.table`))
      out.set(
        `${a}.priorBias`,
        get(`${b}.bias`).map((x) => 256 * x),
      )
      convolution(`${a}.feedback`, `${b}.feedback`, 1, 3 * r, 256, 256)
      // Log features are in 1/1024, u and |u| in 1/128.
      const feedback = out.get(`${a}.feedback.weights`)!
      out.set(
        `${a}.feedback.weights`,
        feedback.map((w, j) => (j % (3 * r) < r ? w / 1024 : w / 128)),
      )
    })
  }
  grid(structure.coarse, 'coarse', 'dc')
  grid(structure.fine, 'fine', 'ac')
  quadratic('coarse.start', 'rate0', 0, structure.coarse.channels)
  quadratic('fine.start', 'rate1', 0, structure.fine.channels)
  convolution('entry.low', 'low', 3, 3, 256 / (8 * 400), 256)
  convolution('entry.up', 'up', 1, structure.coarse.channels, 1, 256)
  convolution('entry.mix', 'mix', 1, structure.entry.upChannels, 1, 256)
  convolution('closing', 'closing', 1, structure.fine.channels, (36 * 64) / 256, 36 * 64)
  if (structure.cleanUp) {
    const { channels, block } = structure.cleanUp
    convolution('cleanUp.fromTrunk', 'p0', 1, structure.fine.channels, 1, 256)
    convolution('cleanUp.fromPicture', 'p1', 3, 12, 256 / (8 * 64), 256)
    convolution('cleanUp.block.hidden', 'pb.a', 3, channels, 1, 256)
    convolution('cleanUp.block.output', 'pb.b', 1, block.hidden, 1, 256)
    convolution('cleanUp.output', 'po', 3, channels, (16 * 8) / 256, 16 * 8)
  }
  return out
}
