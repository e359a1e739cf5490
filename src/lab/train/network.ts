/** The cell-grid network, differentiable, number for number as in prototype/photo (Photo.forward). */
import type { Tensor } from '@tensorflow/tfjs-core'
import { COARSE_LIMIT, FINE_LIMIT, MAX_LAMBDA_STEP } from '../../engine/limits.js'
import type { LayerStructure, Structure } from '../../network/structure.js'
import { isPlain, type Rates } from './choices.js'
import { pointwise, residualBlock, runLayer, saturate, type Heads, type Weights } from './layer.js'
import type { Operations } from './operations.js'
import { analysed, shuffle, synthesised, toOpponent, unshuffle } from './transforms.js'

export type Forward = Readonly<{
  /** [batch, height, width, 3] opponent planes: the pictures, their reconstruction, and it without the clean-up. */
  opponent: Tensor
  out: Tensor
  linear: Tensor
  /** [batch] */
  logLambda: Tensor
  /** [batch]: of all layers. */
  bits: Tensor
  /** [batch] a layer, coarse first. */
  layerBits: readonly Tensor[]
  /** [batch] a layer: squared error left in its band, with that of the inner nodes passed. */
  left: readonly Tensor[]
  /** int32 [r, positions] a layer. */
  paths: readonly Tensor[]
  heads: readonly Heads[]
  /** The bits follow from the structure, so there is no rate to train. */
  isPlain: boolean
}>

/** Coefficients are values in 1/64; the trunks see them, and give them, in other units. */
const UNITS = { value: 64, low: 400, closing: 36, picture: 64, cleanUp: 16 } as const

/**
 * Walks pictures, all with the same layers: those that the smallest λ of the batch still codes.
 * @param weights the parameters (parametersOf), by name
 * @param rgb [batch, height, width, 3], 0 … 255, sides multiples of 8
 * @param logLambda one a picture
 * @param paths replayed instead of chosen, one a layer coded, as `Forward.paths`
 * @param balance [r, leaves] a layer: what training adds to the cost of candidates (usage.ts)
 * @example const { out, bits } = forward(operations, structure, (name) => variables.get(name)!, rgb, [5])
 */
export function forward(
  operations: Operations,
  structure: Structure,
  weights: Weights,
  rgb: Tensor,
  logLambda: readonly number[],
  paths?: readonly Tensor[],
  balance?: readonly Tensor[],
): Forward {
  const { tf, linear, reorder } = operations
  const [batch, height, width] = rgb.shape
  const [down, across] = [height / 8, width / 8]
  const [coarseDown, coarseAcross] = [Math.ceil(down / 8), Math.ceil(across / 8)]
  const { coarse, fine } = structure
  const t = logLambda.map((x) => (x - 5) / 2)
  const rates: Rates = {
    logLambda: tf.tensor1d([...logLambda]),
    inputs: tf.tensor2d(t.map((x) => [x, x * x])),
    isPlain: isPlain(structure),
  }
  const start = (name: string, channels: number): Tensor =>
    tf.reshape(linear(rates.inputs, weights(`${name}.weight`), weights(`${name}.bias`)), [batch, 1, 1, channels])
  const steps = 10 * (Math.min(...logLambda) - 1)
  const taken: Taken = { layerBits: [], left: [], paths: [], heads: [] }
  const walk = (name: 'dc' | 'ac', layers: readonly LayerStructure[], limit: number, h: Tensor, target: Tensor) =>
    runGrid(operations, weights, name, layers, limit, { h, target, rates, paths, balance }, taken)

  const opponent = toOpponent(operations, rgb)
  const coefficients = analysed(operations, opponent)
  const means = reorder(coefficients, MEANS_FIRST)
  const coarseOrder = idsOf(weights('dc_ids'))
  const plane = replicated(
    operations,
    tf.slice(means, [0, 0, 0, 0], [batch, down, across, 3]),
    coarseDown,
    coarseAcross,
  )
  const coarseTarget = inOrder(operations, analysed(operations, plane), coarseOrder)
  const everywhere = tf.zeros([batch, coarseDown, coarseAcross, coarse.channels])
  const first = tf.add(saturate(operations, start('rate0', coarse.channels)), everywhere)
  const coarseEnd = walk('dc', coarse.layers, COARSE_LIMIT / UNITS.value, first, coarseTarget)

  const cropped = (x: Tensor): Tensor => tf.slice(x, [0, 0, 0, 0], [batch, down, across, x.shape[3]!])
  const lowAll = synthesised(operations, outOfOrder(operations, coarseEnd.sum, coarseOrder))
  const low = tf.clipByValue(cropped(lowAll), -FINE_LIMIT / UNITS.value, FINE_LIMIT / UNITS.value)
  const up = cropped(shuffle(operations, pointwise(operations, weights, 'up', tf.relu(coarseEnd.h)), 8))
  const fromLow = operations.convolve(tf.mul(low, 1 / UNITS.low), weights('low.weight'), weights('low.bias'))
  const entered = tf.add(tf.add(fromLow, pointwise(operations, weights, 'mix', up)), start('rate1', fine.channels))

  const fineOrder = idsOf(weights('ac_ids'))
  const coded = fine.layers.filter(({ until }) => until >= MAX_LAMBDA_STEP || steps <= until + 1e-4)
  const fineTarget = inOrder(operations, coefficients, fineOrder)
  const fineEnd = walk('ac', coded, FINE_LIMIT / UNITS.value, saturate(operations, entered), fineTarget)

  const rest = tf.mul(pointwise(operations, weights, 'closing', tf.relu(fineEnd.h)), UNITS.closing)
  const sum = tf.add(outOfOrder(operations, fineEnd.sum, fineOrder), rest)
  const lowInPlace = reorder(tf.pad(low, paddingOf(4, 0, 189)), inverseOf(MEANS_FIRST))
  const all = tf.clipByValue(tf.add(sum, lowInPlace), -FINE_LIMIT / UNITS.value, FINE_LIMIT / UNITS.value)
  const linearPlanes = synthesised(operations, all)
  const out = structure.cleanUp ? cleanedUp(operations, weights, linearPlanes, fineEnd.h) : linearPlanes
  const bits = taken.layerBits.reduce((a, b) => tf.add(a, b))
  return { opponent, out, linear: linearPlanes, logLambda: rates.logLambda, bits, ...taken, isPlain: rates.isPlain }
}

type Taken = { layerBits: Tensor[]; left: Tensor[]; paths: Tensor[]; heads: Heads[] }

type Walked = Readonly<{
  h: Tensor
  target: Tensor
  rates: Rates
  paths: readonly Tensor[] | undefined
  balance: readonly Tensor[] | undefined
}>

/** Layers of one grid, one after another, each on what the others left. */
function runGrid(
  operations: Operations,
  weights: Weights,
  grid: 'dc' | 'ac',
  layers: readonly LayerStructure[],
  limit: number,
  { target, rates, paths, balance, ...from }: Walked,
  taken: Taken,
): { h: Tensor; sum: Tensor } {
  const { tf } = operations
  const coefficients = target.shape[3]!
  let h = from.h
  let sum: Tensor = tf.zeros(target.shape)
  layers.forEach((layer, i) => {
    const { first, end } = layer
    const band = (x: Tensor): Tensor => tf.slice(x, [0, 0, 0, first], [...x.shape.slice(0, 3), end - first])
    const chosen = runLayer(operations, weights, `${grid}.${i}`, layer, {
      h,
      target: band(tf.sub(target, sum)),
      rates,
      limit,
      path: paths?.[taken.paths.length],
      balance: balance?.[taken.paths.length],
    })
    h = chosen.heads.h
    sum = tf.clipByValue(tf.add(sum, tf.pad(chosen.value, paddingOf(4, first, coefficients - end))), -limit, limit)
    const left = energy(operations, band(tf.sub(target, sum)))
    taken.left.push(chosen.inner ? tf.add(left, chosen.inner) : left)
    taken.layerBits.push(chosen.bits)
    taken.paths.push(chosen.path)
    taken.heads.push(chosen.heads)
  })
  return { h, sum }
}

/** The half-resolution network after synthesis (SPEC 7.5). */
function cleanedUp(operations: Operations, weights: Weights, linear: Tensor, h: Tensor): Tensor {
  const { tf, convolve } = operations
  const picture = unshuffle(operations, tf.mul(linear, 1 / UNITS.picture), 2)
  const fromPicture = convolve(picture, weights('p1.weight'), weights('p1.bias'))
  const fromTrunk = shuffle(operations, pointwise(operations, weights, 'p0', tf.relu(h)), 4)
  const entered = saturate(operations, tf.add(fromPicture, fromTrunk))
  const cleaned = tf.relu(residualBlock(operations, weights, 'pb', entered))
  const correction = shuffle(operations, convolve(cleaned, weights('po.weight'), weights('po.bias')), 2)
  return tf.add(linear, tf.mul(correction, UNITS.cleanUp))
}

/** Sum of squares of each picture, [batch]; axis by axis, since wasm adds large tensors imprecisely. */
export function energy({ tf }: Operations, x: Tensor): Tensor {
  return tf.sum(tf.sum(tf.sum(tf.square(x), 3), 2), 1)
}

/** The means of the three planes, then everything else. */
const MEANS_FIRST = [0, 64, 128, ...Array.from({ length: 192 }, (_, i) => i).filter((i) => i % 64 > 0)]

const inverseOf = (order: readonly number[]): number[] => order.map((_, i) => order.indexOf(i))

const idsOf = (ids: Tensor): number[] => Array.from(ids.dataSync())

/** A permutation of all 192 that begins with these. */
const completed = (ids: readonly number[]): number[] => [...ids, ...MEANS_FIRST.filter((id) => !ids.includes(id))]

/** Coefficients by id → those of a grid, in walk order. */
function inOrder({ tf, reorder }: Operations, coefficients: Tensor, ids: readonly number[]): Tensor {
  const [batch, down, across] = coefficients.shape
  return tf.slice(reorder(coefficients, completed(ids)), [0, 0, 0, 0], [batch, down, across, ids.length])
}

/** The inverse of `inOrder`, 0 for what the grid has not. */
const outOfOrder = ({ tf, reorder }: Operations, sum: Tensor, ids: readonly number[]): Tensor =>
  reorder(tf.pad(sum, paddingOf(4, 0, 192 - ids.length)), inverseOf(completed(ids)))

/** Of the last axis alone. */
const paddingOf = (rank: number, before: number, after: number): [number, number][] =>
  Array.from({ length: rank }, (_, axis) => (axis === rank - 1 ? [before, after] : [0, 0]))

/** The last row and column repeated up to whole blocks. Not differentiable. */
function replicated({ tf }: Operations, plane: Tensor, coarseDown: number, coarseAcross: number): Tensor {
  const [, down, across] = plane.shape
  const upTo = (length: number, side: number) =>
    tf.tensor1d(
      Array.from({ length }, (_, i) => Math.min(i, side - 1)),
      'int32',
    )
  return tf.gather(tf.gather(plane, upTo(8 * coarseDown, down), 1), upTo(8 * coarseAcross, across), 2)
}
