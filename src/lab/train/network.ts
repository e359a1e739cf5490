/** The cell-grid network, differentiable, number for number as in prototype/photo (Photo.forward). */
import type { Tensor } from '@tensorflow/tfjs-core'
import { COARSE_LIMIT, FINE_LIMIT, MAX_LAMBDA_STEP } from '../../engine/limits.js'
import type { CellGridStructure, LayerStructure } from '../../network/structure.js'
import { lambdaBias, pointwise, residualBlock, saturate, type Weights } from './blocks.js'
import { addedTo, bandOf, squaredError } from './cells.js'
import { isPlain, type Rates } from './choices.js'
import { runLayer, type Heads } from './layer.js'
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
  /** [batch] a layer: squared error left in its band. */
  left: readonly Tensor[]
  /** [batch] a layer with n > 1: squared error of the inner nodes passed, with a gradient for their u alone. */
  inner: readonly Tensor[]
  /** int32 [r, positions] a layer. */
  paths: readonly Tensor[]
  heads: readonly Heads[]
  /** The bits follow from the structure, so there is no rate to train. */
  isPlain: boolean
}>

/** Coefficients are values in 1/64; the trunks see them, and give them, in other units. */
const UNITS = { value: 64, low: 400, closing: 36, picture: 64, cleanUp: 16 } as const

/**
 * Walks pictures, all with the same layers: those that the smallest λ still codes.
 * @param weights the parameters (parametersOf), by name
 * @param rgb [batch, height, width, 3], 0 … 255, sides multiples of 8
 * @param logLambda one a picture
 * @param paths replayed instead of chosen, one a layer coded, as `Forward.paths`
 * @param balance [r, leaves] a layer: what training adds to the cost of candidates (usage.ts)
 * @param smallest ln λ: of the batch, of which these pictures may be a part
 * @example const { out, bits } = forward(operations, structure, (name) => variables.get(name)!, rgb, [5])
 */
export function forward(
  operations: Operations,
  structure: CellGridStructure,
  weights: Weights,
  rgb: Tensor,
  logLambda: readonly number[],
  {
    paths,
    balance,
    smallest = Math.min(...logLambda),
  }: { paths?: readonly Tensor[] | undefined; balance?: readonly Tensor[] | undefined; smallest?: number } = {},
): Forward {
  const { tf, toRows } = operations
  const [batch, height, width] = rgb.shape
  const [down, across] = [height / 8, width / 8]
  const [coarseDown, coarseAcross] = [Math.ceil(down / 8), Math.ceil(across / 8)]
  const { coarse, fine } = structure
  const t = logLambda.map((x) => (x - 5) / 2)
  const rates: Rates = {
    logLambda: tf.tensor1d([...logLambda]),
    inputs: tf.tensor2d(t.map((x) => [x, x * x])),
    t: tf.tensor1d(t),
    isPlain: isPlain(structure),
  }
  const start = (name: string): Tensor => lambdaBias(operations, weights, name, rates.inputs)
  const steps = 10 * (smallest - 1)
  const taken: Taken = { layerBits: [], left: [], inner: [], paths: [], heads: [] }
  const walk = (name: 'dc' | 'ac', layers: readonly LayerStructure[], limit: number, h: Tensor, target: Tensor) =>
    runGrid(operations, weights, name, layers, limit, { h, target, rates, paths, balance }, taken)

  const opponent = toOpponent(operations, rgb)
  const coefficients = analysed(operations, opponent)
  // The plane of the means of all three colours is a picture that is analysed again.
  const means = tf.concat(
    [0, 64, 128].map((id) => bandOf(operations, coefficients, id, id + 1)),
    0,
  )
  const plane = tf.reshape(tf.transpose(means), [batch, down, across, 3])
  const coarseOrder = idsOf(weights('dc_ids'))
  const coarseTarget = inOrder(
    operations,
    analysed(operations, replicated(operations, plane, coarseDown, coarseAcross)),
    coarseOrder,
  )
  const everywhere = tf.zeros([batch, coarseDown, coarseAcross, coarse.channels])
  const first = tf.add(saturate(operations, start('rate0')), everywhere)
  const coarseEnd = walk('dc', coarse.layers, COARSE_LIMIT / UNITS.value, first, coarseTarget)

  const cropped = (x: Tensor): Tensor => tf.slice(x, [0, 0, 0, 0], [batch, down, across, x.shape[3]!])
  const lowAll = synthesised(operations, outOfOrder(operations, coarseEnd.sum, coarseOrder), {
    batch,
    down: coarseDown,
    across: coarseAcross,
  })
  const low = operations.clamp(cropped(lowAll), FINE_LIMIT / UNITS.value)
  const up = cropped(shuffle(operations, pointwise(operations, weights, 'up', tf.relu(coarseEnd.h)), 8))
  const fromLow = operations.convolve(tf.mul(low, 1 / UNITS.low), weights('low.weight'), weights('low.bias'))
  const entered = tf.add(tf.add(fromLow, pointwise(operations, weights, 'mix', up)), start('rate1'))

  const fineOrder = idsOf(weights('ac_ids'))
  const coded = fine.layers.filter(({ until }) => until >= MAX_LAMBDA_STEP || steps <= until + 1e-4)
  const fineTarget = inOrder(operations, coefficients, fineOrder)
  const fineEnd = walk('ac', coded, FINE_LIMIT / UNITS.value, saturate(operations, entered), fineTarget)

  const rest = tf.mul(toRows(tf.relu(fineEnd.h), weights('closing.weight'), weights('closing.bias')), UNITS.closing)
  const lowRows = tf.transpose(tf.reshape(low, [batch * down * across, 3]))
  const sum = outOfOrder(operations, tf.concat([lowRows, fineEnd.sum], 0), [...MEANS, ...fineOrder])
  const all = operations.clamp(tf.add(sum, rest), FINE_LIMIT / UNITS.value)
  const linearPlanes = synthesised(operations, all, { batch, down, across })
  const out = structure.cleanUp ? cleanedUp(operations, weights, linearPlanes, fineEnd.h) : linearPlanes
  const bits = taken.layerBits.reduce((a, b) => tf.add(a, b))
  return { opponent, out, linear: linearPlanes, logLambda: rates.logLambda, bits, ...taken, isPlain: rates.isPlain }
}

type Taken = { layerBits: Tensor[]; left: Tensor[]; inner: Tensor[]; paths: Tensor[]; heads: Heads[] }

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
  const batch = from.h.shape[0]
  let h = from.h
  let sum: Tensor = tf.zeros(target.shape)
  layers.forEach((layer, i) => {
    const band = (rows: Tensor): Tensor => bandOf(operations, rows, layer.first, layer.end)
    const wanted = band(target)
    const chosen = runLayer(operations, weights, `${grid}.${i}`, layer, {
      h,
      target: tf.sub(wanted, band(sum)),
      rates,
      limit,
      path: paths?.[taken.paths.length],
      balance: balance?.[taken.paths.length],
    })
    h = chosen.heads.h
    sum = addedTo(operations, sum, chosen.value, layer, limit)
    taken.left.push(squaredError(operations, band(sum), wanted, batch))
    if (chosen.inner) taken.inner.push(chosen.inner)
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
  const noShift = tf.zeros([linear.shape[0], 1, 1, entered.shape[3]!])
  const cleaned = tf.relu(residualBlock(operations, weights, 'pb', entered, noShift))
  const correction = shuffle(operations, convolve(cleaned, weights('po.weight'), weights('po.bias')), 2)
  return tf.add(linear, tf.mul(correction, UNITS.cleanUp))
}

const MEANS = [0, 64, 128]

const idsOf = (ids: Tensor): number[] => Array.from(ids.dataSync())

/** Rows by id → those of a grid, in walk order. Not differentiable: of targets. */
const inOrder = ({ tf, entries }: Operations, coefficients: Tensor, ids: readonly number[]): Tensor =>
  entries(coefficients, tf.tensor1d([...ids], 'int32'))

/** The inverse of `inOrder`, 0 for what the grid has not. */
function outOfOrder({ tf, reorder }: Operations, rows: Tensor, ids: readonly number[]): Tensor {
  const all = [...ids, ...Array.from({ length: 192 }, (_, id) => id).filter((id) => !ids.includes(id))]
  const padded = tf.pad(rows, [
    [0, 192 - ids.length],
    [0, 0],
  ])
  return reorder(
    padded,
    all.map((_, id) => all.indexOf(id)),
  )
}

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
